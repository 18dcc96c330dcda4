"""Pages of a list: opaque keyset cursors, so that rows added meanwhile neither repeat nor hide others."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from chassis.problems import BadRequest

Item = TypeVar("Item")
DEFAULT_LIMIT = 100
MAX_LIMIT = 500

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="how many items at most")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]


class Page(BaseModel, Generic[Item]):
    """One page; ``next`` is the cursor of the page after, null on the last."""

    items: list[Item]
    next: str | None = None


def encode_cursor(*key: Any) -> str:
    """A cursor after the row with this sort key; texts, numbers and null only."""
    return base64.urlsafe_b64encode(
        json.dumps([str(k) if not isinstance(k, (int, type(None))) else k for k in key]).encode()
    ).decode()


def decode_cursor(cursor: str | None, parts: int) -> list[Any] | None:
    """The sort key in ``cursor``, None without one; BadRequest when it is none of ours."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list) or len(key) != parts:
        raise BadRequest(
            "cursor-not-known", "Send the cursor exactly as `next` gave it, or leave it out to begin again."
        )
    return key


def cut(rows: Sequence[Any], limit: int) -> tuple[Sequence[Any], bool]:
    """Rows of this page out of ``limit + 1`` fetched, and whether there are more."""
    return rows[:limit], len(rows) > limit
