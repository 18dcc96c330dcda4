"""What supervision does when workforce tells of a worker, an absence or a leaver."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Tx
from chassis.envelope import Envelope
from contracts.workforce import AbsenceRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.supervision.commands.judgement import judge_workers
from services.supervision.commands.known_workers import keep_absence, keep_leaver, keep_worker

_STANDING: LiteralString = "insert into standings (worker_id) values (%(worker_id)s) on conflict do nothing"
# Whoever had this manager at any time: the manager's registration decides their professional stream.
_REPORTS: LiteralString = """
select distinct worker_id from worker_facts where line_manager_id = %(worker_id)s order by worker_id
"""


async def on_worker_recorded(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Know a worker's facts with the day they were learned, and judge again whoever they concern."""
    if await keep_worker(tx, fact, about):
        await tx.queue(_STANDING, {"worker_id": fact.worker_id})
        reports = await tx.fetch_all(_REPORTS, {"worker_id": fact.worker_id})
        await judge_workers(tx, [fact.worker_id, *(row["worker_id"] for row in reports)])


async def on_worker_left(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Close a leaver's streams; what was judged after the last day is withdrawn."""
    if await keep_leaver(tx, fact, about):
        await judge_workers(tx, [fact.worker_id])


async def on_absence_recorded(tx: Tx, fact: AbsenceRecordedV1, about: Envelope) -> None:
    """Know an absence; one that is told of late may excuse periods already judged."""
    if await keep_absence(tx, fact, about):
        await judge_workers(tx, [fact.worker_id])


async def project_worker(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Fold a worker anew from the log; judgements were told once and stand."""
    await keep_worker(tx, fact, about)


async def project_leaver(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Fold a leaver anew."""
    await keep_leaver(tx, fact, about)


async def project_absence(tx: Tx, fact: AbsenceRecordedV1, about: Envelope) -> None:
    """Fold an absence anew."""
    await keep_absence(tx, fact, about)
