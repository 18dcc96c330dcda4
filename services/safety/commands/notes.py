"""Keeping what people write apart from the facts, and erasing it."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Tx

_WRITE: LiteralString = """
insert into notes (about_id, kind, words) values (%(about)s, %(kind)s, %(words)s)
on conflict (about_id, kind) do update set words = excluded.words
"""
_ERASE_CONCERN: LiteralString = """
delete from notes where about_id = %(concern)s
    or about_id in (select request_id from identity_requests where concern_id = %(concern)s)
"""
_ERASE_MESSAGES: LiteralString = "delete from concern_messages where concern_id = %(concern)s"


async def write_note(tx: Tx, about: UUID, kind: str, words: str | None) -> None:
    """Keep the words of a kind about one thing; without words nothing changes."""
    if words:
        await tx.queue(_WRITE, {"about": about, "kind": kind, "words": words})


async def erase_words(tx: Tx, concern: UUID) -> int:
    """Erase everything written about a concern and in its conversation; days and outcomes stay."""
    messages = await tx.execute(_ERASE_MESSAGES, {"concern": concern})
    return messages + await tx.execute(_ERASE_CONCERN, {"concern": concern})
