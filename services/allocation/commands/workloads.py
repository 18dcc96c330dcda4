"""Telling of workload: after every change the figures are computed anew and what differs from the last telling is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from contracts.allocation import WorkloadChangedV1, WorkloadOverloadedV1, WorkloadRelievedV1
from services.allocation.queries.workloads import WorkerReading, read_workloads
from services.allocation.rules.exact import as_decimal
from services.allocation.rules.overload import Run, after_relief, crossing, next_reading_after, reading_day

_LOCK: LiteralString = """
select worker_id from workers where worker_id = any(%(workers)s) order by worker_id for no key update
"""
_STATES: LiteralString = "select * from workload_states where worker_id = any(%(workers)s)"
_SAVE: LiteralString = """
insert into workload_states as s (worker_id, org_unit_id, as_of, available_points, load_points, band, overloaded, due_on,
                                  next_reading_on, run_weeks, run_since, run_told)
select g.worker_id, g.org_unit_id, %(today)s, g.available_points, g.load_points, g.band, g.overloaded, g.due_on,
       %(next_reading_on)s, 0, null, false
from unnest(%(workers)s::uuid[], %(units)s::uuid[], %(available)s::numeric[], %(load)s::numeric[], %(bands)s::text[],
            %(overloaded)s::boolean[], %(due_on)s::date[])
    as g (worker_id, org_unit_id, available_points, load_points, band, overloaded, due_on)
on conflict (worker_id) do update set org_unit_id = excluded.org_unit_id, as_of = excluded.as_of,
    available_points = excluded.available_points, load_points = excluded.load_points, band = excluded.band,
    overloaded = excluded.overloaded, due_on = excluded.due_on
"""
_BEGIN_RUNS_ANEW: LiteralString = """
update workload_states set run_weeks = 0, run_since = null, run_told = false where worker_id = any(%(workers)s)
"""
# The next day on which something changes by its date alone: what ends today counts today and is due tomorrow.
_DUE: LiteralString = """
select worker_id, min(day) as due_on from (
    select worker_id, from_on as day from reductions
    where worker_id = any(%(workers)s) and deleted_at is null and from_on > %(today)s
    union all select worker_id, to_on + 1 from reductions
    where worker_id = any(%(workers)s) and deleted_at is null and to_on >= %(today)s
    union all select worker_id, from_on from responsibilities
    where worker_id = any(%(workers)s) and from_on > %(today)s
    union all select worker_id, to_on + 1 from responsibilities
    where worker_id = any(%(workers)s) and to_on >= %(today)s
    union all select worker_id, from_on from cadences where worker_id = any(%(workers)s) and from_on > %(today)s
    union all select worker_id, from_on from protected_times where worker_id = any(%(workers)s) and from_on > %(today)s
    union all select worker_id, started_on from assessed_years
    where worker_id = any(%(workers)s) and started_on > %(today)s
    union all select worker_id, ended_on + 1 from assessed_years
    where worker_id = any(%(workers)s) and ended_on >= %(today)s
    union all select worker_id, from_on from worker_facts where worker_id = any(%(workers)s) and from_on > %(today)s
    union all select worker_id, employment_started_on from workers
    where worker_id = any(%(workers)s) and employment_started_on > %(today)s
    union all select worker_id, employment_ended_on + 1 from workers
    where worker_id = any(%(workers)s) and employment_ended_on >= %(today)s
    union all select d.worker_id, p.effective_from from policies p
    join directory_units u on p.org_unit_id = any(u.path)
    join directory_workers d on d.org_unit_id = u.org_unit_id
    where p.effective_from > %(today)s and d.worker_id = any(%(workers)s)
) as days group by worker_id
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What was last told of a worker's workload."""

    available: Decimal = Decimal(0)
    load: Decimal = Decimal(0)
    band: str = "none"
    overloaded: bool = False
    run: Run = field(default_factory=Run)
    org_unit_id: UUID | None = None


async def lock_workers(tx: Tx, worker_ids: Iterable[UUID]) -> set[UUID]:
    """Make others wait who would change these workers' workload, in one order for everyone; those that exist."""
    wanted = list(worker_ids)
    rows = await tx.fetch_all(_LOCK, {"workers": wanted}) if wanted else []
    return {row["worker_id"] for row in rows}


async def refresh_workloads(tx: Tx, worker_ids: Iterable[UUID]) -> None:
    """Compute the workload of workers anew and publish what changed; the workers are locked until the commit."""
    known = sorted(await lock_workers(tx, set(worker_ids)))
    if not known:
        return
    readings = await read_workloads(tx, known, tx.today)
    told = await _told(tx, known)
    due = {row["worker_id"]: row["due_on"] for row in await tx.fetch_all(_DUE, {"workers": known, "today": tx.today})}
    relieved = [one for one in readings.values() if _publish(tx, one, told.get(one.worker_id, Told()))]
    await _save(tx, list(readings.values()), due)
    broken = [one.worker_id for one in relieved if after_relief(told[one.worker_id].run) == Run()]
    if broken:
        await tx.execute(_BEGIN_RUNS_ANEW, {"workers": broken})


async def _told(tx: Tx, worker_ids: Sequence[UUID]) -> dict[UUID, Told]:
    rows = await tx.fetch_all(_STATES, {"workers": list(worker_ids)})
    return {
        row["worker_id"]: Told(
            row["available_points"],
            row["load_points"],
            row["band"],
            row["overloaded"],
            Run(row["run_weeks"], row["run_since"], row["run_told"]),
            row["org_unit_id"],
        )
        for row in rows
    }


def _publish(tx: Tx, reading: WorkerReading, told: Told) -> bool:
    """Emit what differs from what was told; True when the worker came back from an overload."""
    figures = _figures(reading, tx.today)
    seen = (figures["available_points"], figures["load_points"], figures["band"])
    moved = told.org_unit_id not in (None, reading.org_unit_id)
    if moved or seen != (told.available, told.load, told.band):
        tx.emit(WorkloadChangedV1(**figures, overloaded=reading.workload.overloaded))
    crossed = crossing(told.overloaded, reading.workload.overloaded)
    limit = Decimal(0) if reading.policy is None else reading.policy.limit_pct
    if crossed == "overloaded":
        tx.emit(WorkloadOverloadedV1(**figures, limit_pct=limit))
    elif crossed == "relieved":
        tx.emit(WorkloadRelievedV1(**figures, limit_pct=limit))
    return crossed == "relieved"


def _figures(reading: WorkerReading, as_of: date) -> dict[str, Any]:
    return {
        "worker_id": reading.worker_id,
        "org_unit_id": reading.org_unit_id,
        "as_of": as_of,
        "available_points": as_decimal(reading.workload.available),
        "load_points": as_decimal(reading.workload.load),
        "band": reading.workload.band,
    }


async def _save(tx: Tx, readings: Sequence[WorkerReading], due: Mapping[UUID, date]) -> None:
    monday = reading_day(tx.today)
    await tx.execute(
        _SAVE,
        {
            "today": tx.today,
            "next_reading_on": monday if monday == tx.today else next_reading_after(monday),
            "workers": [one.worker_id for one in readings],
            "units": [one.org_unit_id for one in readings],
            "available": [as_decimal(one.workload.available) for one in readings],
            "load": [as_decimal(one.workload.load) for one in readings],
            "bands": [one.workload.band for one in readings],
            "overloaded": [one.workload.overloaded for one in readings],
            "due_on": [due.get(one.worker_id) for one in readings],
        },
    )
