"""Actions on what people said: owner, last day, evidence, overdue (clause 1.3)."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

ActionState: TypeAlias = Literal["agreed", "overdue", "done", "dropped"]


def state(due_on: date, done_on: date | None, dropped_on: date | None, today: date) -> ActionState:
    """How an action stands today: overdue from the day after its last day on."""
    if done_on is not None:
        return "done"
    if dropped_on is not None:
        return "dropped"
    return "overdue" if today > due_on else "agreed"


def due_problem(due_on: date, today: date) -> str | None:
    """Why a last day cannot be agreed."""
    return "That day has passed. Agree on a later one." if due_on < today else None


def change_problem(now: ActionState) -> str | None:
    """Why an action can no longer be changed."""
    ended = {"done": "It was done already.", "dropped": "It was dropped. Agree on a new one."}
    return ended.get(now)
