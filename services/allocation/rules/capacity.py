"""What a worker has to give: points of the hours that remain after reductions and protected time (clause 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from services.allocation.rules.exact import exact, plain
from services.allocation.rules.lines import Line
from services.allocation.rules.policy import Policy

Cadence = Literal["weekly", "fortnightly", "monthly"]

SESSIONS_PER_WEEK = {"weekly": Fraction(1), "fortnightly": Fraction(1, 2), "monthly": Fraction(12, 52)}


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """What is known of a worker on a date."""

    contracted_hours: Decimal
    career_stage: str
    cadence: Cadence | None = None
    minutes_per_session: int = 0
    development_hours_per_week: Decimal = Decimal(0)
    assessed_year_pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reduction:
    """Hours a week taken from a worker's capacity, from the first day to the last."""

    hours: Decimal
    reason: str
    from_on: date
    to_on: date | None = None


def supervision_hours_per_week(cadence: Cadence | None, minutes_per_session: int) -> Fraction:
    """Hours a week that the supervision of a cadence takes; none while no cadence is known (clause 3.2, 5.7)."""
    if cadence is None:
        return Fraction(0)
    return Fraction(minutes_per_session, 60) * SESSIONS_PER_WEEK[cadence]


def stage_factor(policy: Policy, worker: WorkerFacts) -> Fraction:
    """How much of a full load a worker carries: what the policy says of the career stage, or what was agreed for the
    worker's assessed year if that is less (clause 6.4); all of it unless one of them says otherwise."""
    of_stage = exact(policy.stage_factors.get(worker.career_stage, Decimal(1)))
    return of_stage if worker.assessed_year_pct is None else min(of_stage, exact(worker.assessed_year_pct) / 100)


def available_lines(policy: Policy, worker: WorkerFacts, reductions: Sequence[Reduction]) -> list[Line]:
    """full_time_points x stage factor x (contracted - reduction - protected hours) / full_time_hours, line by line."""
    return _lines(policy, worker, reductions) if reductions else list(_usual_lines(policy, worker))


@lru_cache(maxsize=4096)
def _usual_lines(policy: Policy, worker: WorkerFacts) -> tuple[Line, ...]:
    """Of most workers little differs: those with the same facts and no reduction have the same lines."""
    return tuple(_lines(policy, worker, ()))


def _lines(policy: Policy, worker: WorkerFacts, reductions: Sequence[Reduction]) -> list[Line]:
    per_hour = exact(policy.full_time_points) / exact(policy.full_time_hours)
    factor = stage_factor(policy, worker)
    contracted = exact(worker.contracted_hours)
    hours = f"{plain(contracted)} of {plain(policy.full_time_hours)} hours"
    lines = [
        Line(
            "available",
            "contracted_hours",
            f"{hours}, {plain(policy.full_time_points)} points full time",
            per_hour * contracted,
        )
    ]
    if factor != 1:
        words = f"{worker.career_stage}: {plain(factor * 100)} % of a full load"
        lines.append(Line("available", "stage_factor", words, per_hour * contracted * (factor - 1)))
    taken = [("reduction", r.reason, exact(r.hours)) for r in reductions] + _protected(policy, worker)
    lines += [
        Line("available", kind, f"{words}, {plain(h)} hours", -per_hour * factor * h) for kind, words, h in taken if h
    ]
    return lines + _up_to_nothing(lines)


def _protected(policy: Policy, worker: WorkerFacts) -> list[tuple[str, str, Fraction]]:
    """Time for development is what the policy protects for everyone, or what the worker was promised if that is more."""
    supervision = supervision_hours_per_week(worker.cadence, worker.minutes_per_session)
    development = max(policy.cpd_hours_per_week, worker.development_hours_per_week)
    kept = [("protected_cpd", "time for professional development", exact(development))]
    if policy.protect_supervision:
        kept.insert(0, ("protected_supervision", f"{worker.cadence} supervision", supervision))
    return kept


def _up_to_nothing(lines: Sequence[Line]) -> list[Line]:
    """Nobody has less than nothing to give: a line brings the sum back to zero, so that the lines still add up."""
    total = sum((line.points for line in lines), Fraction(0))
    return [] if total >= 0 else [Line("available", "floor", "more hours taken than contracted", -total)]
