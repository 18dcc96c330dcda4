"""The numbers around safety that an authority sets with a date: how soon a concern is answered, how late a visit may end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Policy:
    """Days from the day a concern came in until it is acknowledged, assessed and answered (clauses 4.3 and 4.4).

    ``grace_minutes`` after its expected end a lone visit counts as not come back from; each contact of its chain has
    ``ladder_minutes`` before the next is told. The standards name no number for any of them: these are defaults.
    """

    acknowledge_days: int = 3
    assess_days: int = 10
    answer_days: int = 28
    grace_minutes: int = 15
    ladder_minutes: int = 10


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


def order_problem(policy: Policy) -> str | None:
    """Why these numbers cannot hold together; None when they can."""
    if not policy.acknowledge_days <= policy.assess_days <= policy.answer_days:
        return "A concern is acknowledged before it is assessed, and assessed before it is answered."
    return None
