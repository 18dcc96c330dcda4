"""Renewal of registration: three separate parts in a window that ends on 30 November (clause 7.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from services.registration.rules.policy import Policy

Part: TypeAlias = Literal["form", "fee", "cpd"]
Recipient: TypeAlias = Literal["worker", "line_manager"]
PARTS: tuple[Part, ...] = ("form", "fee", "cpd")


def year_end_of(day: date) -> date:
    """The last day of the registration year of a day: 1 December to 30 November."""
    this = date(day.year, 11, 30)
    return this if day <= this else date(day.year + 1, 11, 30)


def window_start_of(year_end: date) -> date:
    """The first day on which renewal is possible."""
    return date(year_end.year, 9, 1)


def is_year_end(day: date) -> bool:
    """Whether a registration year ends on a day."""
    return (day.month, day.day) == (11, 30)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker has done for a renewal."""

    form: bool = False
    fee: bool = False
    cpd: bool = False

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts that are not done."""
        return tuple(part for part in PARTS if not getattr(self, part))

    @property
    def only_the_form_is_missing(self) -> bool:
        """The trap: paid and with CPD filed, people believe that they have renewed, and lose their registration."""
        return self.missing == ("form",)


@dataclass(frozen=True, slots=True)
class Renewal:
    """Where a renewal stands on a day. ``due`` = it is asked of the worker now; ``renewed`` = the register says so."""

    due: bool
    parts: Parts
    renewed: bool
    at_risk: bool

    @property
    def ready(self) -> bool:
        """All three parts, or the register's own word."""
        return self.renewed or not self.parts.missing

    @property
    def missing(self) -> tuple[Part, ...]:
        """What is left to do."""
        return () if self.renewed else self.parts.missing


def renewal_on(
    day: date, year_end: date, parts: Parts, *, must_renew: bool, valid_until: date | None, policy: Policy
) -> Renewal:
    """Where a worker stands with the renewal of a year.

    It stays due for the register's lag after the year, because until then nobody can know. It is at risk when little time is
    left, and at any time when only the form is missing.
    """
    renewed = valid_until is not None and valid_until > year_end
    due = must_renew and window_start_of(year_end) <= day <= year_end + timedelta(days=policy.lag_days)
    unfinished = due and not renewed and bool(parts.missing)
    pressing = (year_end - day).days <= policy.at_risk_days or parts.only_the_form_is_missing
    return Renewal(due, parts, renewed, unfinished and pressing)


def part_problem(day: date, today: date, year_end: date) -> str | None:
    """Why a part cannot have been done on a day for a year; None when it can.

    Days are London days: 23:59 on 30 November is in, 00:00 on 1 December is out.
    """
    if day > today:
        return f"is {day.isoformat()}, in the future; give the day on which it was done"
    if not window_start_of(year_end) <= day <= year_end:
        first = window_start_of(year_end).isoformat()
        return f"is {day.isoformat()}; for this year it must lie from {first} to {year_end.isoformat()}"
    return None


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due: the threshold it belongs to, and who gets it, the worker first."""

    days_before: int
    recipients: tuple[Recipient, ...]


def reminder_on(day: date, year_end: date, renewal: Renewal, told: Collection[int], policy: Policy) -> Reminder | None:
    """The one reminder that is due on a day, None when there is none; thresholds that were passed unseen are not caught up."""
    days_left = (year_end - day).days
    if not renewal.due or renewal.ready or days_left < 0:
        return None
    reached = [days for days in policy.reminder_days if days >= days_left]
    if not reached or any(days <= min(reached) for days in told):
        return None
    days_before = min(reached)
    manager_too = days_before <= policy.manager_from_days
    return Reminder(days_before, ("worker", "line_manager") if manager_too else ("worker",))
