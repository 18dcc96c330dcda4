"""Career plans, induction and the library over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from chassis.bodies import In
from chassis.database import Row
from chassis.permissions import outside_reach
from chassis.problems import NotFound
from chassis.routing import Caller, Read, Routes, Write
from services.cpd.commands.career import (
    AddEntry,
    SetPlan,
    add_entry,
    add_step,
    finish_step,
    mark_induction,
    remove_entry,
    set_induction_item,
    set_plan,
)
from services.cpd.queries.career import find_entry, find_plan, list_induction, list_library, list_steps
from services.cpd.queries.workers import Known, get_worker, lock_worker
from services.cpd.routes.shapes import EVERYONE, LEARNERS, READERS, RECORDERS, SETTERS, Code, Day, Link, Title, Words
from services.cpd.rules.career import (
    STAGE_AT_WORK,
    STAGES,
    InductionStatus,
    Stage,
    Step,
    induction_due_on,
    induction_status,
    progress_pct,
)

routes = Routes("cpd")
LibraryKind = Literal["research", "guidance", "policy", "tool"]


class PlanIn(In):
    """Where someone stands and wants to go; no ``stage`` = the one that their post suggests."""

    stage: Stage | None = None
    aspires_to: Stage | None = None
    aspirations: Words | None = None
    plan: Words | None = None
    review_due_on: Day | None = None


class StepOut(BaseModel):
    """A step of a plan."""

    step_id: UUID
    text: str | None
    due_on: date | None
    done_on: date | None


class PlanOut(BaseModel):
    """A career plan: ``progress_pct`` = steps done of all steps; ``structure`` = the stages in their order."""

    worker_id: UUID
    planned: bool
    stage: Stage
    aspires_to: Stage | None = None
    aspirations: str | None = None
    plan: str | None = None
    review_due_on: date | None = None
    progress_pct: int | None = None
    steps: list[StepOut] = []
    structure: dict[Stage, str] = STAGES


async def _plan(tx: Read, worker_id: UUID) -> PlanOut:
    row = await find_plan(tx, worker_id)
    if row is None:
        stage = STAGE_AT_WORK.get((await get_worker(tx, worker_id)).person.career_stage, "practitioner")
        return PlanOut(worker_id=worker_id, planned=False, stage=stage)
    steps = await list_steps(tx, worker_id)
    progress = progress_pct([Step(step["due_on"], step["done_on"]) for step in steps])
    shown = {**row, **row["texts"], "planned": True, "steps": steps, "progress_pct": progress}
    return PlanOut.model_validate(shown)


@routes.put("/workers/{worker_id}/career", allow=LEARNERS)
async def put_career(worker_id: UUID, body: PlanIn, tx: Write, caller: Caller) -> PlanOut:
    """Set a worker's career plan: stage, aspirations, plan (clauses 1.10, 6.3)."""
    await caller.reach_worker(tx, worker_id)
    await set_plan(tx, worker_id, SetPlan(**body.model_dump()))
    return await _plan(tx, worker_id)


@routes.get("/workers/{worker_id}/career", allow=LEARNERS)
async def get_career(worker_id: UUID, tx: Read, caller: Caller) -> PlanOut:
    """A worker's career plan and its progress."""
    await caller.reach_worker(tx, worker_id)
    return await _plan(tx, worker_id)


class StepIn(In):
    """A step towards an aspiration."""

    text: Words
    due_on: Day | None = None


class DoneIn(In):
    """When it was done."""

    done_on: Day


@routes.post("/workers/{worker_id}/career/steps", status_code=201, allow=LEARNERS)
async def post_step(worker_id: UUID, body: StepIn, tx: Write, caller: Caller) -> PlanOut:
    """Add a step to a worker's plan."""
    await caller.reach_worker(tx, worker_id)
    await add_step(tx, worker_id, body.text, body.due_on)
    return await _plan(tx, worker_id)


@routes.post("/workers/{worker_id}/career/steps/{step_id}/done", allow=LEARNERS)
async def post_step_done(worker_id: UUID, step_id: UUID, body: DoneIn, tx: Write, caller: Caller) -> PlanOut:
    """A step was done."""
    await caller.reach_worker(tx, worker_id)
    await finish_step(tx, worker_id, step_id, body.done_on)
    return await _plan(tx, worker_id)


