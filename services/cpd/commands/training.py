"""Courses that people must complete, and completions of them (clause 6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import NotFound, RuleBroken
from contracts.cpd import TrainingCompletedV1
from services.cpd.queries.training import list_courses
from services.cpd.queries.workers import Known
from services.cpd.rules.training import Course, binding, valid_until

Source = Literal["person", "csv", "xapi"]

_UNIT: LiteralString = "select 1 as known from directory_units where org_unit_id = %(org_unit_id)s"
_COURSE: LiteralString = """
insert into courses (org_unit_id, course_code, title, valid_months, mandatory, career_stages, job_roles, activity,
    set_at, set_by)
values (%(org_unit_id)s, %(course_code)s, %(title)s, %(valid_months)s, %(mandatory)s, %(career_stages)s, %(job_roles)s,
    %(activity)s, %(now)s, %(actor)s)
on conflict (org_unit_id, course_code) do update set title = excluded.title, valid_months = excluded.valid_months,
    mandatory = excluded.mandatory, career_stages = excluded.career_stages, job_roles = excluded.job_roles,
    activity = excluded.activity, set_at = excluded.set_at, set_by = excluded.set_by
"""
_COMPLETION: LiteralString = """
insert into completions (completion_id, worker_id, course_code, completed_on, hours, source, recorded_at, recorded_by)
values (%(completion_id)s, %(worker_id)s, %(course_code)s, %(completed_on)s, %(hours)s, %(source)s, %(now)s, %(actor)s)
on conflict (worker_id, course_code, completed_on) do nothing
"""
_SAME: LiteralString = """
select completion_id from completions
where worker_id = %(worker_id)s and course_code = %(course_code)s and completed_on = %(completed_on)s
"""


@dataclass(frozen=True, slots=True)
class SetCourse:
    """A course of an org unit and below; empty stages or roles = for everyone, when it is mandatory."""

    org_unit_id: UUID
    course_code: str
    title: str
    valid_months: int | None
    mandatory: bool
    career_stages: list[str]
    job_roles: list[str]
    activity: str | None


@dataclass(frozen=True, slots=True)
class Completion:
    """A course that someone completed."""

    worker_id: UUID
    course_code: str
    completed_on: date
    hours: Decimal | None = None


async def check_unit(tx: Tx, org_unit_id: UUID) -> None:
    """NotFound when nobody has told of an org unit."""
    if not await tx.fetch_value(_UNIT, {"org_unit_id": org_unit_id}):
        raise NotFound("no-such-org-unit", "No org unit has this id, or cpd has not heard of it yet.")


async def set_course(tx: Tx, wanted: SetCourse) -> None:
    """Set a course; set again, it replaces what was set."""
    await check_unit(tx, wanted.org_unit_id)
    row = {name: getattr(wanted, name) for name in wanted.__slots__}
    await tx.queue(_COURSE, {**row, "now": tx.now, "actor": tx.actor})


async def complete(tx: Tx, known: Known, wanted: Completion, source: Source) -> tuple[UUID, bool]:
    """Record a completed course; its id, and whether it is new. The same course on the same day is the same completion."""
    if wanted.completed_on > tx.today:
        raise RuleBroken("completed-in-future", "Record a course once it was completed.", "completed_on")
    named = {
        "completion_id": new_id(),
        "worker_id": wanted.worker_id,
        "course_code": wanted.course_code,
        "completed_on": wanted.completed_on,
    }
    row: dict[str, Any] = {**named, "hours": wanted.hours, "source": source, "now": tx.now, "actor": tx.actor}
    if not await tx.execute(_COMPLETION, row):
        return await tx.fetch_value(_SAME, named), False
    course = (await _courses_of(tx, known)).get(wanted.course_code)
    until = valid_until(wanted.completed_on, course.valid_months) if course else None
    tx.emit(TrainingCompletedV1(**named, org_unit_id=known.org_unit_id, expires_on=until))
    return row["completion_id"], True


async def _courses_of(tx: Tx, known: Known) -> dict[str, Course]:
    return binding(await list_courses(tx, known.person.path), known.person.path)
