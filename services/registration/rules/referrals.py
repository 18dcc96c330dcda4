"""Telling the regulator of a fitness to practise concern, or deciding not to, and co-operating with it (clauses 7.3 and 7.4)."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

Decision: TypeAlias = Literal["refer", "not_refer"]
StepKind: TypeAlias = Literal["triage", "investigation", "case_examiners", "hearing", "interim_order", "other"]
Outcome: TypeAlias = Literal[
    "closed_at_triage",
    "no_further_action",
    "advice",
    "warning",
    "conditions",
    "suspension",
    "removal",
    "withdrawn",
]


def decision_problem(decision: Decision, *, serious: bool, investigated_on: date | None) -> str | None:
    """Why a decision cannot be taken yet; None when it can.

    The employer's own investigation comes first, unless the matter is so serious that the regulator must know at once.
    """
    if decision == "refer" and not serious and investigated_on is None:
        return "The employer's own investigation comes first. Give the day it ended, or say that the matter is serious."
    return None


def sending_problem(decision: str | None, sent_on: date | None, day: date, today: date) -> str | None:
    """Why a referral cannot have been sent on a day."""
    if decision != "refer":
        return "Nothing is sent before it was decided to refer."
    if sent_on is not None:
        return f"It was sent on {sent_on.isoformat()} already."
    return day_problem(day, None, today)


def step_problem(kind: StepKind, sent_on: date | None, day: date, today: date) -> str | None:
    """Why a step of the regulator cannot have happened on a day; an interim order can come at any time, as others refer too."""
    if sent_on is None and kind != "interim_order":
        return "The regulator takes this step after a referral was sent. Record that first."
    return day_problem(day, sent_on if kind != "interim_order" else None, today)


def request_problem(asked_on: date, due_on: date, today: date) -> str | None:
    """Why a request of the regulator cannot stand as written."""
    if due_on < asked_on:
        return "The deadline lies before the day on which it was asked for."
    return day_problem(asked_on, None, today)


def day_problem(day: date, not_before: date | None, today: date) -> str | None:
    """Why a thing cannot have happened on a day."""
    if day > today:
        return f"{day.isoformat()} is in the future. Give the day on which it happened."
    if not_before is not None and day < not_before:
        return f"{day.isoformat()} is before {not_before.isoformat()}, on which what comes first happened."
    return None


def is_overdue(due_on: date, answered_on: date | None, today: date) -> bool:
    """Whether the regulator waits longer than it allowed (clause 7.4: co-operate)."""
    return answered_on is None and due_on < today
