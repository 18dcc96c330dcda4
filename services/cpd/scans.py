"""What passing time causes: a new year of development, entitlements that begin, reviews that become overdue."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Tx
from services.cpd.commands.attachments import sweep_files
from services.cpd.commands.balances import settle_balances
from services.cpd.commands.reviews import settle_reviews
from services.cpd.queries.workers import lock_worker

BATCH = 200

_UNSEEN: LiteralString = """
select worker_id from balances where looked_on < %(today)s order by looked_on, worker_id limit %(batch)s
"""
_DUE: LiteralString = """
select y.assessed_year_id, y.worker_id from assessed_years y join workers w using (worker_id)
where y.next_look_on <= %(today)s and (w.employment_ended_on is null or w.employment_ended_on >= %(today)s)
order by y.next_look_on, y.assessed_year_id limit %(batch)s
"""


async def scan_balances(tx: Tx) -> int:
    """Look once a day at everyone's year, and at once when what is granted has changed."""
    found = await tx.fetch_all(_UNSEEN, {"today": tx.today, "batch": BATCH})
    if found:
        await settle_balances(tx, [row["worker_id"] for row in found])
    return len(found)


async def scan_reviews(tx: Tx) -> int:
    """Judge the reviews of the assessed years in which one has fallen due and was not held."""
    found = await tx.fetch_all(_DUE, {"today": tx.today, "batch": BATCH})
    for row in sorted(found, key=lambda one: one["worker_id"]):
        await settle_reviews(tx, await lock_worker(tx, row["worker_id"]), row["assessed_year_id"])
    return len(found)


async def scan_files(tx: Tx) -> int:
    """Remove files of attachments that were erased, or whose rows were never written."""
    return await sweep_files(tx)
