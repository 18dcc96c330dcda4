"""What time alone does: dates that take effect, workers who have left, and the weekly reading of workload."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from contracts.allocation import WorkloadSustainedV1
from services.allocation.commands.cases import return_to_team
from services.allocation.commands.workloads import lock_workers, refresh_workloads
from services.allocation.queries.workloads import WorkerReading, read_workloads
from services.allocation.rules.exact import as_decimal
from services.allocation.rules.overload import Run, after_reading, next_reading_after
from services.allocation.rules.policy import SUSTAINED_WEEKS

BATCH = 500

_DUE: LiteralString = "select worker_id from workload_states where due_on <= %(today)s order by due_on limit %(limit)s"
_LEAVERS: LiteralString = """
select worker_id from workers where worker_id = any(%(workers)s) and employment_ended_on < %(today)s
"""
_LOCK_CASES: LiteralString = """
select case_id from cases where worker_id = any(%(workers)s) order by case_id for no key update
"""
_HELD: LiteralString = """
select c.*, a.allocation_id from cases c join allocations a on a.case_id = c.case_id and a.ended_on is null
where c.worker_id = any(%(workers)s) order by c.case_id
"""
_READINGS_DUE: LiteralString = """
select worker_id, next_reading_on from workload_states
where next_reading_on = (select min(next_reading_on) from workload_states where next_reading_on <= %(today)s)
order by worker_id limit %(limit)s
"""
_RUNS: LiteralString = """
select worker_id, overloaded, run_weeks, run_since, run_told from workload_states where worker_id = any(%(workers)s)
"""
_KEEP_READINGS: LiteralString = """
insert into workload_readings (worker_id, read_on, available_points, load_points, band, overloaded)
values (%(worker_id)s, %(read_on)s, %(available_points)s, %(load_points)s, %(band)s, %(overloaded)s)
on conflict do nothing
"""
_KEEP_RUN: LiteralString = """
update workload_states set next_reading_on = %(next_reading_on)s, run_weeks = %(weeks)s, run_since = %(since)s,
    run_told = %(told)s
where worker_id = %(worker_id)s
"""


async def settle_workers(tx: Tx, worker_ids: Iterable[UUID]) -> None:
    """Bring workers up to date after something became known of them: cases of those who left wait again."""
    known = list(set(worker_ids))
    rows = await tx.fetch_all(_LEAVERS, {"workers": known, "today": tx.today})
    if rows:
        leavers = {"workers": [row["worker_id"] for row in rows]}
        await tx.execute(_LOCK_CASES, leavers)
        for case in await tx.fetch_all(_HELD, leavers):
            await return_to_team(tx, case, "worker_left")
    await refresh_workloads(tx, known)


async def settle_due_workers(tx: Tx) -> int:
    """Bring up to date the workers of whom something took effect or ended by its date; how many."""
    rows = await tx.fetch_all(_DUE, {"today": tx.today, "limit": BATCH})
    if rows:
        await settle_workers(tx, [row["worker_id"] for row in rows])
    return len(rows)


async def take_weekly_readings(tx: Tx) -> int:
    """Take the oldest weekly reading that is still missing, as of its own Monday, however late; how many workers."""
    due = await tx.fetch_all(_READINGS_DUE, {"today": tx.today, "limit": BATCH})
    if not due:
        return 0
    read_on: date = due[0]["next_reading_on"]
    workers = [row["worker_id"] for row in due]
    await lock_workers(tx, workers)
    runs = await tx.fetch_all(_RUNS, {"workers": workers})
    readings = await read_workloads(tx, workers, read_on)
    await tx.execute_many(_KEEP_READINGS, [_row(one, read_on) for one in readings.values()])
    await tx.execute_many(_KEEP_RUN, [_next_run(tx, row, readings.get(row["worker_id"]), read_on) for row in runs])
    return len(due)


def _row(reading: WorkerReading, read_on: date) -> dict[str, Any]:
    return {
        "worker_id": reading.worker_id,
        "read_on": read_on,
        "available_points": as_decimal(reading.workload.available),
        "load_points": as_decimal(reading.workload.load),
        "band": reading.workload.band,
        "overloaded": reading.workload.overloaded,
    }


def _next_run(tx: Tx, row: dict[str, Any], reading: WorkerReading | None, read_on: date) -> dict[str, Any]:
    overloaded = reading is not None and reading.workload.overloaded
    weeks = SUSTAINED_WEEKS if reading is None or reading.policy is None else reading.policy.sustained_weeks
    run = Run(row["run_weeks"], row["run_since"], row["run_told"])
    run, sustained = after_reading(run, read_on, overloaded, weeks, still=row["overloaded"])
    if sustained and reading is not None:
        who = {"worker_id": reading.worker_id, "org_unit_id": reading.org_unit_id}
        tx.emit(WorkloadSustainedV1(**who, as_of=read_on, weeks=run.weeks, overloaded_since=run.since or read_on))
    kept = {"weeks": run.weeks, "since": run.since, "told": run.told}
    return {"worker_id": row["worker_id"], "next_reading_on": next_reading_after(read_on), **kept}
