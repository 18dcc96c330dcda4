"""Erases what people wrote about the alerts of one worker; the alerts themselves, facts and ids only, stay."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Tx

_ERASE: LiteralString = """
delete from alert_notes n using alerts a
where a.alert_id = n.alert_id and a.worker_id = %(worker_id)s
"""


async def erase_notes(tx: Tx, worker_id: UUID) -> int:
    """Erase the notes; how many there were."""
    return await tx.execute(_ERASE, {"worker_id": worker_id})
