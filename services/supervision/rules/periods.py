"""How required periods tile a worker's employment (clauses 5.5 to 5.7)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.supervision.rules.policy import STANDARD, Policy
from services.supervision.rules.timeline import ALWAYS, Span, Timeline

Cadence = Literal["weekly", "fortnightly", "monthly"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides a period, as it stands on the period's first day."""

    newly_qualified: bool = False
    policy: Policy = STANDARD


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``start`` up to and without ``end`` in which one qualifying session is required.

    ``cut_short``: the span it belongs to ends before the period would have; such a period is never judged.
    """

    start: date
    end: date
    cadence: Cadence
    minimum_minutes: int = STANDARD.minimum_minutes
    cut_short: bool = False

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def last_day(self) -> date:
        """The last day on which the session can be held."""
        return self.end - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later, clamped to that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def constant(terms: Terms) -> Timeline[Terms]:
    """Terms that never change."""
    return Timeline(((ALWAYS, terms),))


def required_periods(span: Span, terms: Timeline[Terms], since: date = ALWAYS) -> Iterator[Period]:
    """The periods that tile ``span``, in order, endless when the span is; those that end by ``since`` are left out.

    Clause 5.7: weekly for the first six weeks of a newly qualified worker's employment, fortnightly for every period
    that starts within six months of it, then monthly; monthly from the start for everyone else. The terms on a period's
    first day hold for all of it. In an unbroken run of calendar months the n-th begins n months after the first,
    clamped to the month's last day.
    """
    start, run = span.start, _Months(span.start)
    while span.end is None or start < span.end:
        now = terms.on(start) or Terms()
        cadence = cadence_on(start, span.start, now)
        days = _days(cadence, now.policy)
        if days is not None:
            end, run = start + timedelta(days=days), _Months(start + timedelta(days=days))
        elif (later := run.skip(start, since, terms.next_change(start))) is not None:
            start = later
            continue
        else:
            end = run.next()
        if (period := _period(start, end, span, cadence, now)).end > since:
            yield period
        start = end


class _Months:
    """A run of calendar months: its first day, and how many of them have begun."""

    def __init__(self, first: date) -> None:
        self.first = first
        self.begun = 0

    def next(self) -> date:
        """The first day of the month after."""
        self.begun += 1
        return self._nth(self.begun)

    def skip(self, start: date, since: date, change: date | None) -> date | None:
        """The first day of the run's last month that begins by ``since`` and by ``change``, if after ``start``."""
        limit = since if change is None else min(since, change)
        if limit <= start:
            return None
        n = (limit.year - self.first.year) * 12 + limit.month - self.first.month
        if self._nth(n) > limit:
            n -= 1
        if n <= self.begun:
            return None
        self.begun = n
        return self._nth(n)

    def _nth(self, n: int) -> date:
        return add_months(self.first, n)


def cadence_on(start: date, employed_from: date, terms: Terms) -> Cadence:
    """The cadence of a period that starts on ``start`` (clause 5.7)."""
    if not terms.newly_qualified:
        return "monthly"
    if start < employed_from + timedelta(weeks=terms.policy.weekly_weeks):
        return "weekly"
    if start < add_months(employed_from, terms.policy.fortnightly_until_months):
        return "fortnightly"
    return "monthly"


def _days(cadence: Cadence, policy: Policy) -> int | None:
    if cadence == "weekly":
        return policy.weekly_days
    return policy.fortnightly_days if cadence == "fortnightly" else policy.monthly_days


def _period(start: date, end: date, span: Span, cadence: Cadence, terms: Terms) -> Period:
    minutes = terms.policy.minimum_minutes
    if span.end is not None and end > span.end:
        return Period(start, span.end, cadence, minutes, cut_short=True)
    return Period(start, end, cadence, minutes)


def period_of(spans: list[Span], terms: Timeline[Terms], day: date) -> Period | None:
    """The required period that a day falls into; None where no supervision is required."""
    for span in spans:
        if day in span:
            return next(required_periods(span, terms, since=day))
    return None
