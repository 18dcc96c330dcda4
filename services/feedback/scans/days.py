"""What a new day brings: campaigns open and close, actions become overdue."""

from __future__ import annotations

from chassis.database import Tx
from services.feedback.commands.actions import notice_overdue
from services.feedback.commands.campaigns import announce_opening, close_ended


async def scan_campaigns(tx: Tx) -> int:
    """Tell of campaigns that open, and close those whose last day has passed; how many."""
    return await announce_opening(tx) + await close_ended(tx)


async def scan_overdue_actions(tx: Tx) -> int:
    """Tell of actions whose last day has passed; how many."""
    return await notice_overdue(tx)
