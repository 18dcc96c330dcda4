"""Entitlement and requests for time and money over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import In
from chassis.numbers import Number, half_up
from chassis.pages import Cursor, Limit, Page, cut, decode_cursor, encode_cursor
from chassis.problems import BadRequest, RuleBroken
from chassis.routing import Caller, Read, Routes, Write
from services.cpd.commands.entitlements import set_entitlement
from services.cpd.commands.time_requests import AskForTime, DecideOnTime, ask_for_time, decide_on_time
from services.cpd.queries.time import Year, list_entitlements, list_requests, read_time
from services.cpd.queries.workers import Known, get_worker, list_members
from services.cpd.routes.shapes import (
    DECIDERS,
    LEARNERS,
    OVERSEERS,
    READERS,
    SETTERS,
    Day,
    Hours,
    Money,
    Title,
    Words,
)
from services.cpd.routes.training import Stage
from services.cpd.rules.entitlement import REPEATEDLY, Cause, Entitlement, Status

routes = Routes("cpd")


class EntitlementIn(In):
    """Hours and money a year, for a role, a stage, both or everyone in a unit and below, from a date.

    ``pro_rata``: in proportion to contracted hours.
    """

    org_unit_id: UUID
    effective_from: Day
    job_role: Title | None = None
    career_stage: Stage | None = None
    hours_per_year: Hours
    budget_per_year: Money = Decimal(0)
    pro_rata: bool = False
    full_time_hours: Annotated[Decimal, Field(gt=0, le=80, max_digits=5, decimal_places=2)] = Decimal(37)


class EntitlementOut(BaseModel):
    """An entitlement as it was set."""

    entitlement_id: UUID
    org_unit_id: UUID
    effective_from: date
    job_role: str | None
    career_stage: str | None
    hours_per_year: Number
    budget_per_year: Number
    pro_rata: bool
    full_time_hours: Number


class Entitlements(BaseModel):
    """What is granted, the latest first: everyone sees everyone's, so that it can be seen to be fair."""

    items: list[EntitlementOut]


@routes.put("/entitlements", allow=SETTERS)
async def put_entitlement(body: EntitlementIn, tx: Write, caller: Caller) -> EntitlementOut:
    """Set what a unit grants each year for development, from a date (clause 6.2)."""
    await caller.reach_unit(tx, body.org_unit_id)
    entitlement_id = await set_entitlement(tx, Entitlement(**body.model_dump()))
    return EntitlementOut(entitlement_id=entitlement_id, **body.model_dump())


@routes.get("/entitlements", allow=READERS)
async def get_entitlements(tx: Read, caller: Caller, org_unit_id: UUID | None = None) -> Entitlements:
    """What is granted in an org unit, the caller's own when none is named (clause 6.2: transparent)."""
    unit = org_unit_id or caller.org_unit_id
    if unit is None or unit == caller.org_unit_id:
        caller.nothing_to_reach()
    else:
        await caller.reach_unit(tx, unit)
    return Entitlements.model_validate({"items": await list_entitlements(tx, unit) if unit else []})


class BalanceOut(BaseModel):
    """A year of development: what is granted, and what was taken, is wanted, and was withheld for the work."""

    worker_id: UUID
    org_unit_id: UUID
    year_end: date
    hours_per_year: Number | None
    entitled_hours: Number
    taken_hours: Number
    wanted_hours: Number
    withheld_hours: Number
    left_hours: Number
    entitled_budget: Number
    taken_budget: Number
    refused_in_a_row: int
    repeatedly_refused: bool
    protected_hours_per_week: Number


def _balance(known: Known, year: Year) -> BalanceOut:
    balance = year.balance
    hours, budget = half_up(balance.granted.hours, 2), half_up(balance.granted.budget, 2)
    return BalanceOut(
        worker_id=known.worker_id,
        org_unit_id=known.org_unit_id,
        year_end=year.year_end,
        hours_per_year=year.entitlement.hours_per_year if year.entitlement else None,
        entitled_hours=hours,
        taken_hours=balance.taken_hours,
        wanted_hours=balance.wanted_hours,
        withheld_hours=balance.withheld_hours,
        left_hours=hours - balance.taken_hours,
        entitled_budget=budget,
        taken_budget=balance.taken_cost,
        refused_in_a_row=year.refused_in_a_row,
        repeatedly_refused=year.refused_in_a_row >= REPEATEDLY,
        protected_hours_per_week=half_up(year.protected_hours_per_week, 2),
    )


@routes.get("/workers/{worker_id}/entitlement", allow=READERS)
async def get_entitlement(worker_id: UUID, tx: Read, caller: Caller, as_of: Day | None = None) -> BalanceOut:
    """A worker's year of development: entitled, taken, wanted, withheld (clause 6.1)."""
    await caller.reach_worker(tx, worker_id)
    known = await get_worker(tx, worker_id)
    return _balance(known, (await read_time(tx, [known], as_of or tx.today))[worker_id])


