"""When workload is news: crossing the limit, coming back, staying above it week after week (clauses 3.2, 3.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

Crossing = Literal["overloaded", "relieved"]


def crossing(was_overloaded: bool, is_overloaded: bool) -> Crossing | None:
    """Going above the limit and coming back are each told once."""
    if was_overloaded == is_overloaded:
        return None
    return "overloaded" if is_overloaded else "relieved"


@dataclass(frozen=True, slots=True)
class Run:
    """Weekly readings above the limit, one after the other without one that is not."""

    weeks: int = 0
    since: date | None = None
    told: bool = False


def after_reading(
    run: Run, read_on: date, overloaded: bool, sustained_weeks: int, *, still: bool = True
) -> tuple[Run, bool]:
    """The run after one weekly reading, and whether the overload is now sustained and nobody was told yet.

    ``still`` is False for a reading taken late, after the worker was relieved: there is nothing left to warn of.
    """
    if not overloaded:
        return Run(), False
    longer = replace(run, weeks=run.weeks + 1, since=run.since or read_on)
    if run.told or longer.weeks < sustained_weeks:
        return longer, False
    return (replace(longer, told=True), True) if still else (Run(), False)


def after_relief(run: Run) -> Run:
    """Relief closes a sustained overload for good: another one needs as many readings again. A shorter run goes on."""
    return Run() if run.told else run


def reading_day(on: date) -> date:
    """The Monday of a day's week: the day whose figure is that week's reading."""
    return on - timedelta(days=on.weekday())


def next_reading_after(read_on: date) -> date:
    """The Monday after a reading."""
    return reading_day(read_on) + timedelta(days=7)
