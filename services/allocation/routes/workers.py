"""A worker's workload over HTTP: the figure with its lines, what changes it, and what the worker says about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field, model_validator

from chassis.numbers import Number
from chassis.pages import Page
from chassis.problems import NotFound
from chassis.routing import Caller, Read, Routes, Write
from services.allocation.commands import capacity, contests
from services.allocation.commands.case_lines import Code
from services.allocation.commands.notes import erase_notes
from services.allocation.commands.workers import set_skills
from services.allocation.queries.capacity import list_contests, list_reductions, list_responsibilities
from services.allocation.queries.cases import list_cases_of_worker
from services.allocation.queries.units import list_readings
from services.allocation.queries.workloads import get_workload
from services.allocation.routes.cases import CaseOut
from services.allocation.routes.permissions import ANSWERS, CONTESTS, ERASES, RECORDS_CAPACITY, SEES_WORKERS
from services.allocation.routes.shapes import Day, Hours, In, Points, Status, Words, WorkloadOut
from services.allocation.rules.workload import Band

routes = Routes("allocation")


class _Dated(In):
    from_on: Day = Field(alias="from", description="the first day")
    to_on: Day | None = Field(None, alias="to", description="the last day, included")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_on is not None and self.to_on < self.from_on:
            raise ValueError("`to` is before `from`: swap them or leave `to` out")
        return self


class ReductionIn(_Dated):
    """Hours a week that a worker has less, and why."""

    hours: Annotated[Hours, Field(gt=0)]
    reason: Words


class ResponsibilityIn(_Dated):
    """Work beside cases that carries points."""

    description: Words
    points: Annotated[Points, Field(gt=0)]


class EndIn(In):
    """The last day on which it counts."""

    last_day: Day


class _DatedOut(BaseModel):
    worker_id: UUID
    from_on: date = Field(serialization_alias="from")
    to_on: date | None = Field(serialization_alias="to")
    status: Status


class ReductionOut(_DatedOut):
    """A reduction with its status today."""

    reduction_id: UUID
    hours: Number
    reason: str | None


class ResponsibilityOut(_DatedOut):
    """A responsibility with its status today."""

    responsibility_id: UUID
    points: Number
    description: str | None


class ContestIn(In):
    """What the worker says about the figure."""

    text: Words


class AnswerIn(In):
    """What is answered, and whether the figure changes in the worker's favour."""

    answer: Words
    upheld: bool


class ContestOut(BaseModel):
    """A contest, the figures it is about, and its answer."""

    contest_id: UUID
    worker_id: UUID
    opened_on: date
    available_points: Number
    load_points: Number
    text: str | None
    upheld: bool | None
    answer: str | None
    answered_on: date | None


class SkillsIn(In):
    """Skills that cases may ask for."""

    skills: Annotated[list[Code], Field(max_length=50)]


class ReadingOut(BaseModel):
    """The figure of one week, read on its Monday."""

    read_on: date
    available_points: Number
    load_points: Number
    band: Band
    overloaded: bool


@routes.get("/workers/{worker_id}/workload", allow=SEES_WORKERS)
async def get_worker_workload(worker_id: UUID, tx: Read, caller: Caller, as_of: Day | None = None) -> WorkloadOut:
    """What the worker has to give and carries on a day, line by line; today unless given."""
    await caller.reach_worker(tx, worker_id)
    on = as_of or tx.today
    reading = await get_workload(tx, worker_id, on)
    if reading is None:
        raise NotFound("worker-not-known", "No such worker. Record the worker in workforce first.")
    return WorkloadOut.of(reading, reading.workload, on)


@routes.get("/workers/{worker_id}/cases", allow=SEES_WORKERS)
async def get_worker_cases(worker_id: UUID, tx: Read, caller: Caller) -> Page[CaseOut]:
    """The cases that the worker holds, longest held first."""
    await caller.reach_worker(tx, worker_id)
    return Page(items=[CaseOut.model_validate(row) for row in await list_cases_of_worker(tx, worker_id)])


@routes.get("/workers/{worker_id}/readings", allow=SEES_WORKERS)
async def get_worker_readings(worker_id: UUID, from_on: Day, to_on: Day, tx: Read, caller: Caller) -> Page[ReadingOut]:
    """The weekly readings between two days, from which a sustained overload is told."""
    await caller.reach_worker(tx, worker_id)
    return Page(items=[ReadingOut.model_validate(row) for row in await list_readings(tx, worker_id, from_on, to_on)])


@routes.post("/workers/{worker_id}/reductions", status_code=201, allow=RECORDS_CAPACITY)
async def post_reduction(worker_id: UUID, body: ReductionIn, tx: Write, caller: Caller) -> ReductionOut:
    """Take hours a week off a worker's capacity, from a day on."""
    await caller.reach_worker(tx, worker_id)
    wanted = capacity.RecordShare(worker_id, body.hours, body.reason, body.from_on, body.to_on)
    return _reduction(await capacity.record_reduction(tx, wanted))


@routes.get("/workers/{worker_id}/reductions", allow=SEES_WORKERS)
async def get_reductions(worker_id: UUID, tx: Read, caller: Caller) -> Page[ReductionOut]:
    """The worker's reductions, deleted ones included."""
    await caller.reach_worker(tx, worker_id)
    return Page(items=[_reduction(row) for row in await list_reductions(tx, worker_id)])


