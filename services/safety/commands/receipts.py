"""Receipts of anonymous reports: sixteen digits that only the reporter has; here, what they hash to."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx

DIGITS = 16
# Deliberately slow: the hashes alone, were they stolen, do not lead back to receipts.
_COST = {"n": 2**12, "r": 8, "p": 1, "dklen": 32}
_DOMAIN = b"plumbline safety receipt"

_KEEP: LiteralString = "insert into concern_receipts (receipt_hash, concern_id) values (%(hash)s, %(concern)s)"


def fresh_receipt() -> str:
    """Sixteen digits by chance."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


async def hash_of(receipt: str) -> bytes:
    """What is stored of a receipt; spaces and dashes in it do not matter."""
    digits = re.sub(r"[\s-]", "", receipt).encode()
    return await asyncio.to_thread(hashlib.scrypt, digits, salt=_DOMAIN, **_COST)


async def keep_receipt(tx: Tx, concern: UUID, receipt_hash: bytes) -> None:
    """Let a receipt open the conversation about a concern."""
    await tx.execute(_KEEP, {"hash": receipt_hash, "concern": concern})
