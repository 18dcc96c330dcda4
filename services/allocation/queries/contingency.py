"""Demand and capacity of a unit, and the plans agreed for when the one exceeds the other."""

from __future__ import annotations

from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound
from services.allocation.queries.policies import get_policy_in_force
from services.allocation.queries.units import read_unit_workload
from services.allocation.rules.contingency import Demand, demand_of, plan_status
from services.allocation.rules.load import Cases

_WAITING: LiteralString = """
select c.case_type, c.complexity, c.modifiers, count(*) as waiting
from cases c join directory_units u using (org_unit_id)
where c.worker_id is null and c.closed_on is null and %(unit)s = any(u.path) group by 1, 2, 3
"""
_PLANS: LiteralString = """
select p.*, n.words as plan from contingency_plans p
join directory_units u using (org_unit_id)
left join notes n on n.about_id = p.plan_id and n.kind = 'plan'
where %(unit)s = any(u.path) and coalesce(p.plan_id = %(plan)s, true) order by p.plan_id
"""


async def read_demand(tx: Tx, org_unit_id: UUID, on: date) -> Demand:
    """What a unit and those below are asked to carry today, beside what they can."""
    policy = await get_policy_in_force(tx, org_unit_id, on)
    if policy is None:
        raise NotFound("policy-missing", "No workload policy is in force for this unit. Set one first.")
    rows = await tx.fetch_all(_WAITING, {"unit": org_unit_id})
    waiting = [Cases(row["case_type"], row["complexity"], tuple(row["modifiers"]), row["waiting"]) for row in rows]
    return demand_of(policy, (await read_unit_workload(tx, org_unit_id, on)).total, waiting)


async def list_plans(tx: Tx, org_unit_id: UUID, plan_id: UUID | None = None) -> list[dict[str, Any]]:
    """The plans of a unit and those below, oldest first, each with its status today."""
    rows = await tx.fetch_all(_PLANS, {"unit": org_unit_id, "plan": plan_id})
    return [row | {"status": plan_status(row["review_on"], row["ended_on"], tx.today)} for row in rows]


async def get_plan(tx: Tx, org_unit_id: UUID, plan_id: UUID) -> dict[str, Any]:
    """One plan of a unit."""
    rows = await list_plans(tx, org_unit_id, plan_id)
    if not rows:
        raise NotFound("plan-not-known", "The unit has no such plan. List them to see which there are.")
    return rows[0]
