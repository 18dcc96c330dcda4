"""One request and its answer, as they pass through the gateway."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from opentelemetry.trace import Span

from chassis.problems import BadRequest, Problem
from gateway import answers
from gateway.answers import Send
from gateway.bodies import Body, Receive
from gateway.headers import STRICT_TRANSPORT, Header, read_headers, request_id_of
from gateway.paths import check_target
from gateway.problems import MethodNotAllowed
from gateway.protocol import ANSWER

Scope = MutableMapping[str, Any]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Exchange:
    """What is known about one request, and whether its answer has begun."""

    __slots__ = (
        "_at_once",
        "_send",
        "body",
        "headers",
        "method",
        "path",
        "query",
        "receive",
        "request_id",
        "scope",
        "secure",
        "span",
        "started",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.path: bytes = scope["raw_path"]
        self.query: bytes = scope["query_string"]
        self.headers: dict[bytes, bytes] = {}
        self.request_id = b""
        self.body: Body | None = None
        self.started = False
        self.span: Span | None = None
        self.secure = scope.get("scheme") == "https"
        self._send = send
        # Left in the scope it would lead back to the scope, and every request would wait for the garbage collector.
        self._at_once = scope.get("state", {}).pop(ANSWER, None)

    def check(self) -> None:
        """Refuse what two programs could read differently, and read the headers.

        After such a refusal the connection closes: where the next request begins could be read differently too.
        """
        try:
            self._check()
        except BadRequest as unclear:
            unclear.headers = {**unclear.headers, "Connection": "close"}
            raise

    def _check(self) -> None:
        check_target(self.path, self.query)
        self.headers = read_headers(self.scope["headers"])
        self.request_id = request_id_of(self.headers)
        if self.method not in METHODS:
            raise not_allowed(*sorted(METHODS))
        if self.scope["http_version"] not in {"1.0", "1.1"}:
            raise BadRequest("malformed-request", "Send HTTP/1.1.")
        if b"host" not in self.headers and self.scope["http_version"] != "1.0":
            raise BadRequest("host-required", "Send one Host header.")

    @property
    def address(self) -> str:
        """The address the request came from."""
        client = self.scope.get("client")
        return client[0] if client else "unknown"

    @property
    def place(self) -> str:
        """The service part of the path, for the log: what follows may name a person or a receipt."""
        return b"/".join(self.path.split(b"/")[:3]).decode("latin-1")

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Hand one ASGI message to the server."""
        if not self.started and self.secure:
            message["headers"].append(STRICT_TRANSPORT)
        self.started = True
        await self._send(message)

    async def answer(self, status: int, headers: list[Header], body: bytes) -> None:
        """Hand over a whole answer whose headers say its length: at once where the server can do that."""
        if self._at_once is None or self.secure:
            await self.send({"type": "http.response.start", "status": status, "headers": headers})
            await self.send({"type": "http.response.body", "body": body})
            return
        self.started = True
        self._at_once(status, headers, body)

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem; an answer that has already begun is cut instead."""
        if self.started:
            return
        has_body = b"transfer-encoding" in self.headers or self.headers.get(b"content-length", b"0") != b"0"
        if has_body and (self.body is None or not self.body.complete):
            await answers.refuse_upload(self.receive, self.send, problem, self.request_id)
        else:
            await answers.send_problem(self.send, problem, self.request_id)


def not_allowed(*methods: str) -> MethodNotAllowed:
    """The refusal of a method that this path does not take."""
    listed = ", ".join(methods)
    return MethodNotAllowed("method-not-allowed", f"Use {listed} here.", headers={"Allow": listed})
