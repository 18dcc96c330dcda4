"""What cpd does when workforce tells of a worker or a leaver."""

from __future__ import annotations

from chassis.database import Tx
from chassis.envelope import Envelope
from contracts.workforce import WorkerLeftV1, WorkerRecordedV1
from services.cpd.commands.balances import settle_balances
from services.cpd.commands.known_workers import keep_leaver, keep_worker


async def on_worker_recorded(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Know a worker's role, stage, hours and employment."""
    if await keep_worker(tx, fact, about):
        await settle_balances(tx, [fact.worker_id])


async def on_worker_left(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Know a leaver's last day."""
    if await keep_leaver(tx, fact, about):
        await settle_balances(tx, [fact.worker_id])


async def project_worker(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Fold a worker anew from the log."""
    await keep_worker(tx, fact, about)


async def project_leaver(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Fold a leaver anew."""
    await keep_leaver(tx, fact, about)
