"""The feedback service, wired."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from chassis.service import Clause, Scan, Service
from services.feedback.commands.subjects import RECORDS
from services.feedback.routes import ROUTES
from services.feedback.scans.days import scan_campaigns, scan_overdue_actions
from services.feedback.scans.mailroom import Mailroom
from services.feedback.tables import metadata

mailroom = Mailroom()


async def open_doors(app: FastAPI) -> None:
    """Learn under which address people reach this service, and how to write to them, when it starts."""
    app.state.public_url = mailroom.open(app.state.database).public_url.rstrip("/")


service = Service(
    name="feedback",
    standard=1,
    routes=ROUTES,
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce",),
    scans=(
        Scan("campaigns", scan_campaigns),
        Scan("overdue_actions", scan_overdue_actions),
        Scan("tellings", mailroom.send_due),
    ),
    on_start=open_doors,
    subjects=RECORDS,
    clauses=(
        Clause(
            "1.2", by="workflow", with_="questionnaires and campaigns by link, single-use link, paper, kiosk and tool"
        ),
        Clause("1.3", by="workflow", with_="results, themes, actions with owner and day, and what was done told back"),
    ),
)
