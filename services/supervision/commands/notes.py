"""Erasing what people wrote; the facts stay."""

from __future__ import annotations

from uuid import UUID

from chassis.database import Tx


async def erase_notes(tx: Tx, worker_id: UUID) -> int:
    """Erase every text kept about a worker; how many there were."""
    return await tx.execute("delete from notes where worker_id = %(worker_id)s", {"worker_id": worker_id})
