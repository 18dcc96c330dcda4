"""Concerns as those who deal with them, their reporters and receipts see them."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller, outside_reach
from chassis.problems import Forbidden, NotFound
from services.safety.queries.people import list_line
from services.safety.rules.concerns import in_conflict

_ONE: LiteralString = "select * from concerns where concern_id = %(concern)s"
_LOCKED: LiteralString = "select * from concerns where concern_id = %(concern)s for update"
_WORDS: LiteralString = "select kind, words from notes where about_id = %(concern)s"
_MESSAGES: LiteralString = """
select number, from_reporter, words, sent_on from concern_messages where concern_id = %(concern)s order by number
"""
_FOLLOW_UPS: LiteralString = """
select months, due_on, made_on, outcome from follow_ups where concern_id = %(concern)s order by months
"""
_LIST: LiteralString = """
select c.* from concerns c join directory_units u using (org_unit_id)
where (%(limit)s::uuid is null or %(limit)s = any(u.path) or c.handler_id = %(me)s)
    and (%(under)s::uuid is null or %(under)s = any(u.path))
    and (c.subject_id is null or (%(me)s::uuid is not null and c.subject_id <> all(%(line)s::uuid[])))
    and (%(open)s = false or c.step <> 'done') and (%(topic)s::text is null or c.topic = %(topic)s)
    and (%(after)s::uuid is null or c.concern_id > %(after)s)
order by c.concern_id limit %(rows)s
"""
_MINE: LiteralString = """
select c.* from concerns c left join guarded_identities g using (concern_id)
where c.reporter_id = %(worker)s or g.worker_id = %(worker)s order by c.received_on, c.concern_id
"""
_BY_RECEIPT: LiteralString = (
    "select c.* from concern_receipts r join concerns c using (concern_id) where r.receipt_hash = %(hash)s"
)
_DUE: LiteralString = """
select f.concern_id, f.months, f.due_on, c.org_unit_id, c.mode from follow_ups f join concerns c using (concern_id)
join directory_units u on u.org_unit_id = c.org_unit_id
where f.made_on is null and f.due_on <= %(today)s and (%(limit)s::uuid is null or %(limit)s = any(u.path))
    and (c.subject_id is null or (%(me)s::uuid is not null and c.subject_id <> all(%(line)s::uuid[])))
order by f.due_on, f.concern_id, f.months
"""


async def reach_concern(tx: Tx, caller: Caller, concern: UUID, *, locked: bool = False) -> Row:
    """A concern that the caller may see: in reach, and neither about the caller nor about anyone above."""
    row = await tx.fetch_one(_LOCKED if locked else _ONE, {"concern": concern})
    if row is None:
        caller.nothing_to_reach()
        raise outside_reach()
    if caller.worker_id is not None and caller.worker_id == row["handler_id"]:
        caller.nothing_to_reach()
    else:
        await caller.reach_unit(tx, row["org_unit_id"])
    if row["subject_id"] is not None and caller.worker_id is None:
        raise Forbidden(
            "token-not-usable", "This concern is about a person: a token that names no worker_id cannot open it."
        )
    if in_conflict(row["subject_id"], await list_line(tx, caller.worker_id)):
        raise outside_reach()
    return row


async def get_concern(tx: Tx, concern: UUID) -> Row:
    """A concern that is known to exist."""
    return await tx.fetch_one(_ONE, {"concern": concern}) or {}


async def reach_own_concern(tx: Tx, worker: UUID, concern: UUID) -> Row:
    """A concern that the worker raised."""
    mine = [row for row in await list_mine(tx, worker) if row["concern_id"] == concern]
    if not mine:
        raise outside_reach()
    return mine[0]


async def reach_by_receipt(tx: Tx, receipt_hash: bytes) -> Row:
    """The concern that a receipt opens."""
    row = await tx.fetch_one(_BY_RECEIPT, {"hash": receipt_hash})
    if row is None:
        raise NotFound("receipt-not-known", "No report has this receipt. Check its sixteen digits.")
    return row


async def list_concerns(
    tx: Tx, caller: Caller, under: UUID | None, topic: str | None, *, open_only: bool, after: UUID | None, rows: int
) -> list[Row]:
    """The concerns that the caller may see."""
    limit = await caller.bound(tx)
    line = await list_line(tx, caller.worker_id)
    asked = {"limit": limit, "under": under, "me": caller.worker_id, "line": line, "open": open_only, "topic": topic}
    return await tx.fetch_all(_LIST, {**asked, "after": after, "rows": rows})


async def list_mine(tx: Tx, worker: UUID) -> list[Row]:
    """What a worker raised by name or in confidence."""
    return await tx.fetch_all(_MINE, {"worker": worker})


async def list_messages(tx: Tx, concern: UUID) -> list[Row]:
    """The conversation about a concern."""
    return await tx.fetch_all(_MESSAGES, {"concern": concern})


async def list_follow_ups(tx: Tx, concern: UUID) -> list[Row]:
    """The follow-ups of a concern that was closed."""
    return await tx.fetch_all(_FOLLOW_UPS, {"concern": concern})


async def map_words(tx: Tx, concern: UUID) -> dict[str, str]:
    """What was written about a concern, by kind; nothing once it was erased."""
    return {row["kind"]: row["words"] for row in await tx.fetch_all(_WORDS, {"concern": concern})}


async def list_due_follow_ups(tx: Tx, caller: Caller) -> list[Row]:
    """The follow-ups that are due and not made."""
    limit = await caller.bound(tx)
    asked = {"limit": limit, "today": tx.today, "me": caller.worker_id, "line": await list_line(tx, caller.worker_id)}
    return await tx.fetch_all(_DUE, asked)
