"""The audit chain over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from chassis.permissions import ANY, Allow
from chassis.routing import Caller, Read, Routes
from services.accountability.queries.log import verify_chain
from services.accountability.routes.shapes import ChainOut

routes = Routes("accountability")

MOST_ROWS = 20_000


@routes.get("/log/chain", allow=Allow(platform_admin=ANY))
async def get_chain(
    tx: Read,
    caller: Caller,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = MOST_ROWS,
) -> ChainOut:
    """Whether the log is as it was written: no event edited, deleted, moved or cut off, from a position on."""
    caller.nothing_to_reach()
    reached, broken = await verify_chain(tx, after, limit)
    return ChainOut(from_position=after + 1, to_position=reached, intact=broken is None, broken_at=broken)
