"""What passing time causes: a new year of development, entitlements that begin, reviews that become overdue."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Tx
from services.cpd.commands.balances import settle_balances

BATCH = 200

_UNSEEN: LiteralString = """
select worker_id from balances where looked_on < %(today)s order by looked_on, worker_id limit %(batch)s
"""


async def scan_balances(tx: Tx) -> int:
    """Look once a day at everyone's year, and at once when what is granted has changed."""
    found = await tx.fetch_all(_UNSEEN, {"today": tx.today, "batch": BATCH})
    if found:
        await settle_balances(tx, [row["worker_id"] for row in found])
    return len(found)
