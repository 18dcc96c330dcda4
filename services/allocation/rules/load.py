"""What a worker carries: stable work, cases by weight and modifiers, further responsibilities (clauses 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from services.allocation.rules.capacity import WorkerFacts
from services.allocation.rules.exact import exact, plain
from services.allocation.rules.lines import Line
from services.allocation.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of one kind: a single one with its name, or several counted together."""

    case_type: str
    complexity: str
    modifiers: tuple[str, ...] = ()
    count: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Work beside cases that carries points, from the first day to the last."""

    description: str
    points: Decimal
    from_on: date
    to_on: date | None = None


def missing_weights(policy: Policy, case: Cases) -> list[str]:
    """What the policy must weigh before the case can be counted; empty when it can."""
    missing = [] if (case.case_type, case.complexity) in policy.weights else [f"{case.case_type}, {case.complexity}"]
    return missing + [f"modifier {name}" for name in case.modifiers if name not in policy.modifiers]


def case_points(policy: Policy, case: Cases) -> Decimal | None:
    """Points of one such case: its weight plus modifiers, never below zero; None without a weight."""
    if missing_weights(policy, case):
        return None
    extra = sum((policy.modifiers[name] for name in case.modifiers), Decimal(0))
    return max(Decimal(0), policy.weights[case.case_type, case.complexity] + extra)


def case_line(policy: Policy, case: Cases) -> Line:
    """The line of a case; one that the policy does not weigh stays visible with no points."""
    return _line(policy, case) if case.name else _nameless_line(policy, case)


def _line(policy: Policy, case: Cases) -> Line:
    points = case_points(policy, case)
    words = ", ".join([case.case_type, case.complexity, *case.modifiers])
    words = f"{words} ({case.name})" if case.name else f"{case.count} x {words}"
    if points is None:
        return Line("load", "case_without_weight", f"{words}: no weight in the policy in force", Fraction(0))
    return Line("load", "case", words, exact(points) * case.count)


_nameless_line = lru_cache(maxsize=4096)(_line)
"""Cases that are only counted come in few kinds, again and again. Nothing that bears a name is kept in memory."""


def stable_points(policy: Policy, worker: WorkerFacts) -> Fraction:
    """Stable work in proportion to contracted hours."""
    return exact(policy.stable_points) * exact(worker.contracted_hours) / exact(policy.full_time_hours)


def load_lines(
    policy: Policy, worker: WorkerFacts, cases: Sequence[Cases], responsibilities: Sequence[Responsibility]
) -> list[Line]:
    """stable points x contracted / full_time_hours + case points + responsibility points, line by line."""
    hours = f"{plain(worker.contracted_hours)} of {plain(policy.full_time_hours)} hours"
    lines = [Line("load", "stable", f"stable work, {hours}", stable_points(policy, worker))]
    lines += [case_line(policy, case) for case in cases]
    lines += [Line("load", "responsibility", r.description, exact(r.points)) for r in responsibilities]
    return lines
