"""The supervision service, wired."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Clause, Scan, Service
from contracts.workforce import AbsenceRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.supervision import tables
from services.supervision.commands.subjects import RECORDS
from services.supervision.reactions import (
    on_absence_recorded,
    on_worker_left,
    on_worker_recorded,
    project_absence,
    project_leaver,
    project_worker,
)
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
    projectors={
        WorkerRecordedV1: project_worker,
        WorkerLeftV1: project_leaver,
        AbsenceRecordedV1: project_absence,
    },
    subjects=RECORDS,
    clauses=(
        Clause("5.2", by="workflow", with_="reflective sessions, and agreed actions carried to the next session"),
        Clause("5.3", by="measure", with_="currency of supervisors' training: GET /v1/supervision/supervisors"),
        Clause("5.4", by="workflow", with_="agreements, and who is due or overdue in a team"),
        Clause("5.5", by="measure", with_="supervision.professional_on_time"),
        Clause("5.6", by="measure", with_="supervision.on_time"),
        Clause("5.7", by="measure", with_="supervision.on_time"),
        Clause("5.8", by="measure", with_="supervision.sessions_to_standard"),
        Clause("5.9", by="measure", with_="supervision.missed_periods, supervision.quality_by_worker"),
    ),
)
