"""The supervision service, wired."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Clause, Scan, Service
from contracts.workforce import AbsenceRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.supervision import tables
from services.supervision.reactions import on_absence_recorded, on_worker_left, on_worker_recorded
from services.supervision.routes import oversight, periods, policy, sessions
from services.supervision.scans import scan_ended_periods

service = Service(
    name="supervision",
    standard=5,
    routes=(sessions.routes, periods.routes, oversight.routes, policy.routes),
    tables=tables.metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce",),
    reactions={
        WorkerRecordedV1: on_worker_recorded,
        WorkerLeftV1: on_worker_left,
        AbsenceRecordedV1: on_absence_recorded,
    },
    scans=(Scan("ended_periods", scan_ended_periods, every_s=5),),
    projections=("workers", "worker_facts", "absences"),
    clauses=(
        Clause("5.2", by="workflow", with_="actions agreed in a session and carried to the next"),
        Clause("5.3", by="measure", with_="currency of supervisors' training"),
        Clause("5.4", by="workflow", with_="agreements, and who is due in a team"),
        Clause("5.5", by="measure", with_="supervision.on_time, stream professional"),
        Clause("5.6", by="measure", with_="supervision.on_time"),
        Clause("5.7", by="measure", with_="supervision.on_time"),
        Clause("5.8", by="measure", with_="sessions that qualify"),
        Clause("5.9", by="measure", with_="supervision.on_time, quality ratings"),
    ),
)
