"""Bodies of requests: no larger than their route takes, whatever they say of themselves, and with known fields only."""

from __future__ import annotations

from fastapi import Request
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

MAX_BODY_BYTES = 1024 * 1024
LARGE_BODY_BYTES = 64 * MAX_BODY_BYTES
"""For routes that take files and batches; the gateway's own limit for them."""


class In(BaseModel):
    """What is sent: a field that nobody knows is refused rather than lost."""

    model_config = ConfigDict(extra="forbid")


def bounded(request: Request, limit: int) -> Request:
    """The request, refused with 413 when it declares more than ``limit`` bytes, and as soon as it sends more undeclared."""
    declared = request.headers.get("content-length")
    if declared is not None:
        if not declared.isdecimal() or int(declared) > limit:
            raise HTTPException(413)
        return request
    if "transfer-encoding" not in request.headers:
        return request
    return Request(request.scope, _counting(request.receive, limit))


def _counting(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def count() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413)
        return message

    return count
