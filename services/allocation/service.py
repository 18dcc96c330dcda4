"""The allocation service: what it serves, keeps, listens to and does by itself."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from chassis.service import Clause, Reaction, Scan, Service
from contracts import Event
from contracts.cpd import AssessedYearAgreedV1, AssessedYearEndedV1, ProtectedTimeChangedV1
from contracts.registration import PostJudgedV1
from contracts.safety import CaseMarkedV1
from contracts.supervision import CadenceChangedV1
from contracts.workforce import AbsenceRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.allocation.commands.case_keys import CaseKeySettings, load_case_keys
from services.allocation.commands.subjects import RECORDS
from services.allocation.reactions import (
    on_absence_recorded,
    on_assessed_year_agreed,
    on_assessed_year_ended,
    on_cadence_changed,
    on_case_marked,
    on_post_judged,
    on_protected_time_changed,
    on_worker_left,
    on_worker_recorded,
    settle_batch,
)
from services.allocation.routes.cases import routes as cases
from services.allocation.routes.contingency import routes as contingency
from services.allocation.routes.policies import routes as policies
from services.allocation.routes.reallocation import routes as reallocation
from services.allocation.routes.units import routes as units
from services.allocation.routes.workers import routes as workers
from services.allocation.scans import scan_due_workers, scan_weekly_readings
from services.allocation.tables import metadata


async def _load_case_keys(app: FastAPI) -> None:
    given = CaseKeySettings().case_key_secret.get_secret_value()
    async with app.state.database.transaction() as tx:
        app.state.case_keys = await load_case_keys(tx, given)


KEEPING_FACTS: dict[type[Event], Reaction] = {
    WorkerRecordedV1: on_worker_recorded,
    WorkerLeftV1: on_worker_left,
    AbsenceRecordedV1: on_absence_recorded,
    CadenceChangedV1: on_cadence_changed,
    ProtectedTimeChangedV1: on_protected_time_changed,
    AssessedYearAgreedV1: on_assessed_year_agreed,
    AssessedYearEndedV1: on_assessed_year_ended,
    PostJudgedV1: on_post_judged,
    CaseMarkedV1: on_case_marked,
}

service = Service(
    name="allocation",
    standard=3,
    routes=(policies, cases, workers, units, contingency, reallocation),
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("workforce", "supervision", "registration", "cpd", "safety"),
    reactions=KEEPING_FACTS,
    react_all=settle_batch,
    scans=(Scan("due_workers", scan_due_workers), Scan("weekly_readings", scan_weekly_readings, every_s=30.0)),
    projections=(
        "workers",
        "worker_facts",
        "cadences",
        "absences",
        "registrations",
        "case_marks",
        "protected_times",
        "assessed_years",
    ),
    projectors=KEEPING_FACTS,
    subjects=RECORDS,
    clauses=(
        Clause("3.1", by="workflow", with_="policy, allocation with preview and reasons, recommendation, waiting list"),
        Clause("3.2", by="measure", with_="workload.utilisation"),
        Clause("3.3", by="workflow", with_="overload, override with a reason, contingency plans"),
    ),
    on_start=_load_case_keys,
)
