"""Requests that two programs could read differently never reach a service."""

from __future__ import annotations

import json
import socket
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.tests.conftest import Served, Stage, raw, read_all

HEAD = "Host: x\r\nAuthorization: {token}\r\n"


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def calls(stage: Stage) -> int:
    return len(stage.states["allocation"]["calls"])


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/v1/allocation/echo/a%2fb", id="an encoded slash"),
        pytest.param("/v1/allocation/echo/a%2Fb", id="an encoded slash in capitals"),
        pytest.param("/v1/allocation/echo/a%5cb", id="an encoded backslash"),
        pytest.param("/v1/allocation/echo/a\\b", id="a backslash"),
        pytest.param("/v1/allocation/../accountability/echo/x", id="a dot segment"),
        pytest.param("/v1/allocation/echo/./x", id="a single dot"),
        pytest.param("/v1/allocation/echo/..", id="a dot segment at the end"),
        pytest.param("/v1/allocation/%2e%2e/accountability/echo/x", id="an encoded dot segment"),
        pytest.param("/v1/allocation/.%2E/accountability/echo/x", id="a half encoded dot segment"),
        pytest.param("/v1//allocation/echo/x", id="an empty segment"),
        pytest.param("//v1/allocation/echo/x", id="two slashes at the start"),
        pytest.param("/v1/allocation/echo/x;role=admin", id="a path parameter"),
        pytest.param("/v1/allocation/echo/a%00b", id="an encoded NUL"),
        pytest.param("/v1/allocation/echo/a%0d%0ab", id="an encoded line break"),
        pytest.param("/v1/allocation/echo/a%7f", id="an encoded delete"),
        pytest.param("/v1/allocation/echo/%", id="a lone percent sign"),
        pytest.param("/v1/allocation/echo/%zz", id="a percent sign before no number"),
        pytest.param("/v1/allocation/echo/%ff%fe", id="bytes that are no UTF-8"),
        pytest.param("/v1/allocation/echo/%c0%af", id="an overlong slash"),
        pytest.param("/v1/allocation/echo/%ed%a0%80", id="a lone surrogate"),
        pytest.param("/v1/allocation/echo/a|b", id="a character no URL has"),
    ],
)
def test_a_path_that_can_be_read_two_ways_is_refused(gateway: Served, stage: Stage, path: str) -> None:
    before = calls(stage)
    token = stage.bearer()["Authorization"]
    answer = raw(gateway, f"GET {path} HTTP/1.1\r\n{HEAD.format(token=token)}\r\n".encode())
    assert status_of(answer) == 400
    assert b"application/problem+json" in answer
    assert calls(stage) == before


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="a length and chunks"),
        pytest.param("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", id="chunks and a length"),
        pytest.param("Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!", id="two lengths"),
        pytest.param("Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody", id="the same length twice"),
        pytest.param("Content-Length: 4, 4\r\n\r\nbody", id="a list of lengths"),
        pytest.param("Content-Length: +4\r\n\r\nbody", id="a signed length"),
        pytest.param("Content-Length: -4\r\n\r\nbody", id="a negative length"),
        pytest.param("Content-Length: 0x4\r\n\r\nbody", id="a length in hex"),
        pytest.param("Content-Length : 4\r\n\r\nbody", id="a space before the colon"),
        pytest.param("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", id="another transfer encoding"),
        pytest.param("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", id="an unknown transfer encoding"),
        pytest.param(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", id="two transfer encodings"
        ),
        pytest.param("X-A: a\r\n folded: b\r\n\r\n", id="a folded header"),
        pytest.param("X-A: a\x00b\r\n\r\n", id="a NUL in a header"),
        pytest.param("X-A: a\rb\r\n\r\n", id="a lone carriage return in a header"),
        pytest.param("X A: b\r\n\r\n", id="a space in a header name"),
        pytest.param(": nameless\r\n\r\n", id="a header without a name"),
        pytest.param("Host: y\r\n\r\n", id="two hosts"),
        pytest.param("Authorization: Bearer other\r\n\r\n", id="two authorizations"),
        pytest.param("Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n", id="two content types"),
        pytest.param("Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n", id="two idempotency keys"),
        pytest.param("Connection: close, Authorization\r\n\r\n", id="the token named hop-by-hop"),
        pytest.param("Connection: X-Request-Id\r\n\r\n", id="the request id named hop-by-hop"),
        pytest.param(
            "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody", id="an upgrade with a body"
        ),
    ],
)
def test_headers_that_can_be_read_two_ways_are_refused(gateway: Served, stage: Stage, lines: str) -> None:
    before = calls(stage)
    token = stage.bearer()["Authorization"]
    request = f"POST /v1/allocation/echo/x HTTP/1.1\r\n{HEAD.format(token=token)}{lines}".encode("latin-1")
    assert status_of(raw(gateway, request)) == 400
    assert calls(stage) == before


