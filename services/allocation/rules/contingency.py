"""When demand exceeds capacity, and what has been agreed about it (clause 3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from services.allocation.rules.load import Cases, case_points
from services.allocation.rules.policy import Policy
from services.allocation.rules.workload import Workload, is_above

Step = Literal["remove_work", "defer_work", "add_support", "recruit_or_redeploy", "escalate"]
PlanStatus = Literal["active", "review_due", "ended"]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a unit is asked to carry beside what it can carry within the limit."""

    held: Fraction
    waiting: Fraction
    capacity: Fraction
    exceeds: bool
    unweighed_cases: int

    @property
    def gap(self) -> Fraction:
        """Points by which demand exceeds capacity; zero while it does not."""
        return max(Fraction(0), self.held + self.waiting - self.capacity)


def demand_of(policy: Policy, unit: Workload, waiting: Iterable[Cases]) -> Demand:
    """Demand is what the unit's people carry and what waits for one of them; capacity is all they may carry together."""
    counted = [(case, case_points(policy, case)) for case in waiting]
    points = sum((Fraction(each) * case.count for case, each in counted if each is not None), Fraction(0))
    exceeds = is_above(policy.limit_pct, unit.load + points, unit.available)
    unweighed = sum(case.count for case, each in counted if each is None)
    return Demand(unit.load, points, unit.available * Fraction(policy.limit_pct) / 100, exceeds, unweighed)


def plan_status(review_on: date, ended_on: date | None, on: date) -> PlanStatus:
    """A plan is active until it ends, and due for review from its review day on."""
    if ended_on is not None and ended_on <= on:
        return "ended"
    return "review_due" if on >= review_on else "active"
