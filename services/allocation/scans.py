"""Work that time causes: dates taking effect and weekly readings, each repeatable at any time without harm."""

from __future__ import annotations

from chassis.database import Tx
from services.allocation.commands.passing_time import settle_due_workers, take_weekly_readings


async def scan_due_workers(tx: Tx) -> int:
    """Workers of whom a reduction, responsibility, policy, cadence or employment began or ended by its date."""
    return await settle_due_workers(tx)


async def scan_weekly_readings(tx: Tx) -> int:
    """The weekly reading that tells a passing overload from a sustained one."""
    return await take_weekly_readings(tx)
