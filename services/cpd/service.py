"""The cpd service, wired."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Clause, Scan, Service
from contracts.workforce import WorkerLeftV1, WorkerRecordedV1
from services.cpd.commands.attachment_store import store
from services.cpd.commands.subjects import RECORDS
from services.cpd.reactions import on_worker_left, on_worker_recorded, project_leaver, project_worker
from services.cpd.routes import ROUTES
from services.cpd.scans import scan_balances, scan_files, scan_reviews
from services.cpd.tables import metadata

service = Service(
    name="cpd",
    standard=6,
    routes=ROUTES,
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce",),
    reactions={WorkerRecordedV1: on_worker_recorded, WorkerLeftV1: on_worker_left},
    scans=(Scan("balances", scan_balances), Scan("reviews", scan_reviews), Scan("files", scan_files, every_s=600)),
    on_start=store.open,
    projections=("workers",),
    projectors={WorkerRecordedV1: project_worker, WorkerLeftV1: project_leaver},
    subjects=RECORDS,
    clauses=(
        Clause("1.10", by="workflow", with_="career plans: stage, aspirations, steps and their progress"),
        Clause("1.11", by="attestation", with_="a named person's statement with evidence: POST /v1/cpd/attestations"),
        Clause("6.1", by="measure", with_="cpd.hours_taken, and time refused for the work; learning log, training"),
        Clause("6.2", by="measure", with_="cpd.hours_taken of an entitlement by role and stage that everyone can read"),
        Clause("6.3", by="workflow", with_="stages of the national structure, aspirations, plan and progress"),
        Clause("6.4", by="workflow", with_="assessed year with cpd.reviews_on_time; induction checklist"),
        Clause(
            "6.5", by="attestation", with_="a named person's statement with evidence; library of research and guidance"
        ),
        Clause("6.6", by="attestation", with_="a named person's statement with evidence: POST /v1/cpd/attestations"),
        Clause("8.8", by="workflow", with_="assessor, protected time, reviews, panel: cpd.assessed_years_passed"),
    ),
)
