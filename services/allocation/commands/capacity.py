"""What changes a worker's capacity and load beside cases: reductions of hours and further responsibilities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound
from contracts.allocation import ReductionRecordedV1, ResponsibilityRecordedV1
from services.allocation.commands.notes import write_note
from services.allocation.commands.workloads import lock_workers, refresh_workloads
from services.allocation.queries.capacity import get_reduction, get_responsibility
from services.allocation.rules.dated import last_day_after_ending

_REDUCE: LiteralString = """
insert into reductions (reduction_id, worker_id, hours, from_on, to_on, recorded_by, recorded_at)
values (%(id)s, %(worker_id)s, %(amount)s, %(from_on)s, %(to_on)s, %(actor)s, %(now)s)
"""
_END_REDUCTION: LiteralString = "update reductions set to_on = %(to_on)s where reduction_id = %(id)s"
_DELETE_REDUCTION: LiteralString = "update reductions set deleted_at = %(now)s where reduction_id = %(id)s"
_CHARGE: LiteralString = """
insert into responsibilities (responsibility_id, worker_id, points, from_on, to_on, recorded_by, recorded_at)
values (%(id)s, %(worker_id)s, %(amount)s, %(from_on)s, %(to_on)s, %(actor)s, %(now)s)
"""
_END_RESPONSIBILITY: LiteralString = "update responsibilities set to_on = %(to_on)s where responsibility_id = %(id)s"
_UNIT: LiteralString = "select org_unit_id from directory_workers where worker_id = %(worker)s"


@dataclass(frozen=True, slots=True)
class RecordShare:
    """Hours a week taken off, or points put on, with words about it and its first and last day."""

    worker_id: UUID
    amount: Decimal
    words: str
    from_on: date
    to_on: date | None


async def record_reduction(tx: Tx, wanted: RecordShare) -> dict[str, Any]:
    """Take hours off a worker's capacity."""
    await _lock(tx, wanted.worker_id)
    reduction_id = await _insert(tx, _REDUCE, wanted)
    await write_note(tx, reduction_id, "reason", wanted.words, wanted.worker_id)
    return await _tell_reduction(tx, wanted.worker_id, reduction_id)


async def end_reduction(tx: Tx, worker_id: UUID, reduction_id: UUID, last_day: date) -> dict[str, Any]:
    """End a reduction early; its last day never moves later."""
    await _lock(tx, worker_id)
    known = await get_reduction(tx, worker_id, reduction_id)
    if known["status"] == "deleted":
        raise Conflict("reduction-deleted", "The reduction was deleted and does not revive. Record a new one.")
    to_on = last_day_after_ending(known["from_on"], known["to_on"], last_day)
    if to_on == known["to_on"]:
        return known
    await tx.execute(_END_REDUCTION, {"id": reduction_id, "to_on": to_on})
    return await _tell_reduction(tx, worker_id, reduction_id)


async def delete_reduction(tx: Tx, worker_id: UUID, reduction_id: UUID) -> None:
    """Withdraw a reduction that should never have been; it counts on no date again. Deleting it twice changes nothing."""
    await _lock(tx, worker_id)
    if (await get_reduction(tx, worker_id, reduction_id))["status"] == "deleted":
        return
    await tx.execute(_DELETE_REDUCTION, {"id": reduction_id, "now": tx.now})
    await _tell_reduction(tx, worker_id, reduction_id)


async def record_responsibility(tx: Tx, wanted: RecordShare) -> dict[str, Any]:
    """Put a responsibility with points on a worker's load."""
    await _lock(tx, wanted.worker_id)
    responsibility_id = await _insert(tx, _CHARGE, wanted)
    await write_note(tx, responsibility_id, "description", wanted.words, wanted.worker_id)
    return await _tell_responsibility(tx, wanted.worker_id, responsibility_id)


async def end_responsibility(tx: Tx, worker_id: UUID, responsibility_id: UUID, last_day: date) -> dict[str, Any]:
    """End a responsibility; its last day never moves later."""
    await _lock(tx, worker_id)
    known = await get_responsibility(tx, worker_id, responsibility_id)
    to_on = last_day_after_ending(known["from_on"], known["to_on"], last_day)
    if to_on == known["to_on"]:
        return known
    await tx.execute(_END_RESPONSIBILITY, {"id": responsibility_id, "to_on": to_on})
    return await _tell_responsibility(tx, worker_id, responsibility_id)


async def _lock(tx: Tx, worker_id: UUID) -> None:
    if not await lock_workers(tx, [worker_id]):
        raise NotFound("worker-not-known", "No such worker. Record the worker in workforce first.")


async def _insert(tx: Tx, sql: LiteralString, wanted: RecordShare) -> UUID:
    share_id = new_id()
    dates = {"from_on": wanted.from_on, "to_on": wanted.to_on}
    who = {"worker_id": wanted.worker_id, "actor": tx.actor, "now": tx.now}
    await tx.execute(sql, {"id": share_id, "amount": wanted.amount, **dates, **who})
    return share_id


async def _tell_reduction(tx: Tx, worker_id: UUID, reduction_id: UUID) -> dict[str, Any]:
    row = await get_reduction(tx, worker_id, reduction_id)
    unit = await tx.fetch_value(_UNIT, {"worker": worker_id})
    tx.emit(ReductionRecordedV1.model_validate({**row, "org_unit_id": unit, "deleted": row["status"] == "deleted"}))
    await refresh_workloads(tx, [worker_id])
    return row


async def _tell_responsibility(tx: Tx, worker_id: UUID, responsibility_id: UUID) -> dict[str, Any]:
    row = await get_responsibility(tx, worker_id, responsibility_id)
    unit = await tx.fetch_value(_UNIT, {"worker": worker_id})
    tx.emit(ResponsibilityRecordedV1.model_validate({**row, "org_unit_id": unit}))
    await refresh_workloads(tx, [worker_id])
    return row
