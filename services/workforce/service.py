"""The workforce service: what it serves, keeps, listens to and does by itself."""

from __future__ import annotations

from pathlib import Path

from chassis.service import Clause, Reaction, Scan, Service
from contracts import Event
from contracts.allocation import CaseAllocatedV1, CaseChangedV1, CaseClosedV1
from contracts.registration import PostJudgedV1
from services.workforce.commands.subjects import RECORDS
from services.workforce.reactions import on_case_allocated, on_case_changed, on_case_closed, on_post_judged
from services.workforce.routes.absences import routes as absences
from services.workforce.routes.people import routes as people
from services.workforce.routes.planning import routes as planning
from services.workforce.routes.units import routes as units
from services.workforce.scans import scan_leavers
from services.workforce.tables import metadata

KEEPING_FACTS: dict[type[Event], Reaction] = {
    CaseAllocatedV1: on_case_allocated,
    CaseChangedV1: on_case_changed,
    CaseClosedV1: on_case_closed,
    PostJudgedV1: on_post_judged,
}

service = Service(
    name="workforce",
    standard=2,
    routes=(units, people, absences, planning),
    tables=metadata,
    migrations=Path(__file__).parent / "migrations",
    listens_to=("allocation", "registration"),
    reactions=KEEPING_FACTS,
    scans=(Scan("leavers", scan_leavers),),
    projections=("case_holdings", "registrations"),
    projectors=KEEPING_FACTS,
    subjects=RECORDS,
    clauses=(
        Clause("1.4", by="workflow", with_="accountable people of org units, with dates"),
        Clause("2.1", by="measure", with_="vacancy, agency, turnover, average caseload and absence rates"),
    ),
    keeps_directory=False,
)
