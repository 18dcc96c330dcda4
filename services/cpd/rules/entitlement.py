"""Entitlement to time and money for development, and what was really given of it (clauses 6.1, 6.2).

The nearest unit above a worker that grants anything in force decides; within it the entitlement that names role and stage
goes before one that names one of them, and that before one for everyone. The year is the registration year.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias
from uuid import UUID

Status: TypeAlias = Literal["requested", "agreed", "taken", "refused", "cancelled"]
Cause: TypeAlias = Literal["workload", "cover", "budget", "not_relevant", "own_wish", "other"]
Decision: TypeAlias = Literal["agree", "take", "refuse", "cancel"]

FOR_WORKLOAD: frozenset[str] = frozenset({"workload", "cover"})
"""The causes by which the work itself takes the time that was promised."""
REPEATEDLY = 3
"""So many in a row are more than chance. No source gives a number: a default."""
WEEKS_IN_YEAR = 52

_STEPS: dict[Decision, tuple[frozenset[str], Status]] = {
    "agree": (frozenset({"requested"}), "agreed"),
    "take": (frozenset({"requested", "agreed"}), "taken"),
    "refuse": (frozenset({"requested"}), "refused"),
    "cancel": (frozenset({"requested", "agreed"}), "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Hours and money a year for a role and stage in a unit, from a date."""

    org_unit_id: UUID
    effective_from: date
    hours_per_year: Decimal
    budget_per_year: Decimal
    job_role: str | None = None
    career_stage: str | None = None
    pro_rata: bool = False
    full_time_hours: Decimal = Decimal(37)

    def is_for(self, job_role: str, career_stage: str) -> bool:
        """Whether it covers a role and stage."""
        return self.job_role in (None, job_role) and self.career_stage in (None, career_stage)

    @property
    def precision(self) -> int:
        """How exactly it names whom it is for."""
        return 2 * (self.job_role is not None) + (self.career_stage is not None)


@dataclass(frozen=True, slots=True)
class Person:
    """What of a worker decides the entitlement; ``path`` = the units from the root to the worker's own."""

    path: Sequence[UUID]
    job_role: str
    career_stage: str
    contracted_hours: Decimal
    started_on: date
    ended_on: date | None = None

    def employed_on(self, day: date) -> bool:
        """Whether employed on a day."""
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)


@dataclass(frozen=True, slots=True)
class Granted:
    """Hours and money, exact."""

    hours: Fraction = Fraction(0)
    budget: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as far as the balance counts it. ``closed_at`` = when it was taken, refused or cancelled."""

    status: Status
    hours: Decimal
    cost: Decimal
    cause: Cause | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """A year of development: granted, taken, still wanted, and withheld for the sake of the work."""

    granted: Granted
    taken_hours: Decimal
    taken_cost: Decimal
    wanted_hours: Decimal
    withheld_hours: Decimal


def in_force(entitlements: Iterable[Entitlement], person: Person, day: date) -> Entitlement | None:
    """The entitlement that holds for someone on a day; None when nothing is granted."""
    depth = {unit: place for place, unit in enumerate(person.path)}
    holding = [
        (depth[one.org_unit_id], one.precision, one.effective_from, one)
        for one in entitlements
        if one.org_unit_id in depth and one.effective_from <= day and one.is_for(person.job_role, person.career_stage)
    ]
    return max(holding, key=lambda found: found[:3])[3] if holding else None


def granted(entitlements: Sequence[Entitlement], person: Person, first: date, last: date) -> Granted:
    """What a year grants: each day at the rate in force on it, for the days of employment."""
    days = (last - first).days + 1
    hours = budget = Fraction(0)
    for start, stop in _stretches(entitlements, person, first, last):
        one = in_force(entitlements, person, start)
        if one is not None and person.employed_on(start):
            share = Fraction((stop - start).days, days) * _part_time(one, person)
            hours += share * Fraction(one.hours_per_year)
            budget += share * Fraction(one.budget_per_year)
    return Granted(hours, budget)


def _stretches(
    entitlements: Iterable[Entitlement], person: Person, first: date, last: date
) -> Iterable[tuple[date, date]]:
    """Spans [start, stop) of a year within which nothing changes."""
    beyond = last + timedelta(days=1)
    turns = {first, person.started_on, *(one.effective_from for one in entitlements)}
    if person.ended_on is not None:
        turns.add(person.ended_on + timedelta(days=1))
    inside = sorted(turn for turn in turns if first <= turn < beyond)
    return zip(inside, [*inside[1:], beyond], strict=True)


def _part_time(one: Entitlement, person: Person) -> Fraction:
    if not one.pro_rata:
        return Fraction(1)
    return min(Fraction(1), Fraction(person.contracted_hours) / Fraction(one.full_time_hours))


def weekly_hours(one: Entitlement | None, person: Person) -> Fraction:
    """The hours a week that an entitlement keeps free when it is spread over the year."""
    return Fraction(0) if one is None else Fraction(one.hours_per_year) * _part_time(one, person) / WEEKS_IN_YEAR


def balance(given: Granted, requests: Iterable[Request]) -> Balance:
    """What became of a year's requests. Withheld counts what was refused or cancelled because of the work."""
    sums = {"taken": Decimal(0), "cost": Decimal(0), "wanted": Decimal(0), "withheld": Decimal(0)}
    for one in requests:
        if one.status == "taken":
            sums["taken"] += one.hours
            sums["cost"] += one.cost
        elif one.status in ("requested", "agreed"):
            sums["wanted"] += one.hours
        elif one.cause in FOR_WORKLOAD:
            sums["withheld"] += one.hours
    return Balance(given, sums["taken"], sums["cost"], sums["wanted"], sums["withheld"])


def refused_in_a_row(requests: Iterable[Request]) -> int:
    """How many requests fell to the work since time was last taken; other causes neither count nor break the row."""
    row = 0
    closed = [(one.closed_at, one) for one in requests if one.closed_at is not None]
    for _, one in sorted(closed, key=lambda found: found[0]):
        if one.status == "taken":
            row = 0
        elif one.cause in FOR_WORKLOAD:
            row += 1
    return row


def step(status: Status, decision: Decision) -> Status | None:
    """The status after a decision; None when it is not open to that decision."""
    allowed, after = _STEPS[decision]
    return after if status in allowed else None
