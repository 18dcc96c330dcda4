"""Workloads computed from what is stored, for one worker or thousands, with the same few statements and one rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from services.allocation.queries.policies import list_policies_of_units
from services.allocation.rules.capacity import Reduction, WorkerFacts
from services.allocation.rules.load import Cases, Responsibility
from services.allocation.rules.offer import Standing
from services.allocation.rules.policy import Policy, policy_in_force
from services.allocation.rules.workload import NO_WORKLOAD, Workload, workload_of

# A day before the first known fact is read with the first one: earlier facts than those that were sent do not exist.
_WORKERS: LiteralString = """
select w.worker_id, d.org_unit_id, coalesce(u.path, array[d.org_unit_id]) as path,
       coalesce(p.path, array[f.org_unit_id]) as path_then,
       w.is_social_worker, w.newly_qualified, coalesce(r.refused, false) as registration_refused,
       w.employment_started_on <= %(on)s and coalesce(w.employment_ended_on >= %(on)s, true) as employed,
       f.contracted_hours, f.career_stage, c.cadence, coalesce(c.minutes_per_session, 0) as minutes_per_session,
       coalesce(t.hours_per_week, 0) as development_hours_per_week,
       (select min(y.workload_pct) from assessed_years y where y.worker_id = w.worker_id
        and y.started_on <= %(on)s and coalesce(y.ended_on >= %(on)s, true)) as assessed_year_pct
from workers w
join directory_workers d using (worker_id)
left join registrations r using (worker_id)
left join directory_units u on u.org_unit_id = d.org_unit_id
join lateral (
    select * from worker_facts f where f.worker_id = w.worker_id
    order by f.from_on <= %(on)s desc, abs(f.from_on - %(on)s) limit 1
) f on true
left join directory_units p on p.org_unit_id = f.org_unit_id
left join lateral (
    select * from cadences c where c.worker_id = w.worker_id and c.from_on <= %(on)s order by c.from_on desc limit 1
) c on true
left join lateral (
    select * from protected_times t where t.worker_id = w.worker_id and t.from_on <= %(on)s order by t.from_on desc limit 1
) t on true
where w.worker_id = any(%(workers)s)
"""
_CAPACITY: LiteralString = """
select r.worker_id, true as reduces, coalesce(n.words, 'reduction') as words, r.hours as amount, r.from_on, r.to_on
from reductions r left join notes n on n.about_id = r.reduction_id and n.kind = 'reason' and %(named)s
where r.worker_id = any(%(workers)s) and r.deleted_at is null
  and r.from_on <= %(on)s and coalesce(r.to_on >= %(on)s, true)
union all
select r.worker_id, false, coalesce(n.words, 'responsibility'), r.points, r.from_on, r.to_on
from responsibilities r left join notes n on n.about_id = r.responsibility_id and n.kind = 'description' and %(named)s
where r.worker_id = any(%(workers)s) and r.from_on <= %(on)s and coalesce(r.to_on >= %(on)s, true)
order by worker_id, from_on, words
"""
# Who holds a case now stands on the case: what was ever closed is not looked at.
_CASES: LiteralString = """
select worker_id, case_type, complexity, modifiers,
       case when %(named)s then source || ' ' || reference else '' end as name, count(*) as held
from cases where worker_id = any(%(workers)s) group by 1, 2, 3, 4, 5 order by 1, 2, 3, 5
"""
_CASES_THEN: LiteralString = """
select a.worker_id, coalesce(h.case_type, c.case_type) as case_type, coalesce(h.complexity, c.complexity) as complexity,
       coalesce(h.modifiers, c.modifiers) as modifiers,
       case when %(named)s then c.source || ' ' || c.reference else '' end as name, count(*) as held
from allocations a
join cases c using (case_id)
left join lateral (
    select * from case_history h where h.case_id = c.case_id and h.until_on > %(on)s order by h.until_on limit 1
) h on true
where a.worker_id = any(%(workers)s) and a.allocated_on <= %(on)s and coalesce(a.ended_on > %(on)s, true)
group by 1, 2, 3, 4, 5 order by 1, 2, 3, 5
"""


@dataclass(frozen=True, slots=True)
class WorkerReading:
    """A worker on a day: where the worker belongs, what decides about allocations, and the workload."""

    worker_id: UUID
    org_unit_id: UUID
    path: Sequence[UUID]
    standing: Standing
    career_stage: str
    newly_qualified: bool
    policy: Policy | None
    workload: Workload


@dataclass(slots=True)
class _Held:
    reductions: list[Reduction] = field(default_factory=list)
    responsibilities: list[Responsibility] = field(default_factory=list)
    cases: list[Cases] = field(default_factory=list)


async def read_workloads(
    tx: Tx, worker_ids: Sequence[UUID], on: date, *, named: bool = False
) -> dict[UUID, WorkerReading]:
    """The workload of each known worker on a day; ``named`` shows each case by its reference, and the words of reductions and
    responsibilities, which concern nobody but the worker and those who answer for the worker."""
    wanted = {"workers": list(worker_ids), "on": on, "today": tx.today, "named": named}
    rows = await tx.fetch_all(_WORKERS, wanted)
    held = await _held(tx, wanted)
    policies = await _policies(tx, {tuple(row["path_then"]) for row in rows}, on)
    return {row["worker_id"]: _reading(row, held[row["worker_id"]], policies, on) for row in rows}


async def get_workload(tx: Tx, worker_id: UUID, on: date) -> WorkerReading | None:
    """One worker's workload on a day, each case named."""
    return (await read_workloads(tx, [worker_id], on, named=True)).get(worker_id)


async def _held(tx: Tx, wanted: Mapping[str, Any]) -> defaultdict[UUID, _Held]:
    held: defaultdict[UUID, _Held] = defaultdict(_Held)
    for row in await tx.fetch_all(_CAPACITY, wanted):
        dates = (row["words"], row["amount"], row["from_on"], row["to_on"])
        if row["reduces"]:
            held[row["worker_id"]].reductions.append(Reduction(dates[1], dates[0], *dates[2:]))
        else:
            held[row["worker_id"]].responsibilities.append(Responsibility(*dates))
    for row in await tx.fetch_all(_CASES if wanted["on"] >= wanted["today"] else _CASES_THEN, wanted):
        kind = (row["case_type"], row["complexity"], tuple(row["modifiers"]))
        held[row["worker_id"]].cases.append(Cases(*kind, row["held"], row["name"]))
    return held


async def _policies(tx: Tx, paths: set[tuple[UUID, ...]], on: date) -> dict[tuple[UUID, ...], Policy | None]:
    agreed = await list_policies_of_units(tx, {unit for path in paths for unit in path}, on)
    return {path: policy_in_force(agreed, path[::-1], on) for path in paths}


def _reading(
    row: dict[str, Any], held: _Held, policies: Mapping[tuple[UUID, ...], Policy | None], on: date
) -> WorkerReading:
    policy = policies[tuple(row["path_then"])]
    facts = WorkerFacts(**{name: row[name] for name in WorkerFacts.__dataclass_fields__})
    workload = workload_of(policy, facts, held.cases, held.reductions, held.responsibilities, on=on)
    return WorkerReading(
        worker_id=row["worker_id"],
        org_unit_id=row["org_unit_id"],
        path=row["path"],
        standing=Standing(row["employed"], row["is_social_worker"], row["registration_refused"]),
        career_stage=row["career_stage"],
        newly_qualified=row["newly_qualified"],
        policy=policy,
        workload=workload if row["employed"] else NO_WORKLOAD,
    )
