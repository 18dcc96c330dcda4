"""From the caller of a request to what that caller may see."""

from __future__ import annotations

from chassis.database import Tx
from chassis.routing import Caller
from services.accountability.queries.reach import Reach


async def reach_of(tx: Tx, caller: Caller) -> Reach:
    """What the caller may see under the scope that the route gives."""
    return Reach(caller.unlimited, await caller.resolve(tx), caller.worker_id)
