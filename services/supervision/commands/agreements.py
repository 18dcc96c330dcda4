"""Agreements between a worker and a supervisor: who is answerable for the supervision of whom (clause 5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.permissions import Caller, outside_reach
from chassis.problems import Conflict, NotFound, RuleBroken
from contracts.supervision import AgreementRecordedV1
from services.supervision.commands.sessions import NOTE, unit_of
from services.supervision.queries.records import lock_known
from services.supervision.rules.sessions import Stream

_END_FORMER: LiteralString = """
update agreements set ended_on = %(agreed_on)s
where worker_id = %(worker_id)s and stream = %(stream)s and ended_on is null and agreed_on <= %(agreed_on)s
"""
_NEWER: LiteralString = """
select agreement_id from agreements
where worker_id = %(worker_id)s and stream = %(stream)s and ended_on is null and agreed_on > %(agreed_on)s
"""
_AGREEMENT: LiteralString = """
insert into agreements (agreement_id, worker_id, supervisor_id, stream, agreed_on, review_due_on, recorded_at, recorded_by)
values (%(agreement_id)s, %(worker_id)s, %(supervisor_id)s, %(stream)s, %(agreed_on)s, %(review_due_on)s, %(now)s,
    %(actor)s)
"""
_LOCKED: LiteralString = "select * from agreements where agreement_id = %(agreement_id)s for update"
_END: LiteralString = "update agreements set ended_on = %(ended_on)s where agreement_id = %(agreement_id)s"


@dataclass(frozen=True, slots=True)
class RecordAgreement:
    """How supervision is done between two people, from a date."""

    worker_id: UUID
    supervisor_id: UUID
    stream: Stream
    agreed_on: date
    review_due_on: date | None = None
    terms: str | None = None


async def record_agreement(tx: Tx, wanted: RecordAgreement) -> UUID:
    """Record an agreement; it ends the one before it of the same worker and stream."""
    if wanted.agreed_on > tx.today:
        raise RuleBroken("agreed-in-future", "Record an agreement once it was made.", "agreed_on")
    if wanted.review_due_on is not None and wanted.review_due_on <= wanted.agreed_on:
        raise RuleBroken("review-before-agreement", "Set the review after the day it was agreed.", "review_due_on")
    if wanted.worker_id == wanted.supervisor_id:
        raise RuleBroken("own-supervisor", "Nobody supervises themselves. Name the supervisor.", "supervisor_id")
    about = await lock_known(tx, wanted.worker_id, wanted.supervisor_id)
    if about is None:
        raise NotFound("no-such-worker", "No worker has this id, or supervision has not heard of them yet.")
    supervisor = about.supervisor.on(tx.today)
    if supervisor is None:
        raise RuleBroken(
            "no-such-supervisor", "No worker has this id. Record the supervisor in workforce first.", "supervisor_id"
        )
    if wanted.stream == "professional" and not supervisor.registered_social_worker:
        raise RuleBroken(
            "supervisor-not-registered", "Professional supervision needs a registered social worker.", "supervisor_id"
        )
    row = _row(tx, wanted)
    if await tx.fetch_value(_NEWER, row):
        raise Conflict("newer-agreement", "A later agreement is in force. End it first, or give a later agreed_on.")
    await tx.queue(_END_FORMER, row)
    await tx.queue(_AGREEMENT, row)
    if wanted.terms:
        await tx.queue(NOTE, {**row, "about_id": row["agreement_id"], "about": "agreement", "text": wanted.terms})
    tx.emit(AgreementRecordedV1(**row, org_unit_id=unit_of(about, tx.today)))
    agreement_id: UUID = row["agreement_id"]
    return agreement_id


def _row(tx: Tx, wanted: RecordAgreement) -> Row:
    return {
        "agreement_id": new_id(),
        "worker_id": wanted.worker_id,
        "supervisor_id": wanted.supervisor_id,
        "stream": wanted.stream,
        "agreed_on": wanted.agreed_on,
        "review_due_on": wanted.review_due_on,
        "now": tx.now,
        "actor": tx.actor,
    }


async def end_agreement(tx: Tx, agreement_id: UUID, ended_on: date, caller: Caller) -> None:
    """End an agreement; the one that stands in its place, if any, is recorded by itself."""
    row = await tx.fetch_one(_LOCKED, {"agreement_id": agreement_id})
    if row is None:
        if not caller.unlimited:
            raise outside_reach()
        raise NotFound("no-such-agreement", "No agreement has this id.")
    await caller.reach_worker(tx, row["worker_id"])
    if row["ended_on"] is not None:
        raise Conflict("already-ended", "This agreement ended before. Nothing is left to do.")
    if not row["agreed_on"] <= ended_on <= tx.today:
        raise RuleBroken("ended-on-not-possible", "Give a day from when it was agreed until today.", "ended_on")
    await tx.queue(_END, {"agreement_id": agreement_id, "ended_on": ended_on})
