"""What requests to workforce have in common: the version they change, texts without margins, pages after an id."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Header
from pydantic import AfterValidator

from chassis.pages import decode_cursor
from chassis.problems import BadRequest

IfMatch = Annotated[str | None, Header(description="the ETag that you read")]
Text = Annotated[str, AfterValidator(str.strip)]


def after_id(cursor: str | None) -> UUID | None:
    """The id after which a page begins; BadRequest when the cursor is none of ours."""
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it, or leave it out.") from None