class ItemIn(In):
    """An item of induction, due so many days after the employment began."""

    org_unit_id: UUID
    title: Title
    within_days: Annotated[int, Field(ge=0, le=730)]


class ItemSet(BaseModel):
    """The id of an item."""

    item_id: UUID


@routes.put("/induction-items/{code}", allow=SETTERS)
async def put_induction_item(code: Code, body: ItemIn, tx: Write, caller: Caller) -> ItemSet:
    """Set an item of the induction of everyone in an org unit and below (clause 6.4)."""
    await caller.reach_unit(tx, body.org_unit_id)
    return ItemSet(item_id=await set_induction_item(tx, body.org_unit_id, code, body.title, body.within_days))


class InductionItem(BaseModel):
    """An item of a worker's induction."""

    item_id: UUID
    code: str
    title: str
    due_on: date
    done_on: date | None
    status: InductionStatus


class Induction(BaseModel):
    """A worker's induction checklist, the first due first."""

    items: list[InductionItem]


@routes.get("/workers/{worker_id}/induction", allow=READERS)
async def get_induction(worker_id: UUID, tx: Read, caller: Caller) -> Induction:
    """A worker's induction checklist (clause 6.4)."""
    await caller.reach_worker(tx, worker_id)
    known = await get_worker(tx, worker_id)
    return Induction(items=[_item(row, known, tx.today) for row in await list_induction(tx, known)])


def _item(row: Row, known: Known, today: date) -> InductionItem:
    due_on = induction_due_on(known.person.started_on, row["within_days"])
    status = induction_status(due_on, row["done_on"], today)
    return InductionItem.model_validate({**row, "due_on": due_on, "status": status})


@routes.put("/workers/{worker_id}/induction/{item_id}", allow=RECORDERS)
async def put_induction(worker_id: UUID, item_id: UUID, body: DoneIn, tx: Write, caller: Caller) -> DoneIn:
    """Mark an item of a worker's induction as done."""
    await caller.reach_worker(tx, worker_id)
    await mark_induction(tx, await lock_worker(tx, worker_id), item_id, body.done_on)
    return body


class EntryIn(In):
    """Research, guidance, a policy or a tool."""

    org_unit_id: UUID
    kind: LibraryKind
    title: Title
    link: Link
    summary: Words | None = None
    topics: list[Code] = Field(default=[], max_length=20)
    review_due_on: Day | None = None


class EntryOut(BaseModel):
    """An entry of the library; ``review_due`` = it should be looked at again."""

    entry_id: UUID
    org_unit_id: UUID
    kind: LibraryKind
    title: str
    link: str
    summary: str | None
    topics: list[str]
    review_due_on: date | None
    review_due: bool


class EntryAdded(BaseModel):
    """The id of an entry."""

    entry_id: UUID


class Library(BaseModel):
    """Entries, the latest first."""

    items: list[EntryOut]


@routes.post("/library", status_code=201, allow=SETTERS)
async def post_entry(body: EntryIn, tx: Write, caller: Caller) -> EntryAdded:
    """Add research or guidance to the library (clauses 6.5, 6.6)."""
    await caller.reach_unit(tx, body.org_unit_id)
    return EntryAdded(entry_id=await add_entry(tx, AddEntry(**body.model_dump())))


@routes.get("/library", allow=EVERYONE)
async def get_library(
    tx: Read,
    caller: Caller,
    kind: LibraryKind | None = None,
    topic: Code | None = None,
    words: Annotated[str | None, Query(max_length=200)] = None,
) -> Library:
    """The library of the caller's authority, by kind, topic or words."""
    found = await list_library(tx, await caller.resolve(tx), kind, topic, words)
    due = [{**row, "review_due": bool(row["review_due_on"] and row["review_due_on"] <= tx.today)} for row in found]
    return Library.model_validate({"items": due})


@routes.delete("/library/{entry_id}", status_code=204, allow=SETTERS)
async def delete_entry(entry_id: UUID, tx: Write, caller: Caller) -> None:
    """Take an entry out of the library."""
    row = await find_entry(tx, entry_id)
    if row is None:
        raise NotFound("no-such-entry", "No entry has this id.") if caller.unlimited else outside_reach()
    await caller.reach_unit(tx, row["org_unit_id"])
    await remove_entry(tx, entry_id)
