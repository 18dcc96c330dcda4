"""Keeping and erasing what people wrote; the facts beside it stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx

_KEEP: LiteralString = """
insert into notes (about_id, about, worker_id, text) values (%(about_id)s, %(about)s, %(worker_id)s, %(text)s)
on conflict (about_id, about) do update set text = excluded.text
"""
_DROP: LiteralString = "delete from notes where about_id = %(about_id)s and about = any(%(about)s)"
_ERASE_FILES: LiteralString = "delete from attachments where worker_id = %(worker_id)s"
_ERASE_ACCOUNTS: LiteralString = "delete from learner_accounts where worker_id = %(worker_id)s"
_ERASE: LiteralString = "delete from notes where worker_id = %(worker_id)s"


async def keep_texts(tx: Tx, worker_id: UUID, about_id: UUID, texts: Mapping[str, str | None]) -> None:
    """Keep the texts of one object by their names; None takes a text away."""
    kept = [
        {"about_id": about_id, "about": about, "worker_id": worker_id, "text": text}
        for about, text in texts.items()
        if text
    ]
    dropped = [about for about, text in texts.items() if not text]
    if dropped:
        await tx.queue(_DROP, {"about_id": about_id, "about": dropped})
    await tx.execute_many(_KEEP, kept)


async def erase_texts(tx: Tx, worker_id: UUID) -> tuple[int, int]:
    """Erase every text, attachment and account of a worker; how many texts and attachments there were.

    The files go with the next look at the folder.
    """
    await tx.queue(_ERASE_ACCOUNTS, {"worker_id": worker_id})
    files = await tx.execute(_ERASE_FILES, {"worker_id": worker_id})
    return await tx.execute(_ERASE, {"worker_id": worker_id}), files