class TeamTime(BaseModel):
    """A unit's year: sums over its workers, and taken of entitled in per cent; null when nothing is granted."""

    org_unit_id: UUID
    entitled_hours: Number
    taken_hours: Number
    withheld_hours: Number
    taken_pct: Number | None
    workers: list[BalanceOut]


@routes.get("/entitlement", allow=OVERSEERS)
async def get_team_time(org_unit_id: UUID, tx: Read, caller: Caller) -> TeamTime:
    """Development time in an org unit and below: those who were given least of what they are entitled to first."""
    await caller.reach_unit(tx, org_unit_id)
    members = await list_members(tx, org_unit_id)
    years = await read_time(tx, members, tx.today)
    workers = [_balance(one, years[one.worker_id]) for one in members]
    workers.sort(key=lambda one: (-one.left_hours, one.worker_id))
    entitled = sum((one.entitled_hours for one in workers), Decimal(0))
    taken = sum((one.taken_hours for one in workers), Decimal(0))
    return TeamTime(
        org_unit_id=org_unit_id,
        entitled_hours=entitled,
        taken_hours=taken,
        withheld_hours=sum((one.withheld_hours for one in workers), Decimal(0)),
        taken_pct=half_up(100 * taken / entitled, 1) if entitled else None,
        workers=workers,
    )


class RequestIn(In):
    """A request for time, money or both, from a day on."""

    worker_id: UUID
    for_on: Day
    hours: Hours = Decimal(0)
    cost: Money = Decimal(0)
    purpose: Words


class RequestMade(BaseModel):
    """The id of a request and where it stands."""

    request_id: UUID
    status: Status


@routes.post("/time-requests", status_code=201, allow=LEARNERS)
async def post_request(body: RequestIn, tx: Write, caller: Caller) -> RequestMade:
    """Ask for time or money for development."""
    await caller.reach_worker(tx, body.worker_id)
    return RequestMade(request_id=await ask_for_time(tx, AskForTime(**body.model_dump())), status="requested")


class RefusalIn(In):
    """Why: a cause that is counted (``workload`` and ``cover`` as time withheld for the work), and the words for it."""

    cause: Cause
    reason: Words


class GivenIn(In):
    """What was really given, where it differs from what was asked."""

    hours: Hours | None = None
    cost: Money | None = None


@routes.post("/time-requests/{request_id}/agree", allow=DECIDERS)
async def post_agree(request_id: UUID, tx: Write, caller: Caller) -> RequestMade:
    """Agree to a request."""
    return RequestMade.model_validate(await decide_on_time(tx, request_id, DecideOnTime("agree"), caller))


@routes.post("/time-requests/{request_id}/refuse", allow=DECIDERS)
async def post_refuse(request_id: UUID, body: RefusalIn, tx: Write, caller: Caller) -> RequestMade:
    """Refuse a request, with the reason."""
    decided = DecideOnTime("refuse", cause=body.cause, reason=body.reason)
    return RequestMade.model_validate(await decide_on_time(tx, request_id, decided, caller))


@routes.post("/time-requests/{request_id}/cancel", allow=LEARNERS)
async def post_cancel(request_id: UUID, body: RefusalIn, tx: Write, caller: Caller) -> RequestMade:
    """Cancel a request, agreed or not: what the work took back counts as withheld."""
    decided = DecideOnTime("cancel", cause=body.cause, reason=body.reason)
    return RequestMade.model_validate(await decide_on_time(tx, request_id, decided, caller))


@routes.post("/time-requests/{request_id}/take", allow=LEARNERS)
async def post_take(request_id: UUID, body: GivenIn, tx: Write, caller: Caller) -> RequestMade:
    """Say that the time was taken, and how much of it."""
    decided = DecideOnTime("take", hours=body.hours, cost=body.cost)
    return RequestMade.model_validate(await decide_on_time(tx, request_id, decided, caller))


class RequestOut(BaseModel):
    """A request; texts that were erased are null."""

    request_id: UUID
    worker_id: UUID
    status: Status
    for_on: date
    hours: Number
    cost: Number
    cause: Cause | None
    purpose: str | None = None
    reason: str | None = None


@routes.get("/time-requests", allow=LEARNERS)
async def get_requests(
    tx: Read,
    caller: Caller,
    worker_id: UUID | None = None,
    org_unit_id: UUID | None = None,
    status: Status | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[RequestOut]:
    """Requests of a worker, or of an org unit and below, the latest first."""
    if worker_id is not None:
        await caller.reach_worker(tx, worker_id)
    elif org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    else:
        raise RuleBroken("whose-requests", "Name a worker_id or an org_unit_id.", "worker_id")
    found = await list_requests(tx, worker_id, org_unit_id, status, _after(cursor), limit + 1)
    rows, more = cut(found, limit)
    items = [RequestOut.model_validate({**row, **row["texts"]}) for row in rows]
    return Page[RequestOut](items=items, next=encode_cursor(rows[-1]["request_id"]) if more else None)


def _after(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it.") from None
