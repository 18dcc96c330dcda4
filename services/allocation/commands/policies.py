"""An org unit agrees on a workload policy from a date (clauses 3.1, 3.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, LiteralString

from chassis.database import Tx
from chassis.problems import FieldProblem, RuleBroken
from contracts.allocation import PolicySetV1
from services.allocation.commands.workers import list_workers_below
from services.allocation.commands.workloads import refresh_workloads
from services.allocation.queries.policies import lock_policy
from services.allocation.rules.policy import Policy, contradictions

_ONE_AT_A_TIME: LiteralString = "select pg_advisory_xact_lock(hashtextextended(%(unit)s, 3))"
_SET: LiteralString = """
insert into policies as p (policy_id, org_unit_id, effective_from, full_time_points, full_time_hours, stable_points,
    stage_names, stage_factors, protect_supervision, cpd_hours_per_week, amber_above_pct, limit_pct, sustained_weeks,
    modifier_names, modifier_points, weight_types, weight_complexities, weight_points, set_by, set_at)
values (%(policy_id)s, %(org_unit_id)s, %(effective_from)s, %(full_time_points)s, %(full_time_hours)s,
    %(stable_points)s, %(stage_names)s, %(stage_factors)s::numeric[], %(protect_supervision)s, %(cpd_hours_per_week)s,
    %(amber_above_pct)s, %(limit_pct)s, %(sustained_weeks)s, %(modifier_names)s, %(modifier_points)s::numeric[],
    %(weight_types)s, %(weight_complexities)s, %(weight_points)s::numeric[], %(actor)s, %(now)s)
on conflict (org_unit_id, effective_from) do update set full_time_points = excluded.full_time_points,
    full_time_hours = excluded.full_time_hours, stable_points = excluded.stable_points,
    stage_names = excluded.stage_names, stage_factors = excluded.stage_factors,
    protect_supervision = excluded.protect_supervision, cpd_hours_per_week = excluded.cpd_hours_per_week,
    amber_above_pct = excluded.amber_above_pct, limit_pct = excluded.limit_pct,
    sustained_weeks = excluded.sustained_weeks, modifier_names = excluded.modifier_names,
    modifier_points = excluded.modifier_points, weight_types = excluded.weight_types,
    weight_complexities = excluded.weight_complexities, weight_points = excluded.weight_points,
    version = p.version + 1, set_by = excluded.set_by, set_at = excluded.set_at
"""


async def set_policy(tx: Tx, agreed: Policy) -> Policy:
    """Keep a policy, the whole of it in place of one with the same unit and date, and tell whose workload it changes.

    The same policy again changes nothing. Everyone below is computed anew, also when it takes effect later: the day is noted.
    """
    if found := contradictions(agreed):
        fields = [FieldProblem(*one) for one in found]
        raise RuleBroken("policy-contradicts-itself", "Correct what `errors` names.", fields=fields)
    await tx.execute(_ONE_AT_A_TIME, {"unit": str(agreed.org_unit_id)})
    known = await lock_policy(tx, agreed.org_unit_id, agreed.effective_from)
    if known is not None and replace(agreed, policy_id=known.policy_id) == known:
        return known
    kept = agreed if known is None else replace(agreed, policy_id=known.policy_id)
    await tx.execute(_SET, {**_columns(kept), "actor": tx.actor, "now": tx.now})
    told = {name: getattr(kept, name) for name in PolicySetV1.model_fields}
    tx.emit(PolicySetV1.model_validate(told))
    await refresh_workloads(tx, await list_workers_below(tx, kept.org_unit_id))
    return kept


def _columns(policy: Policy) -> dict[str, Any]:
    plain = {name: getattr(policy, name) for name in Policy.__dataclass_fields__}
    return plain | {
        "stage_names": list(policy.stage_factors),
        "stage_factors": list(policy.stage_factors.values()),
        "modifier_names": list(policy.modifiers),
        "modifier_points": list(policy.modifiers.values()),
        "weight_types": [case_type for case_type, _ in policy.weights],
        "weight_complexities": [complexity for _, complexity in policy.weights],
        "weight_points": list(policy.weights.values()),
    }
