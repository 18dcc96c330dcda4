"""Courses, and how each worker stands with those that are mandatory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.cpd.queries.workers import Known
from services.cpd.rules.training import Course, Status, binding, status, valid_until

_COURSES: LiteralString = """
select org_unit_id, course_code as code, title, valid_months, mandatory, career_stages, job_roles from courses
where org_unit_id = any(%(path)s)
"""
_SHOWN: LiteralString = """
select org_unit_id, course_code, title, valid_months, mandatory, career_stages, job_roles, activity from courses
where org_unit_id = any((select path from directory_units where org_unit_id = %(unit)s)::uuid[])
order by course_code, org_unit_id
"""
_ALL_COURSES: LiteralString = """
select org_unit_id, course_code as code, title, valid_months, mandatory, career_stages, job_roles from courses
"""
_LATEST: LiteralString = """
select worker_id, course_code, max(completed_on) as completed_on from completions
where worker_id = any(%(workers)s) group by worker_id, course_code
"""
_COMPLETIONS: LiteralString = """
select completion_id, course_code, completed_on, hours, source from completions
where worker_id = %(worker)s order by completed_on desc, course_code limit 1000
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a worker stands with one mandatory course."""

    worker_id: UUID
    org_unit_id: UUID
    course: Course
    completed_on: date | None
    valid_until: date | None
    status: Status


async def list_courses(tx: Tx, path: Sequence[UUID]) -> list[Course]:
    """The courses of units."""
    return [Course(**row) for row in await tx.fetch_all(_COURSES, {"path": list(path)})]


async def list_courses_shown(tx: Tx, org_unit_id: UUID) -> list[Row]:
    """The courses that hold in a unit: its own and those of the units above."""
    return await tx.fetch_all(_SHOWN, {"unit": org_unit_id})


async def list_completions(tx: Tx, worker_id: UUID) -> list[Row]:
    """The courses that a worker completed, the latest first."""
    return await tx.fetch_all(_COMPLETIONS, {"worker": worker_id})


async def list_standings(tx: Tx, members: Iterable[Known]) -> list[Standing]:
    """How each of some workers stands with each course that is mandatory for them."""
    people = list(members)
    courses = [Course(**row) for row in await tx.fetch_all(_ALL_COURSES)]
    rows = await tx.fetch_all(_LATEST, {"workers": [one.worker_id for one in people]})
    latest = {(row["worker_id"], row["course_code"]): row["completed_on"] for row in rows}
    return [
        _standing(one, course, latest.get((one.worker_id, course.code)), tx.today)
        for one in people
        for _, course in sorted(binding(courses, one.person.path).items())
        if course.is_for(one.person.career_stage, one.person.job_role)
    ]


def _standing(one: Known, course: Course, completed_on: date | None, today: date) -> Standing:
    until = valid_until(completed_on, course.valid_months) if completed_on else None
    found = status(completed_on, course.valid_months, today)
    return Standing(one.worker_id, one.org_unit_id, course, completed_on, until, found)
