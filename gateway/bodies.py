"""Request bodies: read piece by piece, never larger than the route takes, never slower than patience allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from chassis.problems import BadRequest, TooLarge
from gateway.problems import TooSlow

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class ClientGone(Exception):
    """The client closed the connection: nobody is left to answer."""


def too_large(limit: int) -> TooLarge:
    """The refusal of a body over `limit` bytes."""
    return TooLarge(
        "body-too-large", f"Send at most {limit} bytes in one request; split what is larger.", max_bytes=limit
    )


def declared_length(seen: dict[bytes, bytes], limit: int) -> int | None:
    """The declared length of the body (None for a chunked one); refused when over the limit, before a byte of it is read."""
    if b"transfer-encoding" in seen:
        return None
    declared = seen.get(b"content-length", b"0")
    if not declared.isdigit() or len(declared) > 18:
        raise BadRequest("content-length", "Content-Length must be a number of bytes.")
    length = int(declared)
    if length > limit:
        raise too_large(limit)
    return length


class Body:
    """The body of one request, as it comes in."""

    def __init__(self, receive: Receive, limit: int, idle_s: float, total_s: float) -> None:
        self._receive = receive
        self._limit = limit
        self._idle_s = idle_s
        self._ends_at = asyncio.get_running_loop().time() + total_s
        self._taken = 0
        self.complete = False

    async def next(self) -> bytes:
        """The next piece, possibly empty; `complete` says whether it was the last."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(min(loop.time() + self._idle_s, self._ends_at)):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow("slow-body", "Send the request's body without long pauses.") from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece: bytes = message.get("body", b"")
        self._taken += len(piece)
        if self._taken > self._limit:
            raise too_large(self._limit)
        self.complete = not message.get("more_body", False)
        return piece

    async def rest(self) -> AsyncIterator[bytes]:
        """The pieces that are still to come."""
        while not self.complete:
            if piece := await self.next():
                yield piece

    async def whole(self) -> bytes:
        """The whole body at once, for the gateway's own small routes."""
        return b"".join([piece async for piece in self.rest()])
