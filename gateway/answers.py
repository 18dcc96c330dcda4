"""Answers that the gateway gives itself: problems, JSON, pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from chassis.problems import NotFound, Problem
from gateway.bodies import Receive
from gateway.headers import NO_STORE, PAGE_SECURITY, SECURITY, Header

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
LINGER_S = 2.0
LINGER_BYTES = 4 * 1024 * 1024


def unknown_path() -> NotFound:
    """The answer for a path that nothing serves."""
    return NotFound("no-such-path", "Nothing is served here. See /openapi.json or /reference for what is.")


async def send_bytes(
    send: Send, status: int, headers: Sequence[Header], body: bytes, *, request_id: bytes = b"", more: bool = False
) -> None:
    """One whole answer; with `more` the connection is told to close and the caller ends it."""
    own = [(b"x-request-id", request_id)] if request_id else []
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def send_json(send: Send, status: int, document: Any, request_id: bytes = b"") -> None:
    """A JSON document."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    await send_bytes(
        send, status, [(b"content-type", b"application/json"), *SECURITY, NO_STORE], body, request_id=request_id
    )


async def send_page(send: Send, html: str, *, content_type: bytes = b"text/html; charset=utf-8") -> None:
    """A page for people, or a file that belongs to one."""
    await send_bytes(send, 200, [(b"content-type", content_type), *PAGE_SECURITY, NO_STORE], html.encode())


async def send_problem(send: Send, problem: Problem, request_id: bytes, *, close: bool = False) -> None:
    """A problem document (RFC 9457)."""
    body = json.dumps(problem.body(), ensure_ascii=False, default=str).encode()
    extra = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    if close:
        extra.append((b"connection", b"close"))
    headers = [(b"content-type", b"application/problem+json"), *extra, *SECURITY, NO_STORE]
    await send_bytes(send, problem.status, headers, body, request_id=request_id, more=close)


async def refuse_upload(receive: Receive, send: Send, problem: Problem, request_id: bytes) -> None:
    """Answer while the client is still sending: it gets the problem, and a moment to stop, before the connection closes.

    Closing at once would reset the connection under an answer that is still on its way.
    """
    await send_problem(send, problem, request_id, close=True)
    swallowed = 0
    try:
        async with asyncio.timeout(LINGER_S):
            while swallowed < LINGER_BYTES:
                message = await receive()
                swallowed += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    break
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})
