"""Workload policies as they were agreed, by org unit and date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from services.allocation.rules.policy import Policy, policy_in_force

_OF_UNITS: LiteralString = """
select * from policies where org_unit_id = any(%(units)s) and effective_from <= %(on)s
"""
_OF_UNIT: LiteralString = "select * from policies where org_unit_id = %(unit)s order by effective_from"
_ONE: LiteralString = """
select * from policies where org_unit_id = %(unit)s and effective_from = %(from_on)s for update
"""
_PATH: LiteralString = "select path from directory_units where org_unit_id = %(unit)s"


def policy_of(row: dict[str, Any]) -> Policy:
    """A stored row as the rule's value."""
    weights = zip(row["weight_types"], row["weight_complexities"], strict=True)
    return Policy(
        policy_id=row["policy_id"],
        org_unit_id=row["org_unit_id"],
        effective_from=row["effective_from"],
        full_time_points=row["full_time_points"],
        full_time_hours=row["full_time_hours"],
        stable_points=row["stable_points"],
        stage_factors=dict(zip(row["stage_names"], row["stage_factors"], strict=True)),
        protect_supervision=row["protect_supervision"],
        cpd_hours_per_week=row["cpd_hours_per_week"],
        amber_above_pct=row["amber_above_pct"],
        limit_pct=row["limit_pct"],
        sustained_weeks=row["sustained_weeks"],
        weights=dict(zip(weights, row["weight_points"], strict=True)),
        modifiers=dict(zip(row["modifier_names"], row["modifier_points"], strict=True)),
    )


async def list_policies_of_units(tx: Tx, units: Iterable[UUID], on: date) -> list[Policy]:
    """The policies of some units that were in force on or before a day."""
    rows = await tx.fetch_all(_OF_UNITS, {"units": list(units), "on": on})
    return [policy_of(row) for row in rows]


async def list_policies(tx: Tx, org_unit_id: UUID) -> list[Policy]:
    """The policies of one unit, oldest first, future ones included."""
    return [policy_of(row) for row in await tx.fetch_all(_OF_UNIT, {"unit": org_unit_id})]


async def lock_policy(tx: Tx, org_unit_id: UUID, effective_from: date) -> Policy | None:
    """The policy of a unit from a date, locked for a change."""
    row = await tx.fetch_one(_ONE, {"unit": org_unit_id, "from_on": effective_from})
    return None if row is None else policy_of(row)


async def get_policy_in_force(tx: Tx, org_unit_id: UUID, on: date) -> Policy | None:
    """The policy that holds for a unit on a day: its own or the nearest above."""
    path: Sequence[UUID] = await tx.fetch_value(_PATH, {"unit": org_unit_id}) or [org_unit_id]
    return policy_in_force(await list_policies_of_units(tx, path, on), path[::-1], on)
