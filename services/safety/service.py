"""The safety service, wired."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Clause, Scan, Service
from services.safety.routes import ROUTES
from services.safety.scans import scan_days, scan_late_steps
from services.safety.tables import metadata

service = Service(
    name="safety",
    standard=4,
    routes=ROUTES,
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce",),
    scans=(Scan("days", scan_days), Scan("late_steps", scan_late_steps)),
    clauses=(
        Clause("4.2", by="measure", with_="safety.no_detriment"),
        Clause("4.3", by="workflow", with_="concerns by name, in confidence and without a name; follow-ups"),
        Clause("4.4", by="workflow", with_="concerns: acknowledged, assessed, answered, passed on when late"),
    ),
)
