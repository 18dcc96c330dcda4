"""Small builders for tests: a policy, a worker, cases, with the usual values unless a test says otherwise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.allocation.rules.capacity import WorkerFacts
from services.allocation.rules.load import Cases
from services.allocation.rules.policy import Policy

UNIT = UUID(int=1)
TODAY = date(2026, 3, 2)
CHILD_IN_NEED = Cases("child_in_need", "standard", name="mosaic 1")
CHILD_PROTECTION = Cases("child_protection", "standard", name="mosaic 2")


def a_policy(**given: Any) -> Policy:
    usual: dict[str, Any] = {
        "policy_id": UUID(int=9),
        "org_unit_id": UNIT,
        "effective_from": date(2026, 1, 1),
        "full_time_points": Decimal(100),
        "full_time_hours": Decimal(37),
        "stable_points": Decimal(15),
        "stage_factors": {"asye": Decimal("0.9")},
        "weights": {("child_in_need", "standard"): Decimal(7), ("child_protection", "standard"): Decimal(10)},
    }
    return Policy(**{**usual, **given})


def a_worker(**given: Any) -> WorkerFacts:
    usual: dict[str, Any] = {"contracted_hours": Decimal(37), "career_stage": "practitioner"}
    return WorkerFacts(**{**usual, **given})


def cases(count: int, of: Cases = CHILD_IN_NEED) -> list[Cases]:
    return [of] * count


def points(value: str | int) -> Fraction:
    return Fraction(str(value))
