"""Accountability, wired: it hears every topic, its own included, so that its log is whole."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from chassis.service import Clause, Scan, Service
from contracts import EVENT_TYPES
from services.accountability.commands.rebuild import PROJECTIONS, rebuild
from services.accountability.commands.subjects import RECORDS
from services.accountability.reactions import react_all
from services.accountability.routes import ROUTES
from services.accountability.scans.alerts import scan_line, scan_overdue
from services.accountability.scans.mailroom import Mailroom
from services.accountability.tables import metadata

mailroom = Mailroom()


async def open_mailroom(app: FastAPI) -> None:
    """Let the mailroom ask workforce for addresses, once the service runs."""
    mailroom.open(app.state.clients, app.state.database)


service = Service(
    name="accountability",
    standard=1,
    routes=ROUTES,
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=tuple(sorted({event.service() for event in EVENT_TYPES.values()})),
    react_all=react_all,
    scans=(
        Scan("overdue_alerts", scan_overdue),
        Scan("line_of_accountability", scan_line, every_s=30),
        Scan("notifications", mailroom.send_due),
    ),
    on_start=open_mailroom,
    projections=PROJECTIONS,
    rebuild=rebuild,
    subjects=RECORDS,
    clauses=(
        Clause("1.1", by="measure", with_="the catalogue of measures"),
        Clause("1.4", by="workflow", with_="the line of accountability"),
        Clause("1.5", by="workflow", with_="the principal social worker's place on the line"),
        Clause("3.4", by="measure", with_="workload.utilisation"),
        Clause("5.1", by="measure", with_="supervision.on_time"),
    ),
)
