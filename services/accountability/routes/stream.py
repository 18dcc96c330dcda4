"""The event stream: every event in the order of the log, as server-sent events that can be resumed."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Request
from starlette.responses import StreamingResponse

from chassis.clock import monotonic
from chassis.permissions import AUTHORITY, UNIT, Allow
from chassis.routing import Caller, Routes, Transactions
from services.accountability.queries.log import get_head
from services.accountability.queries.tail import Frame, Tail, sse

routes = Routes("accountability", prefix="/v1")

COMMENT_EVERY_S = 15.0
LASTS_S = 900.0
"""After this the stream ends and the client resumes: tokens are checked again, and those that ended do not live on."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Filter:
    """What one client gets: event types (none = all), within an org unit (none = everywhere)."""

    types: frozenset[str]
    unit: UUID | None

    def passes(self, frame: Frame) -> bool:
        """Whether the client asked for this event and may see it."""
        return (not self.types or frame.type in self.types) and (self.unit is None or self.unit in frame.units)


@routes.get(
    "/events",
    allow=Allow(
        team_manager=UNIT,
        principal_social_worker=AUTHORITY,
        senior_leader=AUTHORITY,
        integration=AUTHORITY,
        reporting=AUTHORITY,
        platform_admin=AUTHORITY,
    ),
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events as they are logged."}},
)
async def get_events(
    request: Request,
    database: Transactions,
    caller: Caller,
    types: Annotated[
        str | None, Query(max_length=4000, description="event types, with commas; all when left out")
    ] = None,
    after: Annotated[str | None, Query(max_length=40, description="a position, or `now`")] = None,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> StreamingResponse:
    """Follow all events that you may see, from the beginning or after a position, without a gap or a repeat.

    `id` is the position in the log, `event` the type, `data` a CloudEvent 1.0 in structured JSON. Resume with
    `Last-Event-ID`. A position that this log does not have is answered by an event `reset`, after which the stream begins
    anew: discard what you have. A comment every 15 seconds keeps the connection alive; after 15 minutes the stream ends
    and a client resumes it.
    """
    async with database.reading() as tx:
        unit = await caller.bound(tx)
        head = await get_head(tx)
    wanted = Filter(frozenset(one.strip() for one in (types or "").split(",") if one.strip()), unit)
    begin = _position(last_event_id if last_event_id is not None else after, head)
    opening = b"retry: 2000\n: following\n\n" if begin is not None else _reset(head)
    frames = follow(_tail_of(request, database), wanted, begin or 0, opening)
    return StreamingResponse(frames, media_type="text/event-stream", headers=HEADERS)


def _tail_of(request: Request, database: Transactions) -> Tail:
    """The one tail of this process."""
    state = request.app.state
    if not hasattr(state, "tail"):
        state.tail = Tail(database)
        state.on_stop.append(state.tail.end)
    tail: Tail = state.tail
    return tail


def _position(asked: str | None, head: int) -> int | None:
    """Where to begin; None when the position is none of this log."""
    if asked is None or asked == "":
        return 0
    if asked == "now":
        return head
    return int(asked) if asked.isascii() and asked.isdigit() and int(asked) <= head else None


def _reset(head: int) -> bytes:
    return sse(0, "reset", json.dumps({"reason": "position-unknown", "newest": head}))


async def follow(tail: Tail, wanted: Filter, position: int, opening: bytes) -> AsyncGenerator[bytes, None]:
    """What one client is sent. It is asked for more only once it took what it got, so a slow client costs no memory."""
    ends = monotonic() + LASTS_S
    yield opening
    with tail.followed():
        while monotonic() < ends and not tail.ended:
            frames = await tail.after(position)
            if frames:
                position = frames[-1].position
                chunk = b"".join([frame.octets for frame in frames if wanted.passes(frame)])
                if chunk:
                    yield chunk
            elif not await tail.beyond(position, COMMENT_EVERY_S) and not tail.ended:
                yield b": still here\n\n"
