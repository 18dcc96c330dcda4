"""Alerts move up the line when their time runs out, and follow the line when it changes."""

from __future__ import annotations

from chassis.database import Tx
from services.accountability.commands.escalate import follow_the_line, pass_on_overdue


async def scan_overdue(tx: Tx) -> int:
    """Pass on the alerts whose time ran out."""
    return await pass_on_overdue(tx)


async def scan_line(tx: Tx) -> int:
    """Let alerts lie with those who answer today."""
    return await follow_the_line(tx)
