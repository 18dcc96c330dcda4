"""Cases over HTTP: sent by case-recording systems, given to workers by managers, closed by either."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Path, Request, Response
from pydantic import BaseModel, Field

from chassis.envelope import Cause
from chassis.etags import etag
from chassis.numbers import Number
from chassis.pages import Page
from chassis.routing import Caller, Read, Routes, Transactions, Write
from chassis.tracing import trace_of
from contracts.allocation import Priority
from services.allocation.commands import cases as commands
from services.allocation.commands.allocations import AllocateCase, allocate_case
from services.allocation.commands.batch import ReceiveCases, receive_cases
from services.allocation.commands.case_keys import CaseKeys
from services.allocation.commands.case_lines import Code, Reference
from services.allocation.queries.cases import CaseName, get_case, list_allocations_of_case, unit_of_case
from services.allocation.queries.offers import read_offer
from services.allocation.queries.registrations import list_notes_on
from services.allocation.routes.permissions import ALLOCATES, CLOSES_CASES, SEES_CASES, SENDS_CASES
from services.allocation.routes.shapes import Day, In, MaybeWords, Words, WorkloadOut
from services.allocation.rules.arrival import CaseFacts
from services.allocation.rules.offer import Terms

routes = Routes("allocation")


def _name(source: Annotated[Code, Path()], reference: Annotated[Reference, Path()]) -> CaseName:
    return CaseName(source, reference)


async def _case_keys(request: Request) -> CaseKeys:
    keys: CaseKeys = request.app.state.case_keys
    return keys


Name = Annotated[CaseName, Depends(_name)]
Keys = Annotated[CaseKeys, Depends(_case_keys)]
Skills = Annotated[list[Code], Field(max_length=20)]


class CaseIn(In):
    """What a case-recording system knows of a case that matters for allocating it."""

    case_type: Code
    complexity: Code
    org_unit_id: UUID
    priority: Priority
    received_on: Day
    skills: Skills = []
    modifiers: Skills = []

    def facts(self) -> CaseFacts:
        """The case as the rules know it; the order of skills and modifiers says nothing."""
        return CaseFacts(
            self.case_type,
            self.complexity,
            self.org_unit_id,
            self.priority,
            self.received_on,
            tuple(sorted(set(self.skills))),
            tuple(sorted(set(self.modifiers))),
        )


class CaseOut(BaseModel):
    """A case as allocation knows it."""

    source: str
    reference: str
    case_type: str
    complexity: str
    org_unit_id: UUID
    priority: Priority
    received_on: date
    skills: list[str]
    modifiers: list[str]
    worker_id: UUID | None
    allocation_id: UUID | None
    allocated_on: date | None
    closed_on: date | None


class OfferIn(In):
    """The worker to whom a case might go."""

    worker_id: UUID


class PreviewOut(BaseModel):
    """The workload without and with the case, and what speaks against it."""

    before: WorkloadOut
    after: WorkloadOut
    allowed: bool
    problems: list[str]
    notes: list[str] = Field(
        description="`registration-conditions`: read them at /v1/registration/workers/{id} before you decide; "
        "`safety-incident`: an incident of this case is open, ask at /v1/safety/incidents before anyone visits"
    )


class AllocationIn(In):
    """The worker who is to hold the case, and what the manager says about it."""

    worker_id: UUID
    reason: MaybeWords = ""
    discussed_with_worker: bool = False
    override_reason: MaybeWords | None = None


class AllocationOut(BaseModel):
    """The allocation, with the workload before and after it."""

    allocation_id: UUID
    before: WorkloadOut
    after: WorkloadOut


class AllocationHistoryOut(BaseModel):
    """Who held the case, from when to when, and why."""

    allocation_id: UUID
    worker_id: UUID
    allocated_on: date
    ended_on: date | None
    end_kind: str | None
    points: Number
    reason: str | None
    overridden: bool
    override_reason: str | None


class CloseIn(In):
    """The day on which work on the case ended, and why."""

    closed_on: Day
    reason: Words


class ReleaseIn(In):
    """Why the case goes back to its team."""

    reason: Words


class RejectedOut(BaseModel):
    """A line that was not taken; ``field`` is empty when the whole line is wrong."""

    line: int
    field: str
    problem: str


class BatchOut(BaseModel):
    """What became of the lines."""

    accepted: int
    unchanged: int
    rejected: list[RejectedOut]


_NDJSON: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-ndjson": {"schema": {"type": "string", "description": "one case a line"}}},
    }
}


@routes.post("/cases:batch", allow=SENDS_CASES, openapi_extra=_NDJSON)
async def post_case_batch(request: Request, transactions: Transactions, caller: Caller, keys: Keys) -> BatchOut:
    """Send many cases, one JSON object a line: the fields of a case with its `source` and `reference`.

    A bad line never stops a good one. Lines are taken a few thousand at a time; when the connection breaks, send the same
    lines again: those that were taken come back as unchanged.
    """
    trace = trace_of(request.headers.get("traceparent"))
    cause = Cause(caller.subject, trace.trace_id, traceparent=trace.header)
    async with transactions.reading(cause) as tx:
        bound = await caller.bound(tx)
    answer = await receive_cases(transactions, ReceiveCases(request.stream(), cause, bound), keys)
    return BatchOut.model_validate(answer, from_attributes=True)


@routes.put("/cases/{source}/{reference}", allow=SENDS_CASES, responses={201: {"model": CaseOut}})
async def put_case(
    body: CaseIn,
    name: Name,
    tx: Write,
    caller: Caller,
    keys: Keys,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> CaseOut:
    """Send a case: 201 the first time, 200 afterwards; the same body again changes nothing.

    A closed case comes back when `received_on` is later than before and not before it was closed; other changes are refused.
    """
    await caller.reach_unit(tx, body.org_unit_id)
    await caller.reach_unit(tx, await unit_of_case(tx, name) or body.org_unit_id)
    outcome, case = await commands.receive_case(tx, commands.ReceiveCase(name, body.facts(), if_match), keys)
    response.status_code = 201 if outcome == "received" else 200
    response.headers["etag"] = etag(case["version"])
    return CaseOut.model_validate(case)


@routes.get("/cases/{source}/{reference}", allow=SEES_CASES)
async def get_one_case(name: Name, tx: Read, caller: Caller, response: Response) -> CaseOut:
    """A case and who holds it."""
    case = await get_case(tx, name)
    await caller.reach_unit(tx, case["org_unit_id"])
    response.headers["etag"] = etag(case["version"])
    return CaseOut.model_validate(case)


@routes.post("/cases/{source}/{reference}/preview", allow=ALLOCATES)
async def post_preview(body: OfferIn, name: Name, tx: Read, caller: Caller) -> PreviewOut:
    """The worker's workload without and with the case, and whether the case may be allocated; nothing is changed."""
    case = await _case_within_reach(caller, tx, name, body.worker_id)
    offer = await read_offer(tx, case, body.worker_id)
    return PreviewOut(
        before=WorkloadOut.of(offer.reading, offer.before, tx.today),
        after=WorkloadOut.of(offer.reading, offer.after, tx.today),
        allowed=not offer.refusals,
        problems=[refusal.code for refusal in offer.refusals],
        notes=await list_notes_on(tx, body.worker_id, case["case_key"]),
    )


