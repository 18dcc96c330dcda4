"""What time alone does: dates pass, windows open, reminders fall due."""

from __future__ import annotations

from chassis.database import Tx
from services.registration.commands.settling import settle_due_workers


async def scan_days(tx: Tx) -> int:
    """Look once a day at a batch of workers; how many."""
    return await settle_due_workers(tx)
