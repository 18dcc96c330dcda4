"""The way of one call through the gateway: admit the caller, hand the request to its service, hand the answer back."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial

import aiohttp
from opentelemetry.trace import SpanKind

from chassis import tracing
from chassis.keys import Keys
from chassis.problems import Unauthorized
from gateway import headers
from gateway.bodies import Body, ClientGone, declared_length
from gateway.exchange import Exchange
from gateway.fleet import Fleet, Member
from gateway.keys import claims_of
from gateway.limits import BoundsTable, Rate
from gateway.metrics import Metrics
from gateway.problems import BadGateway
from gateway.protocol import ON_SHUTDOWN
from gateway.settings import GatewaySettings
from gateway.upstream import Answer, Call, Upstreams

GATHER_BYTES = 64 * 1024
"""A request body up to this size is sent in one piece; a larger one is passed on as it comes."""
WHOLE_BYTES = 256 * 1024
"""An answer up to this size is read whole before it is handed back; a larger or endless one is streamed."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Stopping(Exception):
    """This gateway is being stopped: an endless answer ends here, and the client comes back elsewhere."""


class Forwarder:
    """Forwards calls to services, within the limits."""

    def __init__(
        self,
        settings: GatewaySettings,
        keys: Keys,
        fleet: Fleet,
        upstreams: Upstreams,
        metrics: Metrics,
        strangers: Rate,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._fleet = fleet
        self._upstreams = upstreams
        self._metrics = metrics
        self._strangers = strangers
        self._callers = Rate(settings.rate_per_second, settings.rate_burst)
        self._bounds = BoundsTable(settings)

    async def forward(self, exchange: Exchange, service: str) -> None:
        """Answer `exchange` with what the service says."""
        member = self._fleet.members[service]
        lines = await self._admit(exchange, member)
        call = await self._call(exchange, member, lines)
        began = time.perf_counter()
        answer = await self._upstreams.send(member.target, call)
        self._metrics.answered(service, answer.status, time.perf_counter() - began)
        if exchange.span is not None:
            exchange.span.set_attribute("http.response.status_code", answer.status)
        try:
            await self._hand_back(exchange, answer)
        finally:
            answer.abandon()

    async def _admit(self, exchange: Exchange, member: Member) -> bytes:
        """The header lines that go to the service, once the caller is known or need not be."""
        seen = exchange.headers
        if member.public.allow(exchange.method, exchange.path):
            exchange.request_id = b""
            self._strangers.take(exchange.address, time.monotonic())
            return headers.header_lines(seen, headers.TO_PUBLIC_OPERATION)
        try:
            authorization = seen.get(b"authorization")
            if authorization is None:
                raise Unauthorized("token-required", "Send an Authorization header with a Bearer token.")
            claims = await claims_of(self._keys, authorization)
        except Unauthorized:
            self._strangers.take(exchange.address, time.monotonic())
            raise
        self._callers.take(claims.subject, time.monotonic())
        lines = headers.header_lines(seen, headers.TO_SERVICE) + self._trace_lines(exchange, member)
        return b"%bx-request-id: %b\r\n" % (lines, exchange.request_id)

    def _trace_lines(self, exchange: Exchange, member: Member) -> bytes:
        """The trace context to hand on, of a span of our own where somebody collects."""
        tracer = tracing.provider("gateway")
        if tracer is None:
            return headers.trace_lines(exchange.headers)
        exchange.span = tracer.get_tracer("plumbline").start_span(
            f"{exchange.method} {member.target.service}",
            tracing.continued(exchange.headers.get(b"traceparent", b"").decode("latin-1")),
            SpanKind.SERVER,
            {"http.request.method": exchange.method},
        )
        return f"traceparent: {tracing.header_of(exchange.span.get_span_context())}\r\n".encode()

    async def _call(self, exchange: Exchange, member: Member, lines: bytes) -> Call:
        bounds = self._bounds.of(exchange.path)
        length = declared_length(exchange.headers, bounds.body_bytes)
        first, rest, framing = b"", None, b""
        if length != 0:
            body = Body(exchange.receive, bounds.body_bytes, self._settings.body_idle_s, self._settings.body_total_s)
            exchange.body = body
            first = await _gathered(body, length)
            rest = None if body.complete else body
            framing = b"content-length: %d\r\n" % (len(first) if rest is None or length is None else length)
        elif exchange.method in _WITH_BODY:
            framing = b"content-length: 0\r\n"
        chunked = rest is not None and length is None
        query = b"?" + exchange.query if exchange.query else b""
        head = b"%b %b%b HTTP/1.1\r\n%b%b%b\r\n" % (
            exchange.method.encode(),
            exchange.path,
            query,
            member.target.host_line,
            lines,
            b"transfer-encoding: chunked\r\n" if chunked else framing,
        )
        return Call(exchange.method, head, first, rest, chunked, bounds.upstream_s)

    async def _hand_back(self, exchange: Exchange, answer: Answer) -> None:
        bodiless = answer.status in {204, 304}
        kept = headers.answer_headers(answer.headers, exchange.request_id, bodiless=bodiless)
        if answer.length is None or answer.length > WHOLE_BYTES:
            await exchange.send({"type": "http.response.start", "status": answer.status, "headers": kept})
            await self._stream(exchange, answer)
            return
        try:
            body = await answer.whole()
        except aiohttp.ClientError as broken:
            raise BadGateway("service-broke-off", "The service broke off in the middle of its answer.") from broken
        if not answer.declared and not bodiless and exchange.method != "HEAD":
            kept.append((b"content-length", b"%d" % len(body)))
        await exchange.answer(answer.status, kept, body)

    async def _stream(self, exchange: Exchange, answer: Answer) -> None:
        """Pass pieces on as they come; stop the service's side as soon as the client has gone."""
        reading_body = exchange.body is not None and not exchange.body.complete
        watching = None if reading_body else asyncio.create_task(_watch(exchange, answer))
        if answer.length is None:
            exchange.scope.setdefault("state", {})[ON_SHUTDOWN] = partial(answer.interrupt, Stopping())
        with self._metrics.streams.track_inprogress():
            try:
                async for piece in answer.pieces():
                    async with asyncio.timeout(self._settings.send_stall_s):
                        await exchange.send({"type": "http.response.body", "body": piece, "more_body": True})
                await exchange.send({"type": "http.response.body", "body": b""})
            except TimeoutError:
                raise ClientGone from None
            except Stopping:
                await exchange.send({"type": "http.response.body", "body": b""})
            finally:
                if watching is not None:
                    watching.cancel()
                    with suppress(asyncio.CancelledError):
                        await watching


async def _gathered(body: Body, length: int | None) -> bytes:
    first = await body.next()
    while not body.complete and length is not None and length <= GATHER_BYTES:
        first += await body.next()
    return first


async def _watch(exchange: Exchange, answer: Answer) -> None:
    while (await exchange.receive())["type"] != "http.disconnect":
        pass
    answer.interrupt(ClientGone())
