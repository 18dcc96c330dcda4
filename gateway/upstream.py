"""Talks to the services: one request over a pooled connection, its answer as a stream, its failures as problems.

The pool and the parser are aiohttp's. Its session is left out on this path: measured here, building a session request costs more
than everything else the gateway does for a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest, ConnectionKey
from aiohttp.connector import Connection
from aiohttp.helpers import TimerNoop
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_writer import StreamWriter
from aiohttp.streams import StreamReader
from yarl import URL

from chassis.problems import Unavailable
from gateway.bodies import Body
from gateway.headers import Header
from gateway.problems import AnswerTimeout, BadGateway

KEEP_IDLE_S: Final = 4.0
"""Shorter than a service keeps an idle connection (5 s), so that no request is sent into one that is just being closed."""
RETRY_AFTER_S: Final = 2
_NO_TIMER: Final = TimerNoop()
_NO_TRACES: list[aiohttp.tracing.Trace] = []


def unavailable(service: str) -> Unavailable:
    """The refusal of a call to a service that accepts no connection."""
    return Unavailable(
        "service-unavailable",
        f"The {service} service does not answer; try again in {RETRY_AFTER_S} seconds.",
        headers={"Retry-After": str(RETRY_AFTER_S)},
        service=service,
    )


class _PoolKey(ClientRequest):
    """What the pool asks a request for: where its connections go. It is the same for every call to one service."""

    @cached_property
    def connection_key(self) -> ConnectionKey:
        return super().connection_key


class Target:
    """One service as the pool sees it."""

    def __init__(self, service: str, base_url: str) -> None:
        url = URL(base_url)
        if url.scheme not in {"http", "https"} or not url.host or url.path not in {"", "/"}:
            raise ValueError(f"the base URL of {service} must look like http://host:port, not {base_url!r}")
        self.service = service
        self.url = url
        self.host_line = f"host: {url.host_port_subcomponent}\r\n".encode()
        self.pool_key = _PoolKey("GET", url, loop=asyncio.get_running_loop())


@dataclass(slots=True)
class Call:
    """One request, ready to be written."""

    method: str
    head: bytes
    first: bytes
    """The body, or its first piece when there is a `rest`."""
    rest: Body | None
    chunked: bool
    silence_s: float

    @property
    def repeatable(self) -> bool:
        """Whether sending it a second time cannot do harm."""
        return self.method in {"GET", "HEAD"} and self.rest is None


class Answer:
    """What a service answered; its body is still on the wire."""

    __slots__ = ("_connection", "_payload", "declared", "headers", "length", "status")

    def __init__(self, status: int, headers: tuple[Header, ...], payload: StreamReader, connection: Connection) -> None:
        self.status = status
        self.headers = headers
        length = _length(headers)
        self.declared = length is not None
        self.length = 0 if payload.is_eof() else length
        self._payload = payload
        self._connection = connection

    async def whole(self) -> bytes:
        """The rest of the body; the connection goes back to the pool."""
        payload = self._payload
        body: bytes = payload.read_nowait() if payload.is_eof() else await payload.read()
        self._connection.release()
        return body

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        async for piece in self._payload.iter_any():
            yield piece
        self._connection.release()

    def interrupt(self, reason: Exception) -> None:
        """Make whoever reads the body stop, with this reason."""
        self._payload.set_exception(reason)

    def abandon(self) -> None:
        """Close the connection; nothing more is read from it."""
        self._connection.close()


def _length(headers: tuple[Header, ...]) -> int | None:
    for name, value in headers:
        if len(name) == 14 and name.lower() == b"content-length":
            return int(value)
    return None


class Upstreams:
    """The pool of connections to all services."""

    def __init__(self, connect_timeout_s: float) -> None:
        self.connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_IDLE_S, ttl_dns_cache=10)
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout_s)

    async def close(self) -> None:
        """Close every connection."""
        await self.connector.close()

    async def send(self, target: Target, call: Call) -> Answer:
        """The answer of the service, from its first byte on.

        A call that cannot do harm twice is sent once more when its connection breaks before the answer; nothing else is.
        """
        attempts_left = 2 if call.repeatable else 1
        while True:
            attempts_left -= 1
            try:
                return await self._attempt(target, call)
            except aiohttp.ServerTimeoutError as silent:
                raise AnswerTimeout(
                    "service-timeout", f"The {target.service} service did not answer in time.", service=target.service
                ) from silent
            except (aiohttp.ClientError, HttpProcessingError, ConnectionError) as broken:
                if not attempts_left:
                    raise _broken(target) from broken

    async def _attempt(self, target: Target, call: Call) -> Answer:
        connection = await self._connect(target)
        try:
            protocol = connection.protocol
            if protocol is None or protocol.transport is None:
                raise aiohttp.ClientConnectionError("the pooled connection is closed")
            protocol.set_response_params(
                timer=_NO_TIMER,
                skip_payload=call.method == "HEAD",
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=call.silence_s,
            )
            protocol.transport.write(call.head + call.first if call.first and not call.chunked else call.head)
            if call.rest is None:
                protocol.start_timeout()
                return await _read_answer(protocol, connection)
            upload = _upload(protocol, call, call.rest)
            return await _while_uploading(upload, _read_answer(protocol, connection), connection)
        except BaseException:
            connection.close()
            raise

    async def _connect(self, target: Target) -> Connection:
        try:
            return await self.connector.connect(target.pool_key, _NO_TRACES, self._timeout)
        except (aiohttp.ClientConnectorError, TimeoutError) as refused:
            raise unavailable(target.service) from refused


def _broken(target: Target) -> BadGateway:
    return BadGateway(
        "service-broke-off",
        f"The {target.service} service broke off before it answered. The request may have been carried out: "
        "repeat it with the same Idempotency-Key.",
        service=target.service,
    )


async def _read_answer(protocol: ResponseHandler, connection: Connection) -> Answer:
    while True:
        message, payload = await protocol.read()
        if message.code >= 200:
            return Answer(message.code, message.raw_headers, payload, connection)
        if message.code == 101:
            raise aiohttp.ClientConnectionError("the service switched protocols unasked")


async def _upload(protocol: ResponseHandler, call: Call, rest: Body) -> None:
    writer = StreamWriter(protocol, asyncio.get_running_loop())
    if call.chunked:
        writer.enable_chunking()
        if call.first:
            await writer.write(call.first)
    async for piece in rest.rest():
        await writer.write(piece)
    await writer.write_eof()
    protocol.start_timeout()


async def _while_uploading(
    upload: Coroutine[Any, Any, None], answer: Coroutine[Any, Any, Answer], connection: Connection
) -> Answer:
    """Read the answer while the body is still being sent; a body that fails ends the call with its own reason."""
    uploading, answering = asyncio.ensure_future(upload), asyncio.ensure_future(answer)
    try:
        await asyncio.wait((uploading, answering), return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            await uploading
        elif not uploading.done() and connection.protocol is not None:
            connection.protocol.force_close()
        return await answering
    finally:
        for task in (uploading, answering):
            task.cancel()
        await asyncio.gather(uploading, answering, return_exceptions=True)
