"""The cpd service, wired."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Clause, Scan, Service
from contracts.workforce import WorkerLeftV1, WorkerRecordedV1
from services.cpd.reactions import on_worker_left, on_worker_recorded, project_leaver, project_worker
from services.cpd.routes import ROUTES
from services.cpd.scans import scan_balances, scan_reviews
from services.cpd.tables import metadata

service = Service(
    name="cpd",
    standard=6,
    routes=ROUTES,
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce",),
    reactions={WorkerRecordedV1: on_worker_recorded, WorkerLeftV1: on_worker_left},
    scans=(Scan("balances", scan_balances), Scan("reviews", scan_reviews)),
    projections=("workers",),
    projectors={WorkerRecordedV1: project_worker, WorkerLeftV1: project_leaver},
    clauses=(
        Clause("6.1", by="workflow", with_="learning log, readiness of the registration year, mandatory training"),
    ),
)
