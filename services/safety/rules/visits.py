"""Lone visits: when a worker counts as not come back, whom to tell next, and who may say that all is well (clause 4.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

MarkerKind: TypeAlias = Literal["visit_in_pairs", "no_home_visit", "known_threat", "weapon", "dog", "ask_first"]
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Whom to tell now, and when the next contact is due if nobody reacts."""

    contact: UUID
    level: int
    next_at: datetime | None


def overdue_at(expected_back_at: datetime, grace_minutes: int) -> datetime:
    """From when on a worker counts as not come back."""
    return expected_back_at + timedelta(minutes=grace_minutes)


def raise_alarm(chain: Sequence[UUID], level: int, now: datetime, ladder_minutes: int) -> Alarm | None:
    """The next contact after ``level`` were told; None when the chain has ended. Nobody's silence ever ends it."""
    if level >= len(chain):
        return None
    more = level + 1 < len(chain)
    return Alarm(chain[level], level + 1, now + timedelta(minutes=ladder_minutes) if more else None)


def plan_problem(planned_at: datetime, expected_back_at: datetime, chain: Sequence[UUID], worker: UUID) -> str | None:
    """Why a visit cannot be planned like this."""
    if not planned_at < expected_back_at <= planned_at + LONGEST:
        return "A visit ends after it begins, within a day."
    if not chain:
        return "Name at least one contact: you have no line manager on record."
    if worker in chain:
        return "You cannot be your own contact."
    return None


def closing_problem(state: str, worker: UUID, closer: UUID) -> str | None:
    """Why someone cannot close a missed check-in: a person other than the worker makes sure and says so."""
    if state != "missed":
        return "Only a missed check-in is closed. A worker who is back checks in."
    if closer == worker:
        return "Someone else makes sure that you are safe, and closes this."
    return None


def plain(address: str) -> str:
    """An address as it is compared: letters and digits only."""
    return re.sub(r"[\W_]+", "", address.casefold())
