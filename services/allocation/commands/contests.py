"""A worker contests a workload figure, and someone else answers (clause 3.2: assessed with the worker)."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound
from contracts.allocation import ContestAnsweredV1, ContestOpenedV1
from services.allocation.commands.notes import write_note
from services.allocation.queries.capacity import list_contests
from services.allocation.queries.workloads import get_workload
from services.allocation.rules.exact import as_decimal

_OPEN: LiteralString = """
insert into contests (contest_id, worker_id, opened_on, available_points, load_points)
values (%(contest)s, %(worker)s, %(today)s, %(available)s, %(load)s)
"""
_LOCK: LiteralString = """
select c.*, d.org_unit_id from contests c join directory_workers d using (worker_id)
where c.contest_id = %(contest)s and c.worker_id = %(worker)s for update of c
"""
_ANSWER: LiteralString = """
update contests set upheld = %(upheld)s, answered_on = %(today)s, answered_by = %(actor)s where contest_id = %(contest)s
"""


async def open_contest(tx: Tx, worker_id: UUID, text: str) -> dict[str, Any]:
    """Keep the figures as the worker sees them and what the worker says about them."""
    reading = await get_workload(tx, worker_id, tx.today)
    if reading is None:
        raise NotFound("worker-not-known", "No such worker. Record the worker in workforce first.")
    contest_id = new_id()
    figures = {"available": as_decimal(reading.workload.available), "load": as_decimal(reading.workload.load)}
    await tx.execute(_OPEN, {"contest": contest_id, "worker": worker_id, "today": tx.today, **figures})
    await write_note(tx, contest_id, "text", text, worker_id)
    who = {"worker_id": worker_id, "org_unit_id": reading.org_unit_id}
    tx.emit(ContestOpenedV1(contest_id=contest_id, **who, opened_on=tx.today))
    return await _one(tx, worker_id, contest_id)


async def answer_contest(
    tx: Tx, worker_id: UUID, contest_id: UUID, *, answer: str, upheld: bool, answered_by: UUID | None
) -> dict[str, Any]:
    """Answer a contest once; nobody answers a contest of their own."""
    contest = await tx.fetch_one(_LOCK, {"contest": contest_id, "worker": worker_id})
    if contest is None:
        raise NotFound("contest-not-known", "The worker has no such contest. List them to see which there are.")
    if contest["answered_on"] is not None:
        raise Conflict("contest-answered", f"The contest was answered on {contest['answered_on']}. Open a new one.")
    if answered_by == worker_id:
        raise Conflict("own-contest", "Someone other than the worker answers a contest.")
    await tx.execute(_ANSWER, {"contest": contest_id, "upheld": upheld, "today": tx.today, "actor": tx.actor})
    await write_note(tx, contest_id, "answer", answer, worker_id)
    who = {"worker_id": worker_id, "org_unit_id": contest["org_unit_id"]}
    tx.emit(ContestAnsweredV1(contest_id=contest_id, **who, upheld=upheld, answered_on=tx.today))
    return await _one(tx, worker_id, contest_id)


async def _one(tx: Tx, worker_id: UUID, contest_id: UUID) -> dict[str, Any]:
    return next(row for row in await list_contests(tx, worker_id) if row["contest_id"] == contest_id)
