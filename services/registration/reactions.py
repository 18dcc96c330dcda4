"""What registration does when others publish: it keeps the facts, and looks again at whom they concern."""

from __future__ import annotations

from chassis.database import Tx
from chassis.envelope import Envelope
from contracts.cpd import ReadinessChangedV1
from contracts.workforce import PostRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.registration.commands.directory import begin_standing, keep_cpd, keep_leaving, keep_post, keep_worker
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


async def on_cpd_readiness_changed(tx: Tx, fact: ReadinessChangedV1, about: Envelope) -> None:
    """The CPD part of a renewal is complete when the learning of that year is (clause 7.2)."""
    await fold_cpd_readiness(tx, fact, about)
    await settle_workers(tx, [fact.worker_id])


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
