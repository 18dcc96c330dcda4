"""What allocation does when others publish: it keeps the facts, then tells once for a batch whose workload changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.clock import london_date
from chassis.database import Tx
from chassis.envelope import Envelope
from chassis.service import Incoming
from contracts.cpd import AssessedYearAgreedV1, AssessedYearEndedV1, ProtectedTimeChangedV1
from contracts.registration import PostJudgedV1
from contracts.safety import CaseMarkedV1
from contracts.supervision import CadenceChangedV1
from contracts.workforce import AbsenceRecordedV1, OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.allocation.commands.case_marks import record_case_mark
from services.allocation.commands.passing_time import settle_workers
from services.allocation.commands.workers import (
    end_assessed_year,
    list_workers_below,
    record_absence,
    record_assessed_year,
    record_cadence,
    record_leaving,
    record_protected_time,
    record_registration,
    record_worker,
)

TOUCHES_A_WORKER = frozenset(
    event.TYPE
    for event in (
        WorkerRecordedV1,
        WorkerLeftV1,
        CadenceChangedV1,
        ProtectedTimeChangedV1,
        AssessedYearAgreedV1,
        AssessedYearEndedV1,
    )
)


async def on_worker_recorded(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Keep hours, stage and employment, dated by the day they were published."""
    await record_worker(tx, fact, london_date(about.time), about.sequence)


async def on_worker_left(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Keep the last day; cases wait again from the day after."""
    await record_leaving(tx, fact.worker_id, fact.left_on, about.sequence)


async def on_cadence_changed(tx: Tx, fact: CadenceChangedV1, about: Envelope) -> None:
    """Keep the time that supervision takes."""
    await record_cadence(tx, fact, about.sequence)


async def on_protected_time_changed(tx: Tx, fact: ProtectedTimeChangedV1, about: Envelope) -> None:
    """Keep the time that development takes."""
    await record_protected_time(tx, fact, about.sequence)


async def on_assessed_year_agreed(tx: Tx, fact: AssessedYearAgreedV1, about: Envelope) -> None:
    """Keep the reduced workload of an assessed year."""
    await record_assessed_year(tx, fact, about.sequence)


async def on_assessed_year_ended(tx: Tx, fact: AssessedYearEndedV1, about: Envelope) -> None:
    """Keep when an assessed year was over; of one worker it always follows the agreement."""
    await end_assessed_year(tx, fact, about.sequence)


async def on_absence_recorded(tx: Tx, fact: AbsenceRecordedV1, about: Envelope) -> None:
    """Keep who is away; an absence takes no points, a reduction does."""
    await record_absence(tx, fact, about.sequence)


async def on_post_judged(tx: Tx, fact: PostJudgedV1, about: Envelope) -> None:
    """Keep who may hold no further case, because the post is designated and the worker is not registered."""
    await record_registration(tx, fact, about.sequence)


async def on_case_marked(tx: Tx, fact: CaseMarkedV1, about: Envelope) -> None:
    """Keep whether to ask safety before a visit."""
    await record_case_mark(tx, fact, about.sequence)


async def settle_batch(tx: Tx, batch: Sequence[Incoming]) -> None:
    """Compute the workload of everyone whom a batch of facts touched, once."""
    touched = {UUID(item.envelope.subject) for item in batch if item.envelope.type in TOUCHES_A_WORKER}
    for item in batch:
        if item.envelope.type == OrgUnitRecordedV1.TYPE:
            touched.update(await list_workers_below(tx, UUID(item.envelope.subject)))
    if touched:
        await settle_workers(tx, touched)
