"""A service that is away, silent or broken is named, and never makes the gateway say something untrue."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from gateway.tests.conftest import Stage

PATH = "/v1/allocation/echo/x"


def test_a_service_that_is_silent_too_long_is_named(stage: Stage) -> None:
    with stage.gateway(upstream_timeout_s=0.3) as served:
        answer = httpx.get(served.url + "/v1/allocation/slow", headers=stage.bearer())
    assert answer.status_code == 504
    assert answer.json()["service"] == "allocation"


def test_a_service_that_accepts_no_connection_is_named(stage: Stage) -> None:
    with stage.gateway(upstreams={"allocation": "http://127.0.0.1:1"}) as served:
        answer = httpx.get(served.url + PATH, headers=stage.bearer())
    assert answer.status_code == 503
    assert answer.json()["service"] == "allocation"
    assert int(answer.headers["retry-after"]) > 0


class Unreliable:
    """A service that counts requests, says `answer` to the first `answered` of them, and hangs up."""

    def __init__(self, answered: int, answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") -> None:
        self.answered = answered
        self.answer = answer
        self.requests: list[bytes] = []

    async def serve(self) -> tuple[asyncio.Server, int]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return server, server.sockets[0].getsockname()[1]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"GET /health"):
                self.requests.append(head)
                if len(self.requests) <= self.answered:
                    writer.write(self.answer)
                    await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("HEAD", 2), ("POST", 1), ("PUT", 1), ("DELETE", 1)])
async def test_only_a_read_is_sent_again_and_only_once(stage: Stage, method: str, times: int) -> None:
    service = Unreliable(answered=0)
    server, port = await service.serve()
    async with server:
        with stage.gateway(upstreams={"allocation": f"http://127.0.0.1:{port}"}) as served:
            async with httpx.AsyncClient() as client:
                answer = await client.request(method, served.url + PATH, headers=stage.bearer())
    assert answer.status_code == 502
    assert len(service.requests) == times


async def test_a_read_whose_connection_died_while_idle_succeeds(stage: Stage) -> None:
    service = Unreliable(answered=100)  # each connection is closed after one answer
    server, port = await service.serve()
    async with server:
        with stage.gateway(upstreams={"allocation": f"http://127.0.0.1:{port}"}) as served:
            async with httpx.AsyncClient() as client:
                for _ in range(10):
                    assert (await client.get(served.url + PATH, headers=stage.bearer())).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"nonsense\r\n\r\n", id="no HTTP"),
        pytest.param(b"HTTP/1.1 abc OK\r\n\r\n", id="no status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", id="two lengths"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok", id="a length that is no number"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", id="less than announced"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nok", id="a NUL in a header"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", id="endless headers"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_an_answer_that_is_none_becomes_a_problem(stage: Stage, answer: bytes) -> None:
    service = Unreliable(answered=100, answer=answer)
    server, port = await service.serve()
    async with server:
        with stage.gateway(upstreams={"allocation": f"http://127.0.0.1:{port}"}) as served:
            async with httpx.AsyncClient() as client:
                got = await client.get(served.url + PATH, headers=stage.bearer())
    assert got.status_code == 502
    assert got.json()["type"] == "/problems/service-broke-off"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", id="after an interim one"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nok", id="until the connection closes"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", id="of an old version"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", id="in chunks"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n", id="followed by another"
        ),
    ],
)
async def test_an_unusual_answer_is_handed_on(stage: Stage, answer: bytes) -> None:
    service = Unreliable(answered=100, answer=answer)
    server, port = await service.serve()
    async with server:
        with stage.gateway(upstreams={"allocation": f"http://127.0.0.1:{port}"}) as served:
            async with httpx.AsyncClient() as client:
                for _ in range(2):
                    got = await client.get(served.url + PATH, headers=stage.bearer())
                    assert (got.status_code, got.text) == (200, "ok")


async def test_an_answer_that_comes_before_the_body_was_sent_is_handed_back(stage: Stage) -> None:
    service = Unreliable(answered=100, answer=b"HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nfull")
    server, port = await service.serve()

    token = stage.bearer()["Authorization"]
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: 900000\r\n\r\n".encode()
    async with server:
        with stage.gateway(upstreams={"allocation": f"http://127.0.0.1:{port}"}) as served:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(head + b"x" * 100_000)
            async with asyncio.timeout(5):
                got = await reader.readuntil(b"full")
            writer.close()
            await writer.wait_closed()
    assert got.startswith(b"HTTP/1.1 409")


def test_strict_transport_is_asked_for_behind_tls(stage: Stage) -> None:
    with stage.gateway() as served:
        behind_tls = httpx.get(served.url + "/health/live", headers={"X-Forwarded-Proto": "https"})
        plain = httpx.get(served.url + "/health/live")
    assert "max-age" in behind_tls.headers["strict-transport-security"]
    assert "strict-transport-security" not in plain.headers
