"""Concerns about resources, operations, workload or one's own skills: clocks, and who deals with them (clauses 4.3, 4.4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from services.safety.rules.policy import Policy

Topic: TypeAlias = Literal["resources", "operations", "workload", "own_skills", "own_capacity", "conduct", "other"]
Mode: TypeAlias = Literal["named", "confidential", "anonymous"]
Step: TypeAlias = Literal["acknowledge", "assess", "answer"]
Risk: TypeAlias = Literal["low", "medium", "high"]
Outcome: TypeAlias = Literal["acted_on", "partly_acted_on", "explained", "referred_on"]

STEPS: tuple[Step, ...] = ("acknowledge", "assess", "answer")


@dataclass(frozen=True, slots=True)
class Clocks:
    """The last day for each step."""

    acknowledge_by: date
    assess_by: date
    answer_by: date

    def of(self, step: Step) -> date:
        """The last day for a step."""
        return {"acknowledge": self.acknowledge_by, "assess": self.assess_by, "answer": self.answer_by}[step]


@dataclass(frozen=True, slots=True)
class Answerable:
    """Someone who answers for a unit."""

    worker_id: UUID
    org_unit_id: UUID


def clocks(received_on: date, policy: Policy) -> Clocks:
    """When each step is due, counted in days from the day on which the concern came in."""
    days = (policy.acknowledge_days, policy.assess_days, policy.answer_days)
    return Clocks(*(received_on + timedelta(days=n) for n in days))


def step_problem(waiting_for: str, wanted: Step) -> str | None:
    """Why a step cannot be taken: each comes once, in their order."""
    if waiting_for == wanted:
        return None
    if waiting_for == "done":
        return "This concern was answered. Raise a new one, or write to the person in the conversation."
    if wanted in _before(waiting_for):
        return f"That was done already; what comes next is to {waiting_for} it."
    return f"First {waiting_for} the concern."


def _before(waiting_for: str) -> tuple[Step, ...]:
    names: list[str] = [*STEPS]
    return STEPS[: names.index(waiting_for)]


def after(step: Step) -> str:
    """What a concern waits for once a step is taken."""
    place = STEPS.index(step) + 1
    return STEPS[place] if place < len(STEPS) else "done"


def in_conflict(subject: UUID | None, own_line: Collection[UUID]) -> bool:
    """Whether a concern is about someone, or about a person above them. ``own_line`` = the person and everyone above."""
    return subject is not None and subject in own_line


def may_not_know(
    subject: UUID | None, asker: UUID, askers_line: Collection[UUID], subjects_line: Collection[UUID]
) -> bool:
    """Whether the reporter's identity is closed to someone: to the subject, to those below, and to those above the subject."""
    return in_conflict(subject, askers_line) or (subject is not None and asker in subjects_line)


def next_handler(line: Sequence[Answerable], closed_to: Collection[UUID], current: UUID | None) -> Answerable | None:
    """Who deals with a concern after ``current``, from the nearest unit upwards, past everyone it must not reach."""
    workers = [one.worker_id for one in line]
    above = line[workers.index(current) + 1 :] if current in workers else line
    open_to = (one for one in above if one.worker_id not in closed_to and one.worker_id != current)
    return next(open_to, None)
