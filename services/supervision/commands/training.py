"""Supervisors' training in supervision (clause 5.3)."""

from __future__ import annotations

from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound, RuleBroken
from contracts.supervision import TrainingRecordedV1
from services.supervision.commands.sessions import NOTE, unit_of
from services.supervision.queries.records import load_known
from services.supervision.rules.training import current_until

_TRAINING: LiteralString = """
insert into trainings (training_id, worker_id, completed_on, recorded_at, recorded_by)
values (%(training_id)s, %(worker_id)s, %(completed_on)s, %(now)s, %(actor)s)
on conflict (worker_id, completed_on) do nothing
"""


async def record_training(tx: Tx, worker_id: UUID, completed_on: date, course: str | None) -> tuple[UUID, date | None]:
    """Record completed training; its id, and until when it counts as current under the policy of today."""
    if completed_on > tx.today:
        raise RuleBroken("completed-in-future", "Record training once it was completed.", "completed_on")
    about = (await load_known(tx, [worker_id])).get(worker_id)
    if about is None:
        raise NotFound("no-such-worker", "No worker has this id, or supervision has not heard of them yet.")
    training_id = new_id()
    row = {"training_id": training_id, "worker_id": worker_id, "completed_on": completed_on}
    if not await tx.execute(_TRAINING, {**row, "now": tx.now, "actor": tx.actor}):
        raise Conflict("training-known", "Training completed on this day is recorded already.")
    if course:
        await tx.queue(NOTE, {"about_id": training_id, "about": "training", "worker_id": worker_id, "text": course})
    until = current_until(completed_on, about.worker.policy_on(tx.today).training_valid_months)
    tx.emit(TrainingRecordedV1(**row, org_unit_id=unit_of(about, tx.today), current_until=until))
    return training_id, until
