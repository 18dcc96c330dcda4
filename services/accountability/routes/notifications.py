"""Notifications over HTTP: who was told, and what could not be delivered."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.pages import Cursor, Limit, Page, cut, decode_cursor, encode_cursor
from chassis.permissions import AUTHORITY, Allow
from chassis.problems import BadRequest
from chassis.routing import Caller, Read, Routes
from services.accountability.queries.notifications import list_notifications
from services.accountability.routes.reach import reach_of
from services.accountability.routes.shapes import Delivery, UndeliveredOut

routes = Routes("accountability")


@routes.get("/notifications", allow=Allow(principal_social_worker=AUTHORITY, platform_admin=AUTHORITY))
async def get_notifications(
    tx: Read,
    caller: Caller,
    status: Annotated[Delivery | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[UndeliveredOut]:
    """Who was to be told of which alert, the newest first; `status=dead` lists what could not be delivered, and why."""
    rows = await list_notifications(tx, await reach_of(tx, caller), status, _after(cursor), limit + 1)
    shown, more = cut(rows, limit)
    following = encode_cursor(shown[-1]["notification_id"]) if more else None
    return Page(items=[UndeliveredOut(**row) for row in shown], next=following)


def _after(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return None if key is None else UUID(key[0])
    except (ValueError, AttributeError, TypeError) as broken:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it.") from broken
