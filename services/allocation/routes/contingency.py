"""Contingency over HTTP: whether demand exceeds capacity, and what a unit does about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.numbers import Number
from chassis.pages import Page
from chassis.routing import Caller, Read, Routes, Write
from services.allocation.commands import contingency as commands
from services.allocation.queries.contingency import list_plans, read_demand
from services.allocation.routes.permissions import ALLOCATES, SEES_UNITS
from services.allocation.routes.shapes import Day, In, Words
from services.allocation.rules.contingency import PlanStatus, Step
from services.allocation.rules.exact import as_decimal

routes = Routes("allocation")


class DemandOut(BaseModel):
    """Demand and capacity of a unit and below, in points."""

    org_unit_id: UUID
    held_points: Number
    waiting_points: Number
    capacity_points: Number = Field(description="what everyone may carry together within the limit")
    gap_points: Number = Field(description="by how much demand exceeds capacity; 0 while it does not")
    demand_exceeds_capacity: bool
    unweighed_cases: int = Field(description="waiting cases for which the policy has no weight")
    plans: list[PlanOut]


class PlanIn(In):
    """What the unit will do, who sees to it, and when it looks again."""

    worker_id: UUID | None = Field(None, description="when the plan is about one overloaded worker")
    owner_id: UUID
    review_on: Day
    steps: Annotated[list[Step], Field(min_length=1, max_length=5)]
    plan: Words


class ReviewIn(In):
    """What the plan says from now on, and when it is looked at next."""

    review_on: Day
    plan: Words


class PlanOut(BaseModel):
    """A plan with its status today."""

    plan_id: UUID
    org_unit_id: UUID
    worker_id: UUID | None
    owner_id: UUID
    agreed_on: date
    review_on: date
    ended_on: date | None
    steps: list[Step]
    plan: str | None
    status: PlanStatus


@routes.get("/org-units/{org_unit_id}/contingency", allow=SEES_UNITS)
async def get_contingency(org_unit_id: UUID, tx: Read, caller: Caller) -> DemandOut:
    """Whether what is held and what waits exceeds what the unit's people may carry, and the plans that are not ended."""
    await caller.reach_unit(tx, org_unit_id)
    demand = await read_demand(tx, org_unit_id, tx.today)
    plans = [row for row in await list_plans(tx, org_unit_id) if row["status"] != "ended"]
    return DemandOut(
        org_unit_id=org_unit_id,
        held_points=as_decimal(demand.held),
        waiting_points=as_decimal(demand.waiting),
        capacity_points=as_decimal(demand.capacity),
        gap_points=as_decimal(demand.gap),
        demand_exceeds_capacity=demand.exceeds,
        unweighed_cases=demand.unweighed_cases,
        plans=[PlanOut.model_validate(row) for row in plans],
    )


@routes.post("/org-units/{org_unit_id}/contingency-plans", status_code=201, allow=ALLOCATES)
async def post_plan(org_unit_id: UUID, body: PlanIn, tx: Write, caller: Caller) -> PlanOut:
    """Agree on a plan: work removed or deferred, support added, people recruited or moved, leaders told."""
    await caller.reach_unit(tx, org_unit_id)
    given: dict[str, Any] = body.model_dump(exclude={"plan"}) | {"words": body.plan}
    return PlanOut.model_validate(await commands.agree_plan(tx, commands.AgreePlan(org_unit_id, **given)))


@routes.get("/org-units/{org_unit_id}/contingency-plans", allow=SEES_UNITS)
async def get_plans(org_unit_id: UUID, tx: Read, caller: Caller) -> Page[PlanOut]:
    """The plans of a unit and below, ended ones included."""
    await caller.reach_unit(tx, org_unit_id)
    return Page(items=[PlanOut.model_validate(row) for row in await list_plans(tx, org_unit_id)])


@routes.post("/org-units/{org_unit_id}/contingency-plans/{plan_id}/review", allow=ALLOCATES)
async def post_review(org_unit_id: UUID, plan_id: UUID, body: ReviewIn, tx: Write, caller: Caller) -> PlanOut:
    """Look at a plan again."""
    await caller.reach_unit(tx, org_unit_id)
    return PlanOut.model_validate(await commands.review_plan(tx, org_unit_id, plan_id, body.review_on, body.plan))


@routes.post("/org-units/{org_unit_id}/contingency-plans/{plan_id}/end", allow=ALLOCATES)
async def post_end(org_unit_id: UUID, plan_id: UUID, tx: Write, caller: Caller) -> PlanOut:
    """End a plan from today on."""
    await caller.reach_unit(tx, org_unit_id)
    return PlanOut.model_validate(await commands.end_plan(tx, org_unit_id, plan_id))
