"""Keeping what staff write apart from the facts, and erasing it."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Tx

_WRITE: LiteralString = """
insert into notes (about_id, kind, words) values (%(about)s, %(kind)s, %(words)s)
on conflict (about_id, kind) do update set words = excluded.words
"""


async def write_note(tx: Tx, about: UUID, kind: str, words: str | None) -> None:
    """Keep the words of a kind about one thing; without words nothing changes."""
    if words:
        await tx.queue(_WRITE, {"about": about, "kind": kind, "words": words})
