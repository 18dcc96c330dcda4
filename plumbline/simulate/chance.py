"""Repeatable chance: every part of a plan draws from a stream of its own, so that one part never shifts another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random
from typing import TypeVar

import holidays

Thing = TypeVar("Thing")


def stream(*about: object) -> Random:
    """The stream of random numbers that belongs to ``about``: the same one on every machine."""
    return Random("/".join(map(str, about)))  # noqa: S311 # a demonstration must be repeatable; nothing here is secret


def weighted(chance: Random, weights: Mapping[Thing, float]) -> Thing:
    """One of the keys, as often as its weight says."""
    return chance.choices(list(weights), list(weights.values()))[0]


class WorkingDays:
    """Which days people work in England: no weekends and no bank holidays."""

    def __init__(self, first: date, last: date) -> None:
        self._closed = frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(first.year, last.year + 1)))

    def __contains__(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._closed

    def between(self, first: date, last: date) -> list[date]:
        """The working days from ``first`` to ``last``, both included."""
        return [day for day in days(first, last) if day in self]


def days(first: date, last: date) -> Iterable[date]:
    """Every day from ``first`` to ``last``, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
