"""The registration service, wired."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Clause, Scan, Service
from contracts.cpd import ReadinessChangedV1
from contracts.workforce import PostRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.registration.commands.subjects import RECORDS
from services.registration.reactions import (
    fold_cpd_readiness,
    fold_post_recorded,
    fold_worker_left,
    fold_worker_recorded,
    on_post_recorded,
    on_worker_recorded,
    settle_batch,
)
from services.registration.routes import ROUTES
from services.registration.scans import scan_days
from services.registration.tables import metadata

service = Service(
    name="registration",
    standard=7,
    routes=ROUTES,
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce", "cpd"),
    reactions={
        WorkerRecordedV1: on_worker_recorded,
        WorkerLeftV1: fold_worker_left,
        PostRecordedV1: on_post_recorded,
        ReadinessChangedV1: fold_cpd_readiness,
    },
    react_all=settle_batch,
    scans=(Scan("days", scan_days),),
    projections=("workers", "posts", "cpd_readings"),
    projectors={
        WorkerRecordedV1: fold_worker_recorded,
        WorkerLeftV1: fold_worker_left,
        PostRecordedV1: fold_post_recorded,
        ReadinessChangedV1: fold_cpd_readiness,
    },
    subjects=RECORDS,
    clauses=(
        Clause("7.1", by="measure", with_="registration.registered_posts"),
        Clause("7.2", by="measure", with_="registration.renewal_ready"),
        Clause("7.3", by="workflow", with_="register checks, and the log of co-operation with the regulator"),
        Clause(
            "7.4",
            by="workflow",
            with_="referrals: the decision, what was sent, steps, requests with deadlines, outcome",
        ),
    ),
)
