"""Setting the numbers around safety for a unit and below, from a date."""

from __future__ import annotations

from dataclasses import asdict
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import RuleBroken
from contracts.safety import PolicySetV1
from services.safety.queries.people import get_path
from services.safety.rules.policy import UnitPolicy, order_problem

_SET: LiteralString = """
insert into policies (policy_id, org_unit_id, effective_from, acknowledge_days, assess_days, answer_days, grace_minutes,
    ladder_minutes, set_by)
values (%(policy_id)s, %(org_unit_id)s, %(effective_from)s, %(acknowledge_days)s, %(assess_days)s, %(answer_days)s,
    %(grace_minutes)s, %(ladder_minutes)s, %(actor)s)
on conflict (org_unit_id, effective_from) do update set acknowledge_days = excluded.acknowledge_days,
    assess_days = excluded.assess_days, answer_days = excluded.answer_days, grace_minutes = excluded.grace_minutes,
    ladder_minutes = excluded.ladder_minutes, set_by = excluded.set_by
returning policy_id
"""


async def set_policy(tx: Tx, wanted: UnitPolicy) -> UUID:
    """Set a unit's policy from a date; what came in before keeps the clocks it was given."""
    await get_path(tx, wanted.org_unit_id)
    problem = order_problem(wanted.policy)
    if problem:
        raise RuleBroken("days-out-of-order", problem, field="answer_days")
    row = {"org_unit_id": wanted.org_unit_id, "effective_from": wanted.effective_from, **asdict(wanted.policy)}
    policy_id: UUID = await tx.fetch_value(_SET, {**row, "policy_id": new_id(), "actor": tx.actor})
    tx.emit(PolicySetV1(policy_id=policy_id, **row))
    return policy_id
