"""Free text: kept apart from the facts, so that words can be erased while the history of facts stays."""

from __future__ import annotations

from typing import Literal, LiteralString
from uuid import UUID

from chassis.database import Tx

Kind = Literal["reason", "override_reason", "end_reason", "description", "text", "answer", "plan"]

_WRITE: LiteralString = """
insert into notes (about_id, kind, worker_id, words, written_by, written_at)
values (%(about)s, %(kind)s, %(worker)s, %(words)s, %(actor)s, %(now)s)
on conflict (about_id, kind) do update set words = excluded.words, written_by = excluded.written_by,
    written_at = excluded.written_at
"""
_ERASE: LiteralString = "delete from notes where worker_id = %(worker)s"


async def write_note(tx: Tx, about_id: UUID, kind: Kind, words: str, worker_id: UUID | None) -> None:
    """Keep words about a thing; ``worker_id`` names the worker whom they concern."""
    row = {"about": about_id, "kind": kind, "words": words, "worker": worker_id, "actor": tx.actor, "now": tx.now}
    await tx.execute(_WRITE, row)


async def erase_notes(tx: Tx, worker_id: UUID) -> None:
    """Erase every word kept about a worker."""
    await tx.execute(_ERASE, {"worker": worker_id})
