"""Mandatory training: for whom, and whether it still holds (clause 6.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from dateutil.relativedelta import relativedelta

Status: TypeAlias = Literal["expired", "expiring", "ok", "missing"]

EXPIRING_WITHIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Course:
    """A course of an org unit; empty ``career_stages`` or ``job_roles`` = mandatory for every one."""

    org_unit_id: UUID
    code: str
    title: str
    valid_months: int | None
    mandatory: bool
    career_stages: Collection[str] = ()
    job_roles: Collection[str] = ()

    def is_for(self, career_stage: str, job_role: str) -> bool:
        """Whether someone of a stage and role must complete it."""
        staged = not self.career_stages or career_stage in self.career_stages
        return self.mandatory and staged and (not self.job_roles or job_role in self.job_roles)


def valid_until(completed_on: date, valid_months: int | None) -> date | None:
    """The last day on which a completed course counts; None when it does not expire."""
    return None if valid_months is None else completed_on + relativedelta(months=valid_months)


def status(completed_on: date | None, valid_months: int | None, today: date) -> Status:
    """Missing without a completion, expired after its last day, expiring in the 90 days before, ok otherwise."""
    if completed_on is None:
        return "missing"
    until = valid_until(completed_on, valid_months)
    if until is None:
        return "ok"
    if until < today:
        return "expired"
    return "expiring" if until - today <= EXPIRING_WITHIN else "ok"


def binding(courses: Iterable[Course], path: Sequence[UUID]) -> dict[str, Course]:
    """The courses of the units above a worker, by code: of two with one code, the nearer unit's holds."""
    depth = {unit: place for place, unit in enumerate(path)}
    nearest_last = sorted((c for c in courses if c.org_unit_id in depth), key=lambda course: depth[course.org_unit_id])
    return {course.code: course for course in nearest_last}
