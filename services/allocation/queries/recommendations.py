"""Everyone who might take a case, read in a few statements however many people, and however many cases, there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import Conflict
from services.allocation.queries.cases import weighed
from services.allocation.queries.workloads import WorkerReading, read_workloads
from services.allocation.rules.recommendation import Candidate, Excluded, Ranked, recommend
from services.allocation.rules.waiting import Best, Waiting, recommend_each

# Within the authority of a unit and within the caller's bound; whoever left long ago is no candidate.
_CANDIDATES: LiteralString = """
select d.worker_id, coalesce(s.skills, '{}') as skills,
       exists (select from absences a where a.worker_id = d.worker_id and %(today)s between a.from_on and a.to_on) as absent
from directory_workers d
join workers w using (worker_id)
join directory_units u on u.org_unit_id = d.org_unit_id
left join worker_skills s on s.worker_id = d.worker_id
where coalesce(w.employment_ended_on >= %(today)s, true)
  and coalesce(u.path[1] = (select path[1] from directory_units where org_unit_id = %(unit)s), true)
  and coalesce(%(bound)s = any(u.path), %(bound)s::uuid is null)
  and coalesce(%(within)s = any(u.path), %(within)s::uuid is null)
"""
_HELD: LiteralString = "select distinct case_id, worker_id from allocations where case_id = any(%(cases)s)"
_ROOTS: LiteralString = "select org_unit_id, path[1] as root from directory_units where org_unit_id = any(%(units)s)"


async def read_recommendations(
    tx: Tx, case: dict[str, Any], bound: UUID | None, within: UUID | None
) -> tuple[list[Ranked], list[Excluded]]:
    """Every eligible worker ranked for a case, and everyone else with the reasons against."""
    if case["closed_on"] is not None:
        raise Conflict("case-closed", "The case is closed. Only an open case can be allocated.")
    held = (await _held(tx, [case["case_id"]]))[case["case_id"]]
    candidates = [
        candidate_of(row, reading, case, held)
        for row, reading in await list_everyone(tx, case["org_unit_id"], bound, within)
    ]
    return recommend(weighed(case), frozenset(case["skills"]), candidates)


async def read_best(
    tx: Tx, cases: Sequence[dict[str, Any]], bound: UUID | None, within: UUID | None, best: int
) -> dict[UUID, Best]:
    """The best few workers for each of some waiting cases, each as if it were the only one."""
    held = await _held(tx, [case["case_id"] for case in cases])
    found: dict[UUID, Best] = {}
    for together in (await _by_authority(tx, cases)).values():
        everyone = await list_everyone(tx, together[0]["org_unit_id"], bound, within)
        candidates = [candidate_of(row, reading) for row, reading in everyone]
        units = {reading.worker_id: reading.org_unit_id for _, reading in everyone}
        waiting = [_waiting(case, held[case["case_id"]]) for case in together]
        bests = recommend_each(waiting, candidates, units, best)
        found |= {case["case_id"]: one for case, one in zip(together, bests, strict=True)}
    return found


async def _held(tx: Tx, case_ids: Sequence[UUID]) -> Mapping[UUID, set[UUID]]:
    held: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in await tx.fetch_all(_HELD, {"cases": list(case_ids)}):
        held[row["case_id"]].add(row["worker_id"])
    return held


async def _by_authority(tx: Tx, cases: Sequence[dict[str, Any]]) -> Mapping[UUID | None, list[dict[str, Any]]]:
    rows = await tx.fetch_all(_ROOTS, {"units": list({case["org_unit_id"] for case in cases})})
    roots = {row["org_unit_id"]: row["root"] for row in rows}
    together: defaultdict[UUID | None, list[dict[str, Any]]] = defaultdict(list)
    for case in cases:
        together[roots.get(case["org_unit_id"])].append(case)
    return together


async def list_everyone(
    tx: Tx, unit: UUID, bound: UUID | None, within: UUID | None
) -> list[tuple[dict[str, Any], WorkerReading]]:
    """Everyone who might take a case that lies in a unit, with today's workload."""
    wanted = {"unit": unit, "today": tx.today, "bound": bound, "within": within}
    rows = {row["worker_id"]: row for row in await tx.fetch_all(_CANDIDATES, wanted)}
    readings = await read_workloads(tx, list(rows), tx.today)
    return [(rows[one.worker_id], one) for one in readings.values()]


def _waiting(case: dict[str, Any], held: set[UUID]) -> Waiting:
    return Waiting(weighed(case), frozenset(case["skills"]), case["org_unit_id"], frozenset(held))


def candidate_of(
    row: dict[str, Any], reading: WorkerReading, case: dict[str, Any] | None = None, held: set[UUID] | None = None
) -> Candidate:
    """Someone who might take a case; without one, its ties are left out."""
    return Candidate(
        worker_id=reading.worker_id,
        standing=reading.standing,
        career_stage=reading.career_stage,
        newly_qualified=reading.newly_qualified,
        policy=reading.policy,
        before=reading.workload,
        in_team=case is not None and case["org_unit_id"] == reading.org_unit_id,
        held_before=held is not None and reading.worker_id in held,
        holds_now=case is not None and case["worker_id"] == reading.worker_id,
        absent=row["absent"],
        skills=frozenset(row["skills"]),
    )