def test_bare_line_feeds_are_refused(gateway: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    answer = raw(gateway, f"GET /v1/allocation/echo/x HTTP/1.1\nHost: x\nAuthorization: {token}\n\n".encode())
    assert status_of(answer) in {0, 400}


def test_a_request_hidden_in_a_body_is_not_answered(gateway: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    hidden = f"GET /v1/allocation/echo/hidden HTTP/1.1\r\n{HEAD.format(token=token)}\r\n"
    request = (
        f"POST /v1/allocation/echo/x HTTP/1.1\r\n{HEAD.format(token=token)}Content-Length: 6\r\n"
        f"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
    )
    raw(gateway, request.encode())
    assert not any(call["raw_path"].endswith("hidden") for call in stage.states["allocation"]["calls"])


def test_hop_by_hop_and_underscored_headers_stay_behind(gateway: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    lines = (
        "Connection: keep-alive, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=9\r\nTE: trailers\r\n"
        "Proxy-Authorization: Basic eA==\r\nIf_Match: *\r\nContent_Length: 7\r\n"
    )
    answer = raw(gateway, f"GET /v1/allocation/echo/x HTTP/1.1\r\n{HEAD.format(token=token)}{lines}\r\n".encode())
    assert status_of(answer) == 200
    told = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert {name for name, _ in told["headers"]} == {"host", "authorization", "x-request-id", "traceparent"}


def test_trailers_stay_behind(gateway: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    body = "Transfer-Encoding: chunked\r\nTrailer: If-Match\r\n\r\n4\r\nbody\r\n0\r\nIf-Match: *\r\n\r\n"
    answer = raw(gateway, f"POST /v1/allocation/echo/x HTTP/1.1\r\n{HEAD.format(token=token)}{body}".encode())
    assert status_of(answer) == 200
    assert "if-match" not in dict(json.loads(answer.partition(b"\r\n\r\n")[2])["headers"])


def test_an_upgrade_is_ignored(gateway: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    lines = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
    answer = raw(gateway, f"GET /v1/allocation/echo/x HTTP/1.1\r\n{HEAD.format(token=token)}{lines}\r\n".encode())
    assert status_of(answer) == 200


def test_websockets_are_not_taken(gateway: Served, stage: Stage) -> None:
    lines = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    answer = raw(gateway, f"GET /v1/events HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
    assert status_of(answer) == 401


@pytest.mark.parametrize(
    "request_line",
    [
        "GET /v1/allocation/echo/x",
        "get /v1/allocation/echo/x HTTP/1.1",
        "nonsense",
        "GET /v1/allocation/echo/x HTTP/9.9",
    ],
)
def test_a_malformed_request_line_gets_a_problem(gateway: Served, request_line: str) -> None:
    answer = raw(gateway, f"{request_line}\r\nHost: x\r\n\r\n".encode())
    assert status_of(answer) == 400
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert json.loads(body)["type"] == "/problems/malformed-request"


def test_a_missing_host_is_refused(gateway: Served) -> None:
    assert status_of(raw(gateway, b"GET /health/live HTTP/1.1\r\n\r\n")) == 400


@pytest.mark.parametrize("target", ["http://elsewhere/v1/allocation/echo/x", "*", "elsewhere:443"])
def test_a_target_in_another_form_needs_a_token_all_the_same(gateway: Served, target: str) -> None:
    assert status_of(raw(gateway, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())) in {400, 401, 404}


def test_endless_headers_are_cut_off(gateway: Served) -> None:
    with closing(socket.create_connection(("127.0.0.1", gateway.port), timeout=5)) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n")
        try:
            for _ in range(200):
                connection.sendall(b"X-Filler: " + b"x" * 4000 + b"\r\n")
        except (ConnectionResetError, BrokenPipeError):
            return
        assert status_of(read_all(connection)) == 431


def test_slow_headers_are_cut_off(stage: Stage) -> None:
    with stage.gateway(header_timeout_s=0.2) as served:
        with closing(socket.create_connection(("127.0.0.1", served.port), timeout=5)) as connection:
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost:")
            answer = read_all(connection)
        assert status_of(answer) == 408
        with closing(socket.create_connection(("127.0.0.1", served.port), timeout=5)) as silent:
            assert read_all(silent) == b""


PIECES = st.sampled_from(
    (
        b"Host: x|Content-Length: 3|Transfer-Encoding: chunked|Connection: close|Upgrade: h2c|Expect: 100-continue|\r\n|\n|\r|"
        b"GET /health/live HTTP/1.1|POST /v1/allocation/echo/x HTTP/1.1|Authorization: Bearer x|HTTP/1.0|http://|"
        b": | |0|3|abc|%|;|\x00|\xff"
    ).split(b"|")
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=14))
def test_no_bytes_make_the_gateway_fail(gateway: Served, pieces: list[bytes]) -> None:
    start = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    with closing(socket.create_connection(("127.0.0.1", gateway.port), timeout=5)) as connection:
        connection.sendall(start + b"".join(pieces) + b"\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    assert status_of(answer) < 500
    alive = raw(gateway, b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert status_of(alive) == 200


def test_a_body_of_broken_chunks_is_refused(gateway: Served, stage: Stage) -> None:
    before = calls(stage)
    token = stage.bearer()["Authorization"]
    request = (
        f"POST /v1/allocation/echo/x HTTP/1.1\r\n{HEAD.format(token=token)}Transfer-Encoding: chunked\r\n\r\nzz\r\n"
    )
    assert status_of(raw(gateway, request.encode())) in {0, 400}
    assert calls(stage) == before
