"""One caller cannot use up everything: bodies, time and requests have bounds, and a service that is away is named."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from gateway.limits import Rate
from gateway.tests.conftest import Served, Stage, eventually, raw, read_all, wait_until_ready

PATH = "/v1/allocation/echo/x"


@pytest.fixture(scope="module")
def narrow(stage: Stage) -> Iterator[Served]:
    """A gateway with little patience."""
    with stage.gateway(
        max_body_bytes=1000,
        large_body_bytes=5000,
        large_body_paths=("/v1/allocation/echo/imports",),
        body_idle_s=0.3,
        body_total_s=1.0,
        upstream_timeout_s=0.4,
    ) as served:
        wait_until_ready(served)
        yield served


def pieces(total: int) -> Iterator[bytes]:
    for _ in range(total // 100):
        yield b"x" * 100


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        (PATH, 1000, 200),
        (PATH, 1100, 413),
        ("/v1/allocation/echo/imports", 5000, 200),
        ("/v1/allocation/echo/imports", 5100, 413),
        ("/v1/allocation/echo/other", 1100, 413),
    ],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["with length", "chunked"])
def test_a_body_over_the_bound_of_its_path_is_refused(
    narrow: Served, stage: Stage, path: str, size: int, status: int, chunked: bool
) -> None:
    content: Any = pieces(size) if chunked else b"x" * size
    answer = httpx.post(narrow.url + path, headers=stage.bearer(), content=content)
    assert answer.status_code == status
    if status == 413:
        assert answer.json()["type"] == "/problems/body-too-large"
        assert answer.json()["max_bytes"] in {1000, 5000}


def test_a_large_body_that_is_refused_gets_its_answer_while_it_is_still_being_sent(
    narrow: Served, stage: Stage
) -> None:
    answer = httpx.post(narrow.url + PATH, headers=stage.bearer(), content=b"x" * 3_000_000)
    assert answer.status_code == 413


def test_a_body_is_not_asked_for_when_its_length_is_refused(narrow: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n\r\n"
    assert raw(narrow, head.encode()).startswith(b"HTTP/1.1 413")


def test_a_body_is_asked_for_when_it_will_be_read(narrow: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", narrow.port), timeout=5)) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        connection.sendall(b"body")
        assert b'"size":4' in read_all(connection)


@pytest.mark.parametrize("framing", ["Content-Length: 900", "Content-Length: 100", "Transfer-Encoding: chunked"])
def test_a_body_that_stops_coming_is_given_up(narrow: Served, stage: Stage, framing: str) -> None:
    token = stage.bearer()["Authorization"]
    first = "5\r\nfirst\r\n" if "chunked" in framing else "first"
    with closing(socket.create_connection(("127.0.0.1", narrow.port), timeout=5)) as connection:
        connection.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n{framing}\r\n\r\n{first}".encode()
        )
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"/problems/slow-body" in answer


def test_a_body_that_trickles_is_given_up(narrow: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    with closing(socket.create_connection(("127.0.0.1", narrow.port), timeout=5)) as connection:
        connection.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: 900\r\n\r\n".encode()
        )
        connection.settimeout(0.1)
        began = time.monotonic()
        answer = b""
        while not answer and time.monotonic() - began < 5:
            connection.sendall(b"x")
            try:
                answer = connection.recv(1000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408")


def test_a_client_that_stops_reading_is_given_up(stage: Stage) -> None:
    with stage.gateway(send_stall_s=1.0) as served:
        wait_until_ready(served)
        token = stage.bearer()["Authorization"]
        with closing(socket.create_connection(("127.0.0.1", served.port), timeout=5)) as connection:
            path = "/v1/allocation/big?size=1073741824"
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
            eventually(lambda: _open_streams(served) == 1, "the answer is not streamed")
            eventually(lambda: _open_streams(served) == 0, "the answer is still held for nobody")


def _open_streams(served: Served) -> float:
    lines = httpx.get(served.url + "/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith("gateway_open_streams ")).split()[1])


def test_patience_with_headers_does_not_end_an_answer_that_takes_longer(stage: Stage) -> None:
    with stage.gateway(header_timeout_s=0.3) as served:
        wait_until_ready(served)
        with httpx.stream("GET", f"{served.url}/v1/events", headers=stage.bearer(), timeout=5) as answer:
            began = time.monotonic()
            assert any(time.monotonic() - began > 1 for _ in answer.iter_lines())


def test_too_many_requests_of_one_caller_are_refused_and_others_go_on(stage: Stage) -> None:
    with stage.gateway(rate_per_second=0.5, rate_burst=3) as served:
        one, other = stage.bearer(subject="one"), stage.bearer(subject="other")
        statuses = [httpx.get(served.url + PATH, headers=one).status_code for _ in range(3)]
        assert statuses == [200] * 3
        refused = httpx.get(served.url + PATH, headers=one)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) in {1, 2}
        assert refused.headers["ratelimit"].startswith('"caller";r=0;t=')
        assert refused.headers["ratelimit-policy"] == '"caller";q=3;w=6'
        assert refused.json()["type"] == "/problems/rate-limit"
        assert httpx.get(served.url + PATH, headers=other).status_code == 200


def test_guessing_tokens_is_slowed_down(stage: Stage) -> None:
    with stage.gateway(address_rate_per_second=0.01, address_rate_burst=5) as served:
        headers = {"Authorization": "Bearer guess"}
        statuses = [httpx.get(served.url + PATH, headers=headers).status_code for _ in range(8)]
        assert statuses == [401] * 5 + [429] * 3
        assert httpx.get(served.url + PATH, headers=stage.bearer()).status_code == 200


def test_a_rate_of_zero_is_no_limit() -> None:
    rate = Rate(0, 1)
    for _ in range(100):
        rate.take("someone", 0.0)


def test_metrics_count_answers_and_refusals(gateway: Served, stage: Stage) -> None:
    httpx.get(gateway.url + PATH, headers=stage.bearer())
    httpx.get(gateway.url + PATH)
    text = httpx.get(gateway.url + "/metrics").text
    assert 'gateway_answers_total{service="allocation",status="200"}' in text
    assert 'gateway_refusals_total{code="token-required"}' in text
    assert json.dumps("someone") not in text
