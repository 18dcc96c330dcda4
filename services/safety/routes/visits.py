"""Lone visits and address markers over HTTP (clause 4.5)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from chassis.database import Row, Tx
from chassis.pages import Page
from chassis.problems import Forbidden
from chassis.routing import Caller, Read, Routes, Write
from services.safety.commands import visits as commands
from services.safety.queries import visits as queries
from services.safety.queries.people import person_of
from services.safety.routes.shapes import MANAGES, REPORTS, Day, Erased, In, ShortWords, Words
from services.safety.rules.visits import MarkerKind

routes = Routes("safety")
State = Literal["planned", "back", "missed", "closed", "cancelled"]


class VisitIn(In):
    """A visit that a worker makes alone. Without contacts, the line above the worker is told when they are not back."""

    worker_id: UUID
    planned_at: AwareDatetime
    expected_back_at: AwareDatetime
    contacts: Annotated[list[UUID], Field(max_length=5)] = []
    address: ShortWords | None = None


class LaterIn(In):
    """When the worker will be back instead."""

    expected_back_at: AwareDatetime


class ClosingIn(In):
    """How somebody made sure that the worker is safe."""

    words: Words


class MarkerIn(In):
    """What to know before visiting an address, and when that is looked at again."""

    org_unit_id: UUID
    kind: MarkerKind
    address: ShortWords
    review_on: Day
    words: Words | None = None


class MarkerReviewIn(In):
    """Until when a marker goes on; without a day it ends."""

    review_on: Day | None = None


class AddressIn(In):
    """An address. In the body, so that it stands in no address line."""

    address: ShortWords


class MarkerSeen(BaseModel):
    """That an address is marked, for whoever goes there; not why."""

    marker_id: UUID
    kind: MarkerKind
    review_on: date
    review_overdue: bool


class MarkerOut(MarkerSeen):
    """A marker as those see it who keep it."""

    org_unit_id: UUID
    marked_on: date
    address: str | None
    words: str | None


class VisitOut(BaseModel):
    """A visit; its address is erased when it is over."""

    visit_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    planned_at: AwareDatetime
    expected_back_at: AwareDatetime
    state: State
    chain: list[UUID]
    level: int
    missed_at: AwareDatetime | None
    checked_in_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    closed_by_id: UUID | None


class VisitPlanned(VisitOut):
    """A visit with its address, and what is marked there."""

    address: str | None
    markers: list[MarkerSeen]


@routes.post("/visits", status_code=201, allow=REPORTS)
async def post_visit(body: VisitIn, tx: Write, caller: Caller) -> VisitPlanned:
    """Plan a lone visit, so that somebody notices when the worker does not come back."""
    await caller.reach_worker(tx, body.worker_id)
    visit = await commands.plan_visit(tx, commands.PlanVisit(**body.model_dump()))
    return await _whole(tx, await queries.reach_visit(tx, caller, visit))


@routes.get("/visits", allow=REPORTS)
async def get_visits(tx: Read, caller: Caller, state: State | None = None) -> Page[VisitOut]:
    """Visits: of your unit and below, or yours and those you are a contact of."""
    rows = await queries.list_visits(tx, caller, state)
    return Page(items=[VisitOut.model_validate(row) for row in rows])


@routes.get("/visits/{visit_id}", allow=REPORTS)
async def get_visit(visit_id: UUID, tx: Read, caller: Caller) -> VisitPlanned:
    """A visit with its address, for the worker, the contacts and the line."""
    return await _whole(tx, await queries.reach_visit(tx, caller, visit_id))


@routes.post("/visits/{visit_id}/check-in", allow=REPORTS)
async def post_check_in(visit_id: UUID, tx: Write, caller: Caller) -> VisitPlanned:
    """Say that you are back. After a missed check-in somebody else still closes it."""
    visit = await queries.reach_visit(tx, caller, visit_id)
    if caller.worker_id != visit["worker_id"]:
        raise Forbidden(
            "not-your-visit", "The worker checks in. Close a missed check-in once you have made sure of them."
        )
    await commands.check_in(tx, visit)
    return await _whole(tx, await queries.reach_visit(tx, caller, visit_id))


@routes.post("/visits/{visit_id}/extend", allow=REPORTS)
async def post_extension(visit_id: UUID, body: LaterIn, tx: Write, caller: Caller) -> VisitPlanned:
    """Say that it takes longer, before anybody is told."""
    await commands.extend(tx, await queries.reach_visit(tx, caller, visit_id), body.expected_back_at)
    return await _whole(tx, await queries.reach_visit(tx, caller, visit_id))


@routes.post("/visits/{visit_id}/cancel", allow=REPORTS)
async def post_cancellation(visit_id: UUID, tx: Write, caller: Caller) -> VisitPlanned:
    """Say that the visit does not take place."""
    await commands.cancel(tx, await queries.reach_visit(tx, caller, visit_id))
    return await _whole(tx, await queries.reach_visit(tx, caller, visit_id))


@routes.post("/visits/{visit_id}/close", allow=REPORTS)
async def post_visit_closing(visit_id: UUID, body: ClosingIn, tx: Write, caller: Caller) -> VisitPlanned:
    """Close a missed check-in, once you have made sure of the worker. Nothing else closes it."""
    visit = await queries.reach_visit(tx, caller, visit_id)
    await commands.close_missed(tx, visit, person_of(caller), body.words)
    return await _whole(tx, await queries.reach_visit(tx, caller, visit_id))


@routes.post("/markers", status_code=201, allow=MANAGES)
async def post_marker(body: MarkerIn, tx: Write, caller: Caller) -> MarkerSeen:
    """Mark an address for whoever visits it, with a day of review."""
    await caller.reach_unit(tx, body.org_unit_id)
    marker = await commands.mark_address(tx, **_marker(body))
    return MarkerSeen.model_validate(_seen(tx, await queries.reach_marker(tx, caller, marker)))


@routes.get("/markers", allow=MANAGES)
async def get_markers(org_unit_id: UUID, tx: Read, caller: Caller) -> Page[MarkerOut]:
    """The markers of a unit and below; those to review first at the top."""
    await caller.reach_unit(tx, org_unit_id)
    return Page(items=[MarkerOut.model_validate(_seen(tx, row)) for row in await queries.list_markers(tx, org_unit_id)])


@routes.post("/markers/search", allow=REPORTS)
async def post_marker_search(body: AddressIn, tx: Read, caller: Caller) -> Page[MarkerSeen]:
    """What is marked at an address, in your authority."""
    caller.nothing_to_reach()
    if caller.org_unit_id is None and not caller.unlimited:
        raise Forbidden("token-not-usable", "Markers belong to an authority, and the token names no org_unit_id.")
    rows = await queries.list_markers_at(tx, body.address, caller.org_unit_id)
    return Page(items=[MarkerSeen.model_validate(_seen(tx, row)) for row in rows])


@routes.post("/markers/{marker_id}/review", status_code=204, allow=MANAGES)
async def post_marker_review(marker_id: UUID, body: MarkerReviewIn, tx: Write, caller: Caller) -> None:
    """Keep a marker until another day of review, or end it; then its address is erased."""
    await queries.reach_marker(tx, caller, marker_id)
    await commands.review_marker(tx, marker_id, body.review_on)


@routes.delete("/markers/{marker_id}/address", allow=MANAGES)
async def delete_address(marker_id: UUID, tx: Write, caller: Caller) -> Erased:
    """Erase the address of a marker."""
    await queries.reach_marker(tx, caller, marker_id)
    return Erased(erased=await commands.forget_address(tx, marker_id))


def _marker(body: MarkerIn) -> Row:
    return {"unit": body.org_unit_id, **body.model_dump(exclude={"org_unit_id"})}


def _seen(tx: Tx, row: Row) -> Row:
    return {**row, "review_overdue": row["review_on"] < tx.today}


async def _whole(tx: Tx, row: Row) -> VisitPlanned:
    address = await queries.get_address(tx, row["visit_id"])
    found = await queries.list_markers_at(tx, address, row["org_unit_id"]) if address else []
    return VisitPlanned.model_validate({**row, "address": address, "markers": [_seen(tx, one) for one in found]})
