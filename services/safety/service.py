"""The safety service, wired."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from chassis.service import Clause, Scan, Service
from services.safety.commands.case_keys import CaseKeySettings
from services.safety.commands.subjects import RECORDS
from services.safety.routes import ROUTES
from services.safety.scans import scan_days, scan_late_steps, scan_missed_check_ins
from services.safety.tables import metadata


async def keep_case_key_secret(app: FastAPI) -> None:
    """Read the secret of case keys when the service starts."""
    app.state.case_key_secret = CaseKeySettings().case_key_secret.get_secret_value()


service = Service(
    name="safety",
    standard=4,
    routes=ROUTES,
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce",),
    scans=(
        Scan("days", scan_days),
        Scan("late_steps", scan_late_steps),
        Scan("missed_check_ins", scan_missed_check_ins, every_s=2),
    ),
    on_start=keep_case_key_secret,
    subjects=RECORDS,
    clauses=(
        Clause("4.1", by="workflow", with_="provision checks of rooms and their safety, with evidence"),
        Clause("4.2", by="measure", with_="safety.no_detriment"),
        Clause("4.3", by="workflow", with_="concerns by name, in confidence and without a name; follow-ups"),
        Clause("4.4", by="workflow", with_="concerns: acknowledged, assessed, answered, passed on when late"),
        Clause("4.5", by="workflow", with_="incidents, protective measures, reporting by law, lone visits, markers"),
        Clause("4.6", by="attestation", with_="attestations of welfare services"),
        Clause("4.7", by="workflow", with_="provision checks and requests with their age"),
        Clause("4.8", by="attestation", with_="attestations of legal advisers, translators and interpreters"),
        Clause("4.9", by="attestation", with_="attestations of administrative support"),
    ),
)
