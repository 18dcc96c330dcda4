"""Stages of the national career structure, progress on a plan, and induction (clauses 1.10, 6.3, 6.4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

Stage: TypeAlias = Literal["student", "assessed_year", "practitioner", "practice_supervisor", "practice_leader"]
InductionStatus: TypeAlias = Literal["done", "overdue", "due"]

STAGES: dict[Stage, str] = {
    "student": "Student social worker",
    "assessed_year": "Newly qualified, in the assessed and supported year",
    "practitioner": "Practitioner (post-qualifying standards)",
    "practice_supervisor": "Practice supervisor (post-qualifying standards)",
    "practice_leader": "Practice leader (post-qualifying standards)",
}
"""In the order of the structure; the post-qualifying standards name the last three."""

STAGE_AT_WORK: dict[str, Stage] = {
    "student": "student",
    "asye": "assessed_year",
    "practitioner": "practitioner",
    "senior_practitioner": "practice_supervisor",
    "manager": "practice_supervisor",
}
"""The stage that a worker's post suggests when no plan says otherwise."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan."""

    due_on: date | None
    done_on: date | None


def progress_pct(steps: Collection[Step]) -> int | None:
    """Steps done of all steps, in whole per cent; None without steps."""
    done = sum(step.done_on is not None for step in steps)
    return 100 * done // len(steps) if steps else None


def induction_due_on(employment_started_on: date, within_days: int) -> date:
    """The day by which an item of induction is due."""
    return employment_started_on + timedelta(days=within_days)


def induction_status(due_on: date, done_on: date | None, today: date) -> InductionStatus:
    """One word for an item of induction."""
    if done_on is not None:
        return "done"
    return "overdue" if due_on < today else "due"