@routes.post("/cases/{source}/{reference}/allocations", status_code=201, allow=ALLOCATES)
async def post_allocation(
    body: AllocationIn, name: Name, tx: Write, caller: Caller, response: Response
) -> AllocationOut:
    """Give a case to a worker, from another one if need be.

    409 with `problems` when it cannot be: `workload-limit` (an `override_reason` sets it aside), `not-registered`,
    `not-employed`, `reason-missing`, `discussion-missing`, `policy-missing`, `weight-missing`. 200 when held already.
    """
    await _case_within_reach(caller, tx, name, body.worker_id)
    terms = Terms(body.reason, body.discussed_with_worker, body.override_reason or "")
    done = await allocate_case(tx, AllocateCase(name, body.worker_id, terms))
    response.status_code = 201 if done.is_new else 200
    reading = done.offer.reading
    return AllocationOut(
        allocation_id=done.allocation_id,
        before=WorkloadOut.of(reading, done.offer.before, tx.today),
        after=WorkloadOut.of(reading, done.offer.after, tx.today),
    )


@routes.get("/cases/{source}/{reference}/allocations", allow=SEES_CASES)
async def get_allocations(name: Name, tx: Read, caller: Caller) -> Page[AllocationHistoryOut]:
    """Who held the case, from the first to the last."""
    case = await get_case(tx, name)
    await caller.reach_unit(tx, case["org_unit_id"])
    rows = await list_allocations_of_case(tx, case["case_id"])
    return Page(items=[AllocationHistoryOut.model_validate(row) for row in rows])


@routes.post("/cases/{source}/{reference}/release", allow=ALLOCATES)
async def post_release(body: ReleaseIn, name: Name, tx: Write, caller: Caller) -> CaseOut:
    """Give a case back to its team: it waits for another worker and counts as unallocated."""
    await caller.reach_unit(tx, (await get_case(tx, name))["org_unit_id"])
    return CaseOut.model_validate(await commands.release_case(tx, name, body.reason))


@routes.post("/cases/{source}/{reference}/close", allow=CLOSES_CASES)
async def post_close(body: CloseIn, name: Name, tx: Write, caller: Caller) -> CaseOut:
    """End the work on a case; closing it again with the same day changes nothing."""
    await caller.reach_unit(tx, (await get_case(tx, name))["org_unit_id"])
    return CaseOut.model_validate(await commands.close_case(tx, name, body.closed_on, body.reason))


async def _case_within_reach(caller: Caller, tx: Read, name: CaseName, worker_id: UUID) -> dict[str, Any]:
    case = await get_case(tx, name)
    await caller.reach_unit(tx, case["org_unit_id"])
    await caller.reach_worker(tx, worker_id)
    return case
