"""Taking in a concern and telling others of it (clause 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID, uuid4

from chassis.database import Row, Tx
from contracts.safety import ConcernRaisedV1
from services.safety.commands.notes import write_note
from services.safety.commands.receipts import fresh_receipt, hash_of, keep_receipt
from services.safety.queries.people import get_unit_of, list_answerable, list_below
from services.safety.queries.policies import get_policy
from services.safety.rules.concerns import Mode, Topic, clocks, next_handler

_RAISE: LiteralString = """
insert into concerns (concern_id, mode, topic, org_unit_id, handled_unit_id, subject_id, reporter_id, handler_id, received_on,
    step, step_due_on, acknowledge_by, assess_by, answer_by)
values (%(concern)s, %(mode)s, %(topic)s, %(unit)s, %(handled_unit)s, %(subject)s, %(reporter)s, %(handler)s, %(today)s,
    'acknowledge', %(acknowledge_by)s, %(acknowledge_by)s, %(assess_by)s, %(answer_by)s)
"""
_GUARD: LiteralString = "insert into guarded_identities (concern_id, worker_id) values (%(concern)s, %(worker)s)"
_MESSAGE: LiteralString = """
with counted as (
    update concerns set last_message = last_message + 1 where concern_id = %(concern)s returning last_message
)
insert into concern_messages (concern_id, number, from_reporter, words, sent_on)
select %(concern)s, last_message, %(from_reporter)s, %(words)s, %(today)s from counted
"""
_ANNOUNCED: LiteralString = "update concerns set announced = true where concern_id = %(concern)s"
# By identifier, which is by chance: in which order they came in cannot be told from the order in which they are published.
_UNANNOUNCED: LiteralString = """
select * from concerns where not announced and received_on < %(today)s order by concern_id limit 500 for update skip locked
"""


@dataclass(frozen=True, slots=True)
class RaiseConcern:
    """A concern; ``reporter`` is None when nobody says who raises it, ``subject`` = the person it is about, if any."""

    mode: Mode
    topic: Topic
    org_unit_id: UUID
    words: str
    subject: UUID | None = None
    reporter: UUID | None = None


async def raise_by_worker(tx: Tx, reporter: UUID, mode: Mode, topic: Topic, words: str, subject: UUID | None) -> UUID:
    """A worker raises a concern in their own unit, by name or in confidence."""
    unit = await get_unit_of(tx, reporter)
    if subject is not None:
        await get_unit_of(tx, subject)
    concern = await raise_concern(tx, RaiseConcern(mode, topic, unit, words, subject, reporter))
    if mode == "named":
        await announce(tx, concern)
    return concern


async def raise_without_name(tx: Tx, unit: UUID, topic: Topic, words: str, *, about_manager: bool) -> str:
    """Someone raises a concern; what is known of them is nothing, and the receipt is theirs alone."""
    line = await list_answerable(tx, unit, tx.today)
    subject = line[0].worker_id if about_manager and line else None
    receipt = fresh_receipt()
    receipt_hash = await hash_of(receipt)
    concern = await raise_concern(tx, RaiseConcern("anonymous", topic, unit, words, subject))
    await keep_receipt(tx, concern, receipt_hash)
    return receipt


async def raise_concern(tx: Tx, wanted: RaiseConcern) -> UUID:
    """Write a concern down with its clocks and whoever deals with it first. Its identifier tells no time."""
    due = clocks(tx.today, await get_policy(tx, wanted.org_unit_id, tx.today))
    line = await list_answerable(tx, wanted.org_unit_id, tx.today)
    handler = next_handler(line, [*await list_below(tx, wanted.subject), wanted.reporter or UUID(int=0)], None)
    concern = uuid4()
    row = {
        "concern": concern,
        "mode": wanted.mode,
        "topic": wanted.topic,
        "unit": wanted.org_unit_id,
        "handled_unit": handler.org_unit_id if handler else wanted.org_unit_id,
        "subject": wanted.subject,
        "reporter": wanted.reporter if wanted.mode == "named" else None,
        "handler": handler.worker_id if handler else None,
        "today": tx.today,
        "acknowledge_by": due.acknowledge_by,
        "assess_by": due.assess_by,
        "answer_by": due.answer_by,
    }
    await tx.execute(_RAISE, row)
    if wanted.mode == "confidential":
        await tx.execute(_GUARD, {"concern": concern, "worker": wanted.reporter})
    await write_note(tx, concern, "concern", wanted.words)
    return concern


async def write_message(tx: Tx, concern: UUID, words: str, *, from_reporter: bool) -> None:
    """Add to the conversation between a reporter and whoever deals with the concern."""
    values = {"concern": concern, "words": words, "from_reporter": from_reporter, "today": tx.today}
    await tx.execute(_MESSAGE, values)


async def announce(tx: Tx, concern: UUID) -> None:
    """Publish a concern that is not yet published; again changes nothing."""
    row = await tx.fetch_one("select * from concerns where concern_id = %(concern)s for update", {"concern": concern})
    if row is not None and not row["announced"]:
        await _announce(tx, row)


async def announce_days(tx: Tx) -> int:
    """Publish the concerns of days that have passed, all of them at once; how many.

    Without a trace: what is known of a report without a name is nothing, and a trace would be one thing more.
    """
    tx.cause = tx.cause._replace(traceparent="", correlation_id="")
    rows = await tx.fetch_all(_UNANNOUNCED, {"today": tx.today})
    for row in rows:
        await _announce(tx, row)
    return len(rows)


async def _announce(tx: Tx, row: Row) -> None:
    await tx.queue(_ANNOUNCED, {"concern": row["concern_id"]})
    tx.emit(
        ConcernRaisedV1(
            concern_id=row["concern_id"],
            org_unit_id=row["handled_unit_id"],
            topic=row["topic"],
            mode=row["mode"],
            raised_on=row["received_on"],
            acknowledge_by=row["acknowledge_by"],
            assess_by=row["assess_by"],
            answer_by=row["answer_by"],
        )
    )
