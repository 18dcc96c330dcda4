"""An authority's own policy: stricter than the standard, from a date (clauses 5.7, 5.8)."""

from __future__ import annotations

from dataclasses import asdict
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import FieldProblem, NotFound, RuleBroken
from contracts.supervision import PolicySetV1
from services.supervision.rules.policy import STANDARD, UnitPolicy, laxer_than_standard

_UNIT: LiteralString = "select 1 as known from directory_units where org_unit_id = %(org_unit_id)s"
_POLICY: LiteralString = """
insert into policies (policy_id, org_unit_id, effective_from, weekly_days, weekly_weeks, fortnightly_days,
    fortnightly_until_months, monthly_days, minimum_minutes, training_valid_months, set_at, set_by)
values (%(policy_id)s, %(org_unit_id)s, %(effective_from)s, %(weekly_days)s, %(weekly_weeks)s, %(fortnightly_days)s,
    %(fortnightly_until_months)s, %(monthly_days)s, %(minimum_minutes)s, %(training_valid_months)s, %(now)s, %(actor)s)
on conflict (org_unit_id, effective_from) do update set weekly_days = excluded.weekly_days,
    weekly_weeks = excluded.weekly_weeks, fortnightly_days = excluded.fortnightly_days,
    fortnightly_until_months = excluded.fortnightly_until_months, monthly_days = excluded.monthly_days,
    minimum_minutes = excluded.minimum_minutes, training_valid_months = excluded.training_valid_months,
    set_at = excluded.set_at, set_by = excluded.set_by
returning policy_id
"""

# Whoever ever belonged below the unit; in one order for everyone, so that two of these never wait for each other.
_LOOK_AGAIN: LiteralString = """
with concerned as (
    select worker_id from standings where worker_id in (
        select f.worker_id from worker_facts f join directory_units u using (org_unit_id)
        where %(org_unit_id)s = any(u.path))
    order by worker_id for update
)
update standings set next_look_on = least(next_look_on, %(today)s) where worker_id in (select worker_id from concerned)
"""


async def set_policy(tx: Tx, wanted: UnitPolicy) -> UUID:
    """Set a unit's policy from a date; set again for the same date it replaces what was set.

    Workers whom a policy concerns that has begun already are judged again by the next scan.
    """
    if too_lax := laxer_than_standard(wanted.policy):
        raise RuleBroken(
            "laxer-than-standard",
            "A policy may ask for more than the standard, never for less: see `errors`.",
            fields=[FieldProblem(name, f"the standard is {_standard(name)}") for name in too_lax],
        )
    if not await tx.fetch_value(_UNIT, {"org_unit_id": wanted.org_unit_id}):
        raise NotFound("no-such-org-unit", "No org unit has this id, or supervision has not heard of it yet.")
    policy = asdict(wanted.policy)
    row = {"org_unit_id": wanted.org_unit_id, "effective_from": wanted.effective_from, **policy}
    kept = {**row, "policy_id": new_id(), "now": tx.now, "actor": tx.actor}
    policy_id: UUID = await tx.fetch_value(_POLICY, kept)
    if wanted.effective_from <= tx.today:
        await tx.queue(_LOOK_AGAIN, {"org_unit_id": wanted.org_unit_id, "today": tx.today})
    tx.emit(PolicySetV1(policy_id=policy_id, **row))
    return policy_id


def _standard(name: str) -> str:
    value = getattr(STANDARD, name)
    if name == "monthly_days":
        return "a calendar month, so 28 days at most"
    return f"{value} at most" if name in ("weekly_days", "fortnightly_days") else f"{value} at least"
