"""Which workload policy holds for a worker on a date: safe levels are agreed per service area (clauses 3.1, 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

AMBER_ABOVE_PCT = Decimal(90)
LIMIT_PCT = Decimal(100)
SUSTAINED_WEEKS = 4

Weight = tuple[str, str]
"""A case type and a complexity."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an org unit agreed about workload, from a date on."""

    policy_id: UUID
    org_unit_id: UUID
    effective_from: date
    full_time_points: Decimal
    full_time_hours: Decimal
    stable_points: Decimal
    stage_factors: Mapping[str, Decimal] = field(default_factory=dict)
    protect_supervision: bool = False
    cpd_hours_per_week: Decimal = Decimal(0)
    amber_above_pct: Decimal = AMBER_ABOVE_PCT
    limit_pct: Decimal = LIMIT_PCT
    sustained_weeks: int = SUSTAINED_WEEKS
    weights: Mapping[Weight, Decimal] = field(default_factory=dict)
    modifiers: Mapping[str, Decimal] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Whole teams are weighed by one policy: what follows from it and the same facts is worked out once."""
        return hash(self.policy_id)


def policy_in_force(policies: Iterable[Policy], units_nearest_first: Sequence[UUID], on: date) -> Policy | None:
    """The latest policy in force of the nearest unit that has one on that day; None where nobody agreed on any."""
    latest: dict[UUID, Policy] = {}
    for policy in policies:
        known = latest.get(policy.org_unit_id)
        if policy.effective_from <= on and (known is None or known.effective_from < policy.effective_from):
            latest[policy.org_unit_id] = policy
    return next((latest[unit] for unit in units_nearest_first if unit in latest), None)


def contradictions(policy: Policy) -> list[tuple[str, str]]:
    """What makes a policy impossible to apply, as (field, sentence)."""
    found = []
    if policy.amber_above_pct > policy.limit_pct:
        found.append(("amber_above_pct", "Amber begins above the limit: choose a value up to limit_pct."))
    if policy.stable_points > policy.full_time_points:
        found.append(
            ("stable_points", "Stable work takes more than a full-time worker has: choose at most full_time_points.")
        )
    if policy.cpd_hours_per_week > policy.full_time_hours:
        found.append(("protected_hours", "More hours are protected than a full-time week has."))
    return found
