"""Everyone who might take a case, read in a few statements however many they are."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import Conflict
from services.allocation.queries.cases import weighed
from services.allocation.queries.workloads import WorkerReading, read_workloads
from services.allocation.rules.recommendation import Candidate, Excluded, Ranked, recommend

# Within the authority of the case and within the caller's bound; whoever left long ago is no candidate.
_CANDIDATES: LiteralString = """
select d.worker_id, d.org_unit_id = %(unit)s as in_team, coalesce(s.skills, '{}') as skills,
       exists (select from absences a where a.worker_id = d.worker_id and %(today)s between a.from_on and a.to_on) as absent,
       exists (select from allocations a where a.worker_id = d.worker_id and a.case_id = %(case)s) as held_before
from directory_workers d
join workers w using (worker_id)
join directory_units u on u.org_unit_id = d.org_unit_id
left join worker_skills s on s.worker_id = d.worker_id
where coalesce(w.employment_ended_on >= %(today)s, true)
  and coalesce(u.path[1] = (select path[1] from directory_units where org_unit_id = %(unit)s), true)
  and coalesce(%(bound)s = any(u.path), %(bound)s::uuid is null)
  and coalesce(%(within)s = any(u.path), %(within)s::uuid is null)
"""


async def read_recommendations(
    tx: Tx, case: dict[str, Any], bound: UUID | None, within: UUID | None
) -> tuple[list[Ranked], list[Excluded]]:
    """Every eligible worker ranked for a case, and everyone else with the reasons against."""
    if case["closed_on"] is not None:
        raise Conflict("case-closed", "The case is closed. Only an open case can be allocated.")
    wanted = {"unit": case["org_unit_id"], "case": case["case_id"], "today": tx.today, "bound": bound, "within": within}
    rows = {row["worker_id"]: row for row in await tx.fetch_all(_CANDIDATES, wanted)}
    readings = await read_workloads(tx, list(rows), tx.today)
    candidates = [_candidate(rows[one.worker_id], one, case) for one in readings.values()]
    return recommend(weighed(case), frozenset(case["skills"]), candidates)


def _candidate(row: dict[str, Any], reading: WorkerReading, case: dict[str, Any]) -> Candidate:
    return Candidate(
        worker_id=reading.worker_id,
        standing=reading.standing,
        career_stage=reading.career_stage,
        newly_qualified=reading.newly_qualified,
        policy=reading.policy,
        before=reading.workload,
        in_team=row["in_team"],
        held_before=row["held_before"],
        holds_now=case["worker_id"] == reading.worker_id,
        absent=row["absent"],
        skills=frozenset(row["skills"]),
    )
