"""Pages of workforce go on after an id."""

from __future__ import annotations

from uuid import UUID

from chassis.pages import decode_cursor
from chassis.problems import BadRequest


def after_id(cursor: str | None) -> UUID | None:
    """The id after which a page begins; BadRequest when the cursor is none of ours."""
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it, or leave it out.") from None
