"""What time alone does: a day ends and its concerns are told of, a step is overdue, a worker does not come back."""

from __future__ import annotations

from chassis.database import Tx
from services.safety.commands.answering import escalate_late
from services.safety.commands.concerns import announce_days
from services.safety.commands.visits import notice_missed


async def scan_days(tx: Tx) -> int:
    """Publish the concerns of days that have ended, all of a day together; how many."""
    return await announce_days(tx)


async def scan_late_steps(tx: Tx) -> int:
    """Pass overdue concerns up the line; how many."""
    return await escalate_late(tx)


async def scan_missed_check_ins(tx: Tx) -> int:
    """Tell the next contact of everyone who is not back; how many."""
    return await notice_missed(tx)
