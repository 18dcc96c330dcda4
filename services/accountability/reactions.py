"""What accountability does with every event of every service: append it to the log, follow it, and count it."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.database import Tx
from chassis.service import Incoming
from services.accountability.commands.alerts import follow
from services.accountability.commands.log import append
from services.accountability.commands.measures import count
from services.accountability.commands.workers import remember_roles


async def react_all(tx: Tx, incoming: Sequence[Incoming]) -> None:
    """Take in a fresh batch: the log, the principal social workers, alerts and figures, all in the batch's transaction."""
    facts = await append(tx, incoming)
    await remember_roles(tx, facts)
    await follow(tx, facts)
    await count(tx, facts)
