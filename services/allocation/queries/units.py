"""The workload of a unit: its people, their sums, and the cases that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from services.allocation.queries.cases import count_waiting_cases
from services.allocation.queries.policies import get_policy_in_force
from services.allocation.queries.workloads import WorkerReading, read_workloads
from services.allocation.rules.workload import Workload, team_workload

_EMPLOYED: LiteralString = """
select d.worker_id from directory_workers d
join directory_units u using (org_unit_id)
join workers w using (worker_id)
where %(unit)s = any(u.path) and w.employment_started_on <= %(on)s and coalesce(w.employment_ended_on >= %(on)s, true)
"""
_READINGS: LiteralString = """
select * from workload_readings
where worker_id = %(worker)s and read_on between %(from_on)s and %(to_on)s order by read_on
"""


@dataclass(frozen=True, slots=True)
class UnitWorkload:
    """A unit's sums and the readings that they are sums of."""

    total: Workload
    workers: list[WorkerReading]
    unallocated_cases: int


async def read_unit_workload(tx: Tx, org_unit_id: UUID, on: date) -> UnitWorkload:
    """The workload of everyone employed on a day in a unit and below, and its ratio of sums."""
    rows = await tx.fetch_all(_EMPLOYED, {"unit": org_unit_id, "on": on})
    readings = await read_workloads(tx, [row["worker_id"] for row in rows], on)
    workers = sorted(readings.values(), key=lambda one: one.worker_id)
    policy = await get_policy_in_force(tx, org_unit_id, on)
    total = team_workload(policy, [one.workload for one in workers])
    return UnitWorkload(total, workers, await count_waiting_cases(tx, org_unit_id, on))


async def list_readings(tx: Tx, worker_id: UUID, from_on: date, to_on: date) -> list[dict[str, Any]]:
    """The weekly readings of a worker between two days."""
    return await tx.fetch_all(_READINGS, {"worker": worker_id, "from_on": from_on, "to_on": to_on})
