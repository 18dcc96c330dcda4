"""The learning log as it is read, and the readings of registration years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.pages import cut, decode_cursor, encode_cursor
from chassis.problems import BadRequest
from services.cpd.rules.learning import Piece, Reading, reading, year_start_of

_TEXTS: LiteralString = "(select jsonb_object_agg(about, text) from notes where about_id = l.learning_id)"
_FILES: LiteralString = """(
    select jsonb_agg(jsonb_build_object('attachment_id', a.attachment_id, 'content_type', a.content_type,
        'bytes', a.bytes, 'file_name', n.text) order by a.attachment_id)
    from attachments a left join notes n on n.about_id = a.attachment_id and n.about = 'file_name'
    where a.learning_id = l.learning_id)
"""
_LOG: LiteralString = f"""
select l.*, coalesce({_TEXTS}, '{{}}') as texts, coalesce({_FILES}, '[]') as attachments from learnings l
where l.worker_id = %(worker)s and l.withdrawn_at is null
    and (%(first)s::date is null or l.done_on between %(first)s and %(last)s::date)
    and (%(after)s::uuid is null or l.learning_id < %(after)s)
order by l.learning_id desc limit %(limit)s
"""
_ONE: LiteralString = f"""
select l.*, coalesce({_TEXTS}, '{{}}') as texts, coalesce({_FILES}, '[]') as attachments from learnings l
where l.learning_id = %(learning)s and l.withdrawn_at is null
"""
_PIECES: LiteralString = """
select worker_id, done_on, fingerprint, peer_role is not null as with_peer_reflection from learnings
where worker_id = any(%(workers)s) and done_on between %(first)s and %(last)s and withdrawn_at is null
"""


async def list_learning(
    tx: Tx, worker_id: UUID, year_end: date | None, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    """A page of a worker's log, the latest recorded first, and the cursor of the next page."""
    wanted = {"worker": worker_id, "first": year_end and year_start_of(year_end), "last": year_end}
    rows, more = cut(await tx.fetch_all(_LOG, {**wanted, "after": _after(cursor), "limit": limit + 1}), limit)
    return list(rows), encode_cursor(rows[-1]["learning_id"]) if more else None


def _after(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it.") from None


async def find_learning(tx: Tx, learning_id: UUID) -> Row | None:
    """One piece of learning with its texts and attachments."""
    return await tx.fetch_one(_ONE, {"learning": learning_id})


async def read_years(tx: Tx, workers: Collection[UUID], year_end: date) -> dict[UUID, Reading]:
    """What a registration year amounts to for each of some workers."""
    span = {"first": year_start_of(year_end), "last": year_end}
    pieces: defaultdict[UUID, list[Piece]] = defaultdict(list)
    for row in await tx.fetch_all(_PIECES, {"workers": list(workers), **span}):
        pieces[row["worker_id"]].append(Piece(row["done_on"], row["fingerprint"], row["with_peer_reflection"]))
    return {worker: reading(pieces[worker], year_end) for worker in workers}
