"""The days, ISO weeks and calendar months for which a figure is shown, in London dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, TypeAlias

from dateutil.relativedelta import relativedelta

Grain: TypeAlias = Literal["day", "week", "month"]

_DAY = timedelta(days=1)
_LENGTH: dict[Grain, relativedelta] = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
}


def period_start(day: date, grain: Grain) -> date:
    """The first day of the period that contains ``day``: the day itself, the Monday, or the first of the month."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def period_end(start: date, grain: Grain) -> date:
    """The day after the last day of the period that begins on ``start``."""
    return start + _DAY if grain == "day" else start + _LENGTH[grain]


def periods_between(first: date, end: date, grain: Grain) -> Iterator[date]:
    """The starts of the periods that hold any day from ``first`` up to, not including, ``end``."""
    start = period_start(first, grain)
    while start < end:
        yield start
        start = period_end(start, grain)