@routes.post("/workers/{worker_id}/reductions/{reduction_id}/end", allow=RECORDS_CAPACITY)
async def post_reduction_end(
    worker_id: UUID, reduction_id: UUID, body: EndIn, tx: Write, caller: Caller
) -> ReductionOut:
    """End a reduction early; its last day never moves later."""
    await caller.reach_worker(tx, worker_id)
    return _reduction(await capacity.end_reduction(tx, worker_id, reduction_id, body.last_day))


@routes.delete("/workers/{worker_id}/reductions/{reduction_id}", status_code=204, allow=RECORDS_CAPACITY)
async def delete_reduction(worker_id: UUID, reduction_id: UUID, tx: Write, caller: Caller) -> Response:
    """Withdraw a reduction that should never have been. It never revives."""
    await caller.reach_worker(tx, worker_id)
    await capacity.delete_reduction(tx, worker_id, reduction_id)
    return Response(status_code=204)


@routes.post("/workers/{worker_id}/responsibilities", status_code=201, allow=RECORDS_CAPACITY)
async def post_responsibility(worker_id: UUID, body: ResponsibilityIn, tx: Write, caller: Caller) -> ResponsibilityOut:
    """Put work beside cases on a worker's load, from a day on."""
    await caller.reach_worker(tx, worker_id)
    wanted = capacity.RecordShare(worker_id, body.points, body.description, body.from_on, body.to_on)
    return _responsibility(await capacity.record_responsibility(tx, wanted))


@routes.get("/workers/{worker_id}/responsibilities", allow=SEES_WORKERS)
async def get_responsibilities(worker_id: UUID, tx: Read, caller: Caller) -> Page[ResponsibilityOut]:
    """The worker's responsibilities beside cases."""
    await caller.reach_worker(tx, worker_id)
    return Page(items=[_responsibility(row) for row in await list_responsibilities(tx, worker_id)])


@routes.post("/workers/{worker_id}/responsibilities/{responsibility_id}/end", allow=RECORDS_CAPACITY)
async def post_responsibility_end(
    worker_id: UUID, responsibility_id: UUID, body: EndIn, tx: Write, caller: Caller
) -> ResponsibilityOut:
    """End a responsibility; its last day never moves later."""
    await caller.reach_worker(tx, worker_id)
    return _responsibility(await capacity.end_responsibility(tx, worker_id, responsibility_id, body.last_day))


@routes.post("/workers/{worker_id}/contests", status_code=201, allow=CONTESTS)
async def post_contest(worker_id: UUID, body: ContestIn, tx: Write, caller: Caller) -> ContestOut:
    """Contest one's own figure; it is kept as it stands today, and someone else answers."""
    await caller.reach_worker(tx, worker_id)
    return ContestOut.model_validate(await contests.open_contest(tx, worker_id, body.text))


@routes.get("/workers/{worker_id}/contests", allow=SEES_WORKERS)
async def get_contests(worker_id: UUID, tx: Read, caller: Caller) -> Page[ContestOut]:
    """The worker's contests, oldest first."""
    await caller.reach_worker(tx, worker_id)
    return Page(items=[ContestOut.model_validate(row) for row in await list_contests(tx, worker_id)])


@routes.get("/contests", allow=ANSWERS)
async def get_open_contests(tx: Read, caller: Caller) -> Page[ContestOut]:
    """Contests within the caller's reach that wait for an answer, oldest first."""
    bound = await caller.bound(tx)
    return Page(items=[ContestOut.model_validate(row) for row in await list_contests(tx, bound=bound, open_only=True)])


@routes.post("/workers/{worker_id}/contests/{contest_id}/answer", allow=ANSWERS)
async def post_answer(worker_id: UUID, contest_id: UUID, body: AnswerIn, tx: Write, caller: Caller) -> ContestOut:
    """Answer a contest, once, as someone other than the worker."""
    await caller.reach_worker(tx, worker_id)
    given: dict[str, Any] = {"answer": body.answer, "upheld": body.upheld, "answered_by": caller.worker_id}
    return ContestOut.model_validate(await contests.answer_contest(tx, worker_id, contest_id, **given))


@routes.put("/workers/{worker_id}/skills", status_code=204, allow=RECORDS_CAPACITY)
async def put_skills(worker_id: UUID, body: SkillsIn, tx: Write, caller: Caller) -> Response:
    """Record the skills that recommendations look at, in place of those before."""
    await caller.reach_worker(tx, worker_id)
    await set_skills(tx, worker_id, body.skills)
    return Response(status_code=204)


@routes.delete("/workers/{worker_id}/notes", status_code=204, allow=ERASES)
async def delete_notes(worker_id: UUID, tx: Write, caller: Caller) -> Response:
    """Erase every free text kept about a worker; dates, hours and points stay."""
    await caller.reach_worker(tx, worker_id)
    await erase_notes(tx, worker_id)
    return Response(status_code=204)


def _reduction(row: dict[str, Any]) -> ReductionOut:
    return ReductionOut.model_validate(row)


def _responsibility(row: dict[str, Any]) -> ResponsibilityOut:
    return ResponsibilityOut.model_validate(row)
