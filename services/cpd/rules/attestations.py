"""Attestations: a named person states, with evidence and a date, how a clause is kept (clauses 1.11, 6.5, 6.6)."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

Clause: TypeAlias = Literal["1.11", "6.5", "6.6"]
Standing: TypeAlias = Literal["current", "due", "none"]

IN_SHORT: dict[Clause, str] = {
    "1.11": "Social workers can take part in the work of the professional body",
    "6.5": "Decisions are informed by rigorous evidence",
    "6.6": "Social workers take part in research and practice development with universities and professional bodies",
}


def standing(review_due_on: date | None, today: date) -> Standing:
    """Whether the latest statement still counts: until the day on which it is to be reviewed."""
    if review_due_on is None:
        return "none"
    return "current" if today < review_due_on else "due"
