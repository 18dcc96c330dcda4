"""The numbers of clauses 5.7 and 5.8 as a policy: the standard's own, stricter where an authority says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from uuid import UUID

from services.supervision.rules.timeline import ALWAYS, Timeline


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how long supervision is required.

    ``monthly_days`` None is a calendar month. ``training_valid_months`` None: the authority has not said for how long
    training in supervision counts as current; the standards name no number (clause 5.3).
    """

    weekly_days: int = 7
    weekly_weeks: int = 6
    fortnightly_days: int = 14
    fortnightly_until_months: int = 6
    monthly_days: int | None = None
    minimum_minutes: int = 90
    training_valid_months: int | None = None


STANDARD = Policy()
MONTHLY_DAYS_MOST = 28
"""The longest fixed interval that is never longer than a calendar month."""


@dataclass(frozen=True, slots=True)
class UnitPolicy:
    """A policy that an org unit set for itself and everything below, from a date."""

    org_unit_id: UUID
    effective_from: date
    policy: Policy


def laxer_than_standard(policy: Policy) -> list[str]:
    """The names of the numbers that ask for less than the standard does (clauses 5.7, 5.8); none when all may stand."""
    too_long = [name for name in ("weekly_days", "fortnightly_days") if getattr(policy, name) > getattr(STANDARD, name)]
    if policy.monthly_days is not None and policy.monthly_days > MONTHLY_DAYS_MOST:
        too_long.append("monthly_days")
    at_least = ("weekly_weeks", "fortnightly_until_months", "minimum_minutes")
    return too_long + [name for name in at_least if getattr(policy, name) < getattr(STANDARD, name)]


def strictest(policies: Iterable[Policy]) -> Policy:
    """Number by number the strictest of the policies, and never less than the standard."""
    return reduce(_stricter, policies, STANDARD)


def _stricter(one: Policy, other: Policy) -> Policy:
    return Policy(
        weekly_days=min(one.weekly_days, other.weekly_days),
        weekly_weeks=max(one.weekly_weeks, other.weekly_weeks),
        fortnightly_days=min(one.fortnightly_days, other.fortnightly_days),
        fortnightly_until_months=max(one.fortnightly_until_months, other.fortnightly_until_months),
        monthly_days=_shorter(one.monthly_days, other.monthly_days),
        minimum_minutes=max(one.minimum_minutes, other.minimum_minutes),
        training_valid_months=_shorter(one.training_valid_months, other.training_valid_months),
    )


def _shorter(one: int | None, other: int | None) -> int | None:
    return min((value for value in (one, other) if value is not None), default=None)


def in_force(path: Iterable[UUID], policies: Sequence[UnitPolicy], day: date) -> Policy:
    """The policy that binds a unit on a day: of every unit on its path the latest begun, joined to the strictest.

    A team can therefore ask for more than its authority, and never for less.
    """
    units = set(path)
    latest: dict[UUID, UnitPolicy] = {}
    for policy in sorted(policies, key=lambda p: p.effective_from):
        if policy.org_unit_id in units and policy.effective_from <= day:
            latest[policy.org_unit_id] = policy
    return strictest(unit.policy for unit in latest.values()) if latest else STANDARD


def policy_timeline(
    units: Timeline[UUID], paths: Mapping[UUID, Sequence[UUID]], policies: Sequence[UnitPolicy]
) -> Timeline[Policy]:
    """The policy that bound a worker from date to date, as the worker changed units and units changed policies."""
    if not policies:
        return Timeline(((ALWAYS, STANDARD),))
    days = {ALWAYS, *units.changes, *(policy.effective_from for policy in policies)}
    return Timeline.of((day, in_force(_path_on(units, paths, day), policies, day)) for day in days)


def _path_on(units: Timeline[UUID], paths: Mapping[UUID, Sequence[UUID]], day: date) -> Sequence[UUID]:
    unit = units.on(day)
    return () if unit is None else paths.get(unit, (unit,))
