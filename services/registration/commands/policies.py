"""Setting the numbers around registration for a unit and below, from a date."""

from __future__ import annotations

from dataclasses import asdict
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from contracts.registration import PolicySetV1
from services.registration.queries.policies import get_path
from services.registration.rules.policy import UnitPolicy

_SET: LiteralString = """
insert into policies (policy_id, org_unit_id, effective_from, lag_days, reminder_days, manager_from_days, at_risk_days,
    set_by, set_at)
values (%(policy_id)s, %(org_unit_id)s, %(effective_from)s, %(lag_days)s, %(reminder_days)s, %(manager_from_days)s,
    %(at_risk_days)s, %(actor)s, %(now)s)
on conflict (org_unit_id, effective_from) do update set lag_days = excluded.lag_days,
    reminder_days = excluded.reminder_days, manager_from_days = excluded.manager_from_days,
    at_risk_days = excluded.at_risk_days, set_by = excluded.set_by, set_at = excluded.set_at
returning policy_id
"""
_LOOK_AGAIN: LiteralString = """
update standings s set settled_on = null from directory_workers d join directory_units u using (org_unit_id)
where d.worker_id = s.worker_id and %(unit)s = any(u.path)
"""


async def set_policy(tx: Tx, wanted: UnitPolicy) -> UUID:
    """Set a unit's policy from a date; set again for that date it replaces what was set. Everyone below is looked at anew."""
    await get_path(tx, wanted.org_unit_id)
    numbers = asdict(wanted.policy)
    row = {"org_unit_id": wanted.org_unit_id, "effective_from": wanted.effective_from, **numbers}
    kept = {**row, "reminder_days": list(wanted.policy.reminder_days), "policy_id": new_id()}
    policy_id: UUID = await tx.fetch_value(_SET, {**kept, "actor": tx.actor, "now": tx.now})
    await tx.execute(_LOOK_AGAIN, {"unit": wanted.org_unit_id})
    tx.emit(PolicySetV1(policy_id=policy_id, **row))
    return policy_id
