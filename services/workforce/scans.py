"""What the passing of days causes in workforce: a worker's last day comes, and others are told."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Tx
from contracts.workforce import WorkerLeftV1
from services.workforce.commands.posts import vacate_posts

BATCH = 200

_LEAVERS: LiteralString = """
update workers set left_announced_on = employment_ended_on where worker_id in (
    select worker_id from workers
    where employment_ended_on <= %(today)s and left_announced_on is distinct from employment_ended_on
    order by worker_id limit %(batch)s for update
) returning worker_id, org_unit_id, employment_ended_on
"""


async def scan_leavers(tx: Tx) -> int:
    """Publish that workers have left once their last day has come, and free the posts that they held."""
    leavers = await tx.fetch_all(_LEAVERS, {"today": tx.today, "batch": BATCH})
    for row in leavers:
        await vacate_posts(tx, row["worker_id"], row["employment_ended_on"])
        tx.emit(
            WorkerLeftV1(worker_id=row["worker_id"], org_unit_id=row["org_unit_id"], left_on=row["employment_ended_on"])
        )
    return len(leavers)
