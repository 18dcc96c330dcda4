"""HTTP/1.1 as the gateway speaks it: bounded headers, patience with an end, malformed requests answered as problems."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.headers import NO_STORE, SECURITY
from gateway.settings import GatewaySettings

ON_SHUTDOWN = "gateway.on_shutdown"
"""Key in the state of an ASGI scope: what to call when the server stops while this request is still being answered."""

TOGETHER = "gateway.together"
"""Key in the state of an ASGI scope: the transport that can hold back the head of an answer until its body is there."""


class HeldTransport(asyncio.Transport):
    """Writes to a connection, several pieces as one where asked to: each write of its own is a system call."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._held: list[bytes] | None = None

    def hold(self) -> None:
        """Keep what is written from now on."""
        self._held = []

    def release(self) -> None:
        """Write what was kept."""
        held, self._held = self._held, None
        if held:
            self._transport.write(b"".join(held))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write a piece, or keep it."""
        if self._held is None:
            self._transport.write(data)
        else:
            self._held.append(bytes(data))

    def close(self) -> None:
        """Close the connection once everything is written."""
        self.release()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether the connection is closed or being closed."""
        return self._transport.is_closing()


def bounded_protocol(settings: GatewaySettings) -> type[HttpToolsProtocol]:
    """uvicorn's HTTP/1.1 protocol with the bounds of these settings, for `uvicorn.Config(http=...)`."""
    bounds = {"patience": settings.header_timeout_s, "room": settings.max_header_bytes}
    return type("BoundedProtocol", (_Bounded,), bounds)


class _Bounded(HttpToolsProtocol):
    """Closes a connection whose request headers take too long or too much room."""

    patience: float
    room: int
    _waiting: asyncio.TimerHandle | None = None
    _in_headers = True
    _taken = 0
    _together: HeldTransport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self._together = HeldTransport(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._taken += len(data)
        super().data_received(data)
        if not self._in_headers:
            self._stop_waiting()
        elif self._taken > self.room:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large", "Send fewer or shorter headers."
            )
        elif self._taken and self._waiting is None:
            self._wait()

    def shutdown(self) -> None:
        """Stop after the answer that is under way; an endless one is ended."""
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete:
            end = self.cycle.scope.get("state", {}).get(ON_SHUTDOWN)
            if end is not None:
                end()

    def on_message_begin(self) -> None:
        self._in_headers = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_headers = False
        super().on_headers_complete()
        self.headers = []  # what comes after the body (a trailer) is no header of this request
        if self.cycle is not None and self.cycle.scope is self.scope:
            self.cycle.transport = self._together
            self.scope["state"][TOGETHER] = self._together

    def on_message_complete(self) -> None:
        self._in_headers = True
        self._taken = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser cannot read."""
        self._refuse(HTTPStatus.BAD_REQUEST, "malformed-request", f"Send well-formed HTTP/1.1. {msg}")

    def _unsupported_upgrade_warning(self) -> None:
        """An upgrade that is not taken is no news: the request is answered over HTTP/1.1."""

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.patience, self._tired)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _tired(self) -> None:
        self._waiting = None
        if self._taken:
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT, "slow-headers", "Send the headers of a request without long pauses."
            )
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        """Answer for a request that never became one, and close; a connection in the middle of an answer is just closed."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if not self.pipeline and (
            self.cycle is None or self.cycle.response_complete or not self.cycle.response_started
        ):
            self.transport.write(_problem_bytes(status, code, detail))
        self.transport.close()


def _problem_bytes(status: HTTPStatus, code: str, detail: str) -> bytes:
    body = json.dumps(
        {"type": f"/problems/{code}", "title": status.phrase, "status": status.value, "detail": detail}
    ).encode()
    lines = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *SECURITY,
        NO_STORE,
    ]
    head = b"".join(b"%b: %b\r\n" % line for line in lines)
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() + head + b"\r\n" + body
