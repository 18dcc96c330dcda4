"""What an org unit grants each year for development, from a date (clauses 6.1, 6.2)."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from contracts.cpd import EntitlementSetV1
from services.cpd.commands.balances import look_again
from services.cpd.commands.training import check_unit
from services.cpd.rules.entitlement import Entitlement

_SET: LiteralString = """
insert into entitlements (entitlement_id, org_unit_id, effective_from, job_role, career_stage, hours_per_year,
    budget_per_year, pro_rata, full_time_hours, set_at, set_by)
values (%(entitlement_id)s, %(org_unit_id)s, %(effective_from)s, %(job_role)s, %(career_stage)s, %(hours_per_year)s,
    %(budget_per_year)s, %(pro_rata)s, %(full_time_hours)s, %(now)s, %(actor)s)
on conflict (org_unit_id, effective_from, job_role, career_stage) do update set
    hours_per_year = excluded.hours_per_year, budget_per_year = excluded.budget_per_year,
    pro_rata = excluded.pro_rata, full_time_hours = excluded.full_time_hours, set_at = excluded.set_at,
    set_by = excluded.set_by
returning entitlement_id
"""


async def set_entitlement(tx: Tx, wanted: Entitlement) -> UUID:
    """Grant hours and money from a date; set again for the same date, role and stage it replaces what was set."""
    await check_unit(tx, wanted.org_unit_id)
    row = {name: getattr(wanted, name) for name in wanted.__slots__}
    kept = {**row, "entitlement_id": new_id(), "now": tx.now, "actor": tx.actor}
    entitlement_id: UUID = await tx.fetch_value(_SET, kept)
    await look_again(tx, wanted.org_unit_id)
    tx.emit(EntitlementSetV1(entitlement_id=entitlement_id, **row))
    return entitlement_id
