"""Keeping what people write apart from the facts, and erasing it."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Tx

_WRITE: LiteralString = """
insert into notes (about_id, kind, worker_id, words, written_by, written_at)
values (%(about)s, %(kind)s, %(worker)s, %(words)s, %(actor)s, %(now)s)
on conflict (about_id, kind) do update set words = excluded.words, written_by = excluded.written_by,
    written_at = excluded.written_at
"""
_REMOVE: LiteralString = "delete from notes where about_id = %(about)s and kind = %(kind)s"
_ERASE: LiteralString = "delete from notes where worker_id = %(worker)s and kind = 'conditions'"


async def write_note(tx: Tx, about: UUID, kind: str, worker_id: UUID, words: str | None) -> None:
    """Keep the words of a kind about one thing; none removes them."""
    values = {"about": about, "kind": kind, "worker": worker_id, "words": words, "actor": tx.actor, "now": tx.now}
    await tx.execute(_WRITE if words else _REMOVE, values)


async def erase_notes(tx: Tx, worker_id: UUID) -> int:
    """Erase what was written about a worker's entry; how many notes. Referrals are erased by those named on them."""
    return await tx.execute(_ERASE, {"worker": worker_id})
