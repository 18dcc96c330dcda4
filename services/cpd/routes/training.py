"""Courses and mandatory training over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from chassis.bodies import In
from chassis.numbers import Number
from chassis.routing import Caller, Read, Routes, Write
from services.cpd.commands.training import Completion, SetCourse, complete, set_course
from services.cpd.queries.training import Standing, list_completions, list_courses_shown, list_standings
from services.cpd.queries.workers import get_worker, list_members, lock_worker
from services.cpd.routes.shapes import OVERSEERS, READERS, RECORDERS, SETTERS, Code, Day, Hours, Link, Title
from services.cpd.rules.training import Status

routes = Routes("cpd")
Stage = Literal["student", "asye", "practitioner", "senior_practitioner", "manager"]


class CourseIn(In):
    """A course of an org unit and below. ``activity`` is the IRI by which a learning system names it."""

    org_unit_id: UUID
    title: Title
    valid_months: Annotated[int, Field(ge=1, le=240)] | None = None
    mandatory: bool = True
    career_stages: list[Stage] = Field(default=[], max_length=5)
    job_roles: list[Title] = Field(default=[], max_length=50)
    activity: Link | None = None


class CourseOut(CourseIn):
    """A course as it was set."""

    course_code: str


class Courses(BaseModel):
    """Courses by code."""

    items: list[CourseOut]


@routes.put("/courses/{course_code}", allow=SETTERS)
async def put_course(course_code: Code, body: CourseIn, tx: Write, caller: Caller) -> CourseOut:
    """Set a course: for whom it is mandatory, and for how many months a completion counts."""
    await caller.reach_unit(tx, body.org_unit_id)
    await set_course(tx, SetCourse(course_code=course_code, **body.model_dump()))
    return CourseOut(course_code=course_code, **body.model_dump())


@routes.get("/courses", allow=READERS)
async def get_courses(tx: Read, caller: Caller, org_unit_id: UUID | None = None) -> Courses:
    """The courses that hold in an org unit, the caller's own when none is named."""
    unit = org_unit_id or caller.org_unit_id
    if unit is None or unit == caller.org_unit_id:
        caller.nothing_to_reach()
    else:
        await caller.reach_unit(tx, unit)
    return Courses.model_validate({"items": await list_courses_shown(tx, unit) if unit else []})


class CompletionIn(In):
    """A course that a worker completed."""

    worker_id: UUID
    course_code: Code
    completed_on: Day
    hours: Hours | None = None


class CompletionRecorded(BaseModel):
    """The id of a completion."""

    completion_id: UUID


@routes.post("/completions", status_code=201, allow=RECORDERS)
async def post_completion(body: CompletionIn, tx: Write, caller: Caller, response: Response) -> CompletionRecorded:
    """Record a completed course; 200 when this completion is known already."""
    await caller.reach_worker(tx, body.worker_id)
    known = await lock_worker(tx, body.worker_id)
    completion_id, fresh = await complete(tx, known, Completion(**body.model_dump()), "person")
    response.status_code = 201 if fresh else 200
    return CompletionRecorded(completion_id=completion_id)


class StandingOut(BaseModel):
    """How a worker stands with one mandatory course: expired, expiring within 90 days, ok or missing."""

    worker_id: UUID
    org_unit_id: UUID
    course_code: str
    title: str
    completed_on: date | None
    valid_until: date | None
    status: Status


class CompletionOut(BaseModel):
    """A completed course."""

    completion_id: UUID
    course_code: str
    completed_on: date
    hours: Number | None
    source: str


class TrainingOut(BaseModel):
    """A worker's mandatory training, and every course that was completed."""

    mandatory: list[StandingOut]
    completed: list[CompletionOut]


def _standing(one: Standing) -> StandingOut:
    return StandingOut(
        worker_id=one.worker_id,
        org_unit_id=one.org_unit_id,
        course_code=one.course.code,
        title=one.course.title,
        completed_on=one.completed_on,
        valid_until=one.valid_until,
        status=one.status,
    )


@routes.get("/workers/{worker_id}/training", allow=READERS)
async def get_training(worker_id: UUID, tx: Read, caller: Caller) -> TrainingOut:
    """A worker's mandatory training and completed courses."""
    await caller.reach_worker(tx, worker_id)
    standings = await list_standings(tx, [await get_worker(tx, worker_id)])
    completed = [CompletionOut.model_validate(row) for row in await list_completions(tx, worker_id)]
    return TrainingOut(mandatory=[_standing(one) for one in standings], completed=completed)


class Standings(BaseModel):
    """What has expired or is missing first."""

    items: list[StandingOut]


_URGENCY: dict[Status, int] = {"expired": 0, "missing": 1, "expiring": 2, "ok": 3}


@routes.get("/training", allow=OVERSEERS)
async def get_team_training(org_unit_id: UUID, tx: Read, caller: Caller, status: Status | None = None) -> Standings:
    """How everyone in an org unit and below stands with mandatory training."""
    await caller.reach_unit(tx, org_unit_id)
    found = await list_standings(tx, await list_members(tx, org_unit_id))
    wanted = [one for one in found if status in (None, one.status)]
    wanted.sort(key=lambda one: (_URGENCY[one.status], one.valid_until or date.max, one.worker_id, one.course.code))
    return Standings(items=[_standing(one) for one in wanted])
