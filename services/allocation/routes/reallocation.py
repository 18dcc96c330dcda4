"""Cases that have to find another worker, over HTTP."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from chassis.pages import Page
from chassis.permissions import AUTHORITY, UNIT, Allow
from chassis.routing import Caller, Read, Routes
from contracts.allocation import Priority
from services.allocation.queries.registrations import list_cases_to_reallocate

routes = Routes("allocation")


class CaseToReallocateOut(BaseModel):
    """A case, and the worker who may not hold it any longer."""

    source: str
    reference: str
    case_type: str
    complexity: str
    org_unit_id: UUID
    priority: Priority
    worker_id: UUID
    allocated_on: date


@routes.get(
    "/to-reallocate",
    allow=Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY),
)
async def get_to_reallocate(tx: Read, caller: Caller, org_unit_id: UUID | None = None) -> Page[CaseToReallocateOut]:
    """Open cases whose worker is not registered for a designated post (clause 7.1), most urgent first.

    They stay with the worker until a manager gives them to somebody else: a case is never left with nobody unseen.
    """
    bound = await caller.bound(tx, org_unit_id)
    rows = await list_cases_to_reallocate(tx, org_unit_id, bound)
    return Page(items=[CaseToReallocateOut.model_validate(row) for row in rows])
