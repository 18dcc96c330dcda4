"""When a dated thing counts: from its first day to its last, both included, in London dates."""

from __future__ import annotations

from datetime import date
from typing import Literal

Status = Literal["scheduled", "active", "ended", "deleted"]


def status_on(from_on: date, to_on: date | None, on: date, *, deleted: bool = False) -> Status:
    """The status follows the dates alone; what was deleted stays deleted on every date."""
    if deleted:
        return "deleted"
    if on < from_on:
        return "scheduled"
    if to_on is not None and on > to_on:
        return "ended"
    return "active"


def counts_on(from_on: date, to_on: date | None, on: date) -> bool:
    """Whether a day lies within the dates."""
    return status_on(from_on, to_on, on) == "active"


def last_day_after_ending(from_on: date, to_on: date | None, ends_on: date) -> date:
    """The last day once someone ends a thing: never before its first day and never later than was agreed."""
    latest = ends_on if to_on is None else min(ends_on, to_on)
    return max(from_on, latest)
