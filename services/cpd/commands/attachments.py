"""Attaching files to pieces of learning (clause 6.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, RuleBroken
from services.cpd.commands.attachment_store import store
from services.cpd.commands.texts import keep_texts
from services.cpd.rules.attachments import KINDS, content_type_of

MOST_PER_PIECE = 20

_COUNT: LiteralString = "select count(*) from attachments where learning_id = %(learning)s"
_ADD: LiteralString = """
insert into attachments (attachment_id, worker_id, learning_id, stored_as, content_type, bytes, sha256, added_at, added_by)
values (%(attachment_id)s, %(worker_id)s, %(learning_id)s, %(stored_as)s, %(content_type)s, %(bytes)s, %(sha256)s,
    %(now)s, %(actor)s)
"""
_ONE: LiteralString = "select * from attachments where attachment_id = %(attachment)s"
_REMOVE: LiteralString = """
with gone as (delete from attachments where attachment_id = %(attachment)s returning attachment_id)
delete from notes where about_id in (select attachment_id from gone)
"""
_KNOWN: LiteralString = "select stored_as from attachments where stored_as = any(%(names)s)"


async def attach(
    tx: Tx, learning: Mapping[str, Any], content: bytes, declared: str | None, file_name: str | None
) -> Row:
    """Attach a file to a piece of learning: its content decides what it is, and must be what it is said to be."""
    store.check_size(len(content))
    kind = content_type_of(content)
    said = (declared or "").partition(";")[0].strip().lower()
    if kind is None:
        raise RuleBroken("file-kind-not-kept", f"Send one of these: {', '.join(KINDS.values())}.", "file")
    if said not in ("", "application/octet-stream", kind):
        raise RuleBroken("file-kind-differs", f"The content is {kind}, not {said}. Say so in Content-Type.", "file")
    if await tx.fetch_value(_COUNT, {"learning": learning["learning_id"]}) >= MOST_PER_PIECE:
        raise Conflict("attachments-full", f"A piece of learning has at most {MOST_PER_PIECE} files.")
    row: Row = {
        "attachment_id": new_id(),
        "worker_id": learning["worker_id"],
        "learning_id": learning["learning_id"],
        "content_type": kind,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "file_name": file_name,
    }
    await tx.queue(_ADD, {**row, "stored_as": await store.save(content), "now": tx.now, "actor": tx.actor})
    await keep_texts(tx, row["worker_id"], row["attachment_id"], {"file_name": file_name})
    return row


async def find_attachment(tx: Tx, attachment_id: UUID) -> Row | None:
    """One attachment's row."""
    return await tx.fetch_one(_ONE, {"attachment": attachment_id})


async def remove_attachment(tx: Tx, attachment_id: UUID) -> None:
    """Remove an attachment; its file goes with the next look at the folder."""
    await tx.queue(_REMOVE, {"attachment": attachment_id})


async def sweep_files(tx: Tx) -> int:
    """Remove files that belong to no attachment; how many."""
    names = await store.list_settled()
    if not names:
        return 0
    known = {row["stored_as"] for row in await tx.fetch_all(_KNOWN, {"names": names})}
    stray = [name for name in names if name not in known]
    await store.remove(stray)
    return len(stray)
