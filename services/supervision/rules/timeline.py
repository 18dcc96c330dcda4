"""Dates as the rules use them: spans of days, and values that hold from a date until the next one's."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

Value = TypeVar("Value")

LONDON = ZoneInfo("Europe/London")
ALWAYS = date.min
"""The date from which a value holds that was never otherwise."""


def london_day(instant: datetime) -> date:
    """The date of an aware instant: always the date in London, on either side of a clock change."""
    return instant.astimezone(LONDON).date()


@dataclass(frozen=True, slots=True)
class Span:
    """The days from ``start`` up to and without ``end``; without an end when that is None."""

    start: date
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Timeline(Generic[Value]):
    """Values that each hold from a date until the date of the next; sorted by date."""

    entries: tuple[tuple[date, Value], ...] = ()

    @classmethod
    def of(cls, entries: Iterable[tuple[date, Value]]) -> Timeline[Value]:
        """A timeline of entries in any order."""
        return cls(tuple(sorted(entries, key=itemgetter(0))))

    def on(self, day: date) -> Value | None:
        """The value that holds on a day; None before the first."""
        index = bisect_right(self.entries, day, key=itemgetter(0)) - 1
        return self.entries[index][1] if index >= 0 else None

    def next_change(self, after: date) -> date | None:
        """The first date after ``after`` on which the value may change."""
        index = bisect_right(self.entries, after, key=itemgetter(0))
        return self.entries[index][0] if index < len(self.entries) else None

    @property
    def changes(self) -> frozenset[date]:
        """The dates on which a value begins to hold."""
        return frozenset(day for day, _ in self.entries)


def spans_where(holds: Callable[[date], bool], changes: Iterable[date], within: Span) -> list[Span]:
    """The longest spans of ``within`` on whose every day ``holds`` is true, when it can change on ``changes`` only."""
    found: list[Span] = []
    edges = sorted({within.start, *(day for day in changes if day in within)})
    for start, end in zip(edges, [*edges[1:], within.end], strict=True):
        if not holds(start):
            continue
        if found and found[-1].end == start:
            found[-1] = Span(found[-1].start, end)
        else:
            found.append(Span(start, end))
    return found
