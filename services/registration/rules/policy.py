"""The numbers around registration that an authority sets with a date: lag of the register, reminders, when renewal is at risk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Policy:
    """``lag_days`` after a registration year ends the register may still show the old date (clause 7.1).

    ``reminder_days`` before the end of the year the worker is reminded, from ``manager_from_days`` on the line manager too;
    within ``at_risk_days`` an unfinished renewal is at risk (clause 7.2). The regulator names no number for any of them.
    """

    lag_days: int = 14
    reminder_days: tuple[int, ...] = (90, 60, 30, 14, 7, 1)
    manager_from_days: int = 30
    at_risk_days: int = 30


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class UnitPolicy:
    """A policy that an org unit set for itself and everything below, from a date."""

    org_unit_id: UUID
    effective_from: date
    policy: Policy


def in_force(path: Sequence[UUID], policies: Iterable[UnitPolicy], day: date) -> Policy:
    """The policy that binds a unit on a day: that of the nearest unit on its path, which runs from the root to itself."""
    begun = [one for one in policies if one.effective_from <= day and one.org_unit_id in path]
    if not begun:
        return DEFAULT
    return max(begun, key=lambda one: (list(path).index(one.org_unit_id), one.effective_from)).policy
