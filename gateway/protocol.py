"""HTTP/1.1 as the gateway speaks it: bounded headers, patience with an end, malformed requests answered as problems."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gateway.headers import NO_STORE, SECURITY, Header
from gateway.settings import GatewaySettings

ON_SHUTDOWN = "gateway.on_shutdown"
"""Key in the state of an ASGI scope: what to call when the server stops while this request is still being answered."""

ANSWER = "gateway.answer"
"""Key in the state of an ASGI scope: takes status, headers and body of a whole answer and writes them at once."""


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

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._taken += len(data)
        super().data_received(data)
        if not self._in_headers or not self._taken:
            self._stop_waiting()  # the headers are there, or the whole request: what follows may take its time
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
            self.scope["state"][ANSWER] = partial(self._answer, self.cycle)

    def on_message_complete(self) -> None:
        self._in_headers = True
        self._taken = 0
        super().on_message_complete()

    def _answer(self, cycle: RequestResponseCycle, status: int, headers: Sequence[Header], body: bytes) -> None:
        """Do what two ASGI messages would do, in one write; the headers are known to be sound, and to say the length."""
        if cycle.disconnected:
            return
        lines = [b"%b: %b\r\n" % header for header in (*cycle.default_headers, *headers)]
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        content = b"" if cycle.scope["method"] == "HEAD" else body
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", content]))
        cycle.waiting_for_100_continue = False
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

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
