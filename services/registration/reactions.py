"""What registration does when others publish: it keeps the facts, and looks again at whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Tx
from chassis.envelope import Envelope
from chassis.service import Incoming
from contracts.cpd import ReadinessChangedV1
from contracts.workforce import PostRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.registration.commands.directory import begin_standing, keep_cpd, keep_leaving, keep_post, keep_worker
from services.registration.commands.settling import settle_workers

TOUCHES_A_WORKER = frozenset({WorkerRecordedV1.TYPE, WorkerLeftV1.TYPE, ReadinessChangedV1.TYPE})


async def on_worker_recorded(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Keep who is a social worker and employed; from now on the worker is looked at."""
    await fold_worker_recorded(tx, fact, about)
    await begin_standing(tx, fact.worker_id)


async def on_post_recorded(tx: Tx, fact: PostRecordedV1, about: Envelope) -> None:
    """Judge who held the post and who holds it now (clause 7.1)."""
    concerned = await keep_post(tx, fact, about.sequence)
    await settle_workers(tx, concerned)


async def settle_batch(tx: Tx, batch: Sequence[Incoming]) -> None:
    """Look once at everyone whom a batch of facts concerns: posts they are in, renewals they owe."""
    touched = {UUID(item.envelope.subject) for item in batch if item.envelope.type in TOUCHES_A_WORKER}
    if touched:
        await settle_workers(tx, touched)


async def fold_worker_recorded(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Keep a worker's facts and nothing else."""
    await keep_worker(tx, fact, about.sequence)


async def fold_worker_left(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Keep a worker's last day and nothing else."""
    await keep_leaving(tx, fact.worker_id, fact.left_on, about.sequence)


async def fold_post_recorded(tx: Tx, fact: PostRecordedV1, about: Envelope) -> None:
    """Keep a post and nothing else."""
    await keep_post(tx, fact, about.sequence)


async def fold_cpd_readiness(tx: Tx, fact: ReadinessChangedV1, about: Envelope) -> None:
    """Keep how far the learning of a registration year is and nothing else."""
    await keep_cpd(tx, fact.worker_id, fact.registration_year_end, fact.ready, about.sequence)
