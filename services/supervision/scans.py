"""What passing time causes: periods end, are judged, and the cadence moves on."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Tx
from services.supervision.commands.judgement import judge_workers

BATCH = 200

_DUE: LiteralString = """
select worker_id from standings join workers using (worker_id) where next_look_on <= %(today)s
order by next_look_on, worker_id limit %(batch)s
"""


async def scan_ended_periods(tx: Tx) -> int:
    """Judge the workers of whom a period ended; one look at an index when there are none."""
    due = await tx.fetch_all(_DUE, {"today": tx.today, "batch": BATCH})
    if due:
        await judge_workers(tx, [row["worker_id"] for row in due])
    return len(due)
