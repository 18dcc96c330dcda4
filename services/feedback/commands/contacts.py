"""Addresses of those who want to hear what was done: claimed, tried again, erased once told (clause 1.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx

RETRY_AFTER = timedelta(minutes=10)
MOST_ATTEMPTS = 20

_NEXT: LiteralString = """
select n.contact_id, n.address, n.attempts, c.title, c.address as published_at
from contacts n join campaigns c using (campaign_id)
where n.next_attempt_at <= %(now)s order by n.next_attempt_at, n.contact_id limit 1 for update of n skip locked
"""
_CLAIM: LiteralString = """
update contacts set attempts = attempts + 1, next_attempt_at = %(again)s where contact_id = %(contact)s
"""
_ERASE: LiteralString = "delete from contacts where contact_id = %(contact)s"


async def claim_next(tx: Tx) -> Row | None:
    """The next one to write to, claimed; whoever could not be reached at all is given up and erased."""
    row = await tx.fetch_one(_NEXT, {"now": tx.now})
    if row is None:
        return None
    if row["attempts"] >= MOST_ATTEMPTS:
        await erase_contact(tx, row["contact_id"])
        return None
    await tx.execute(_CLAIM, {"contact": row["contact_id"], "again": tx.now + RETRY_AFTER})
    return row


async def erase_contact(tx: Tx, contact: UUID) -> None:
    """Erase an address: it was used for what it was left for."""
    await tx.execute(_ERASE, {"contact": contact})
