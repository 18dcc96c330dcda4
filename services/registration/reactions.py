"""What registration does when others publish: it keeps the facts, and looks again at whom they concern."""

from __future__ import annotations

from chassis.database import Tx
from chassis.envelope import Envelope
from contracts.workforce import PostRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.registration.commands.directory import begin_standing, keep_leaving, keep_post, keep_worker
from services.registration.commands.settling import settle_workers


async def on_worker_recorded(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Keep who is a social worker and employed; someone already in a designated post is judged at once."""
    await fold_worker_recorded(tx, fact, about)
    await begin_standing(tx, fact.worker_id)
    await settle_workers(tx, [fact.worker_id])


async def on_worker_left(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Whoever has left is in no post and renews nothing here."""
    await fold_worker_left(tx, fact, about)
    await settle_workers(tx, [fact.worker_id])


async def on_post_recorded(tx: Tx, fact: PostRecordedV1, about: Envelope) -> None:
    """Judge who held the post and who holds it now (clause 7.1)."""
    concerned = await keep_post(tx, fact, about.sequence)
    await settle_workers(tx, concerned)


async def fold_worker_recorded(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Keep a worker's facts and nothing else."""
    await keep_worker(tx, fact, about.sequence)


async def fold_worker_left(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Keep a worker's last day and nothing else."""
    await keep_leaving(tx, fact.worker_id, fact.left_on, about.sequence)


async def fold_post_recorded(tx: Tx, fact: PostRecordedV1, about: Envelope) -> None:
    """Keep a post and nothing else."""
    await keep_post(tx, fact, about.sequence)
