"""What passes the gateway, in both directions."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from gateway.tests.conftest import Served, Stage, eventually

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def sent_on(answer: httpx.Response) -> dict[str, str]:
    return dict(answer.json()["headers"])


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_call_reaches_its_service_with_its_method(http: httpx.Client, method: str) -> None:
    answer = http.request(method, "/v1/allocation/echo/x", content=b"body" if method != "GET" else None)
    assert answer.status_code == 200
    assert answer.json()["method"] == method
    assert answer.json()["size"] == (0 if method == "GET" else 4)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/allocation/echo/cases:batch",
        "/v1/allocation/echo/mosaic/CH%20123%3B4",
        "/v1/allocation/echo/a%C3%A9b",
        "/v1/allocation/echo/a.b..c",
        "/v1/allocation/echo/x/",
    ],
)
def test_a_path_is_handed_on_byte_for_byte(http: httpx.Client, path: str) -> None:
    assert http.get(path + "?a=%2F..&b=1&b=2").json()["raw_path"] == path


def test_a_query_is_handed_on_byte_for_byte(http: httpx.Client) -> None:
    assert http.get("/v1/allocation/echo/x?a=%2F..&b=1&b=2;c").json()["query"] == "a=%2F..&b=1&b=2;c"


def test_only_listed_headers_reach_the_service(http: httpx.Client) -> None:
    told = sent_on(
        http.get(
            "/v1/allocation/echo/x",
            headers={
                "Accept": "application/json",
                "If-Match": '"3"',
                "Idempotency-Key": "k-1",
                "X-Forwarded-For": "10.0.0.1",
                "X-Worker-Id": "someone",
                "X_Request_Id": "underscore",
                "Cookie": "a=b",
                "User-Agent": "spy",
                "Forwarded": "for=10.0.0.1",
            },
        )
    )
    assert set(told) == {
        "host",
        "accept",
        "authorization",
        "if-match",
        "idempotency-key",
        "x-request-id",
        "traceparent",
    }


def test_only_listed_headers_come_back(http: httpx.Client) -> None:
    answer = http.get("/v1/allocation/echo/x")
    assert not {"x-internal", "server", "set-cookie"} & set(answer.headers)
    assert answer.headers["etag"] == '"7"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_request_id_and_trace_are_kept_when_well_formed(http: httpx.Client) -> None:
    answer = http.get("/v1/allocation/echo/x", headers={"X-Request-Id": "order-12345", "traceparent": TRACE})
    assert sent_on(answer)["x-request-id"] == answer.headers["x-request-id"] == "order-12345"
    assert sent_on(answer)["traceparent"] == TRACE


@pytest.mark.parametrize("trace", ["", "00-0-0-0", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "junk\tjunk"])
def test_request_id_and_trace_are_made_when_absent_or_malformed(http: httpx.Client, trace: str) -> None:
    answer = http.get("/v1/allocation/echo/x", headers={"X-Request-Id": "<script>", "traceparent": trace})
    assert re.fullmatch(r"[0-9a-f]{32}", sent_on(answer)["x-request-id"])
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", sent_on(answer)["traceparent"])


@pytest.mark.parametrize("code", [200, 201, 204, 303, 304, 404, 409, 422, 500])
def test_a_status_is_handed_back_as_it_is(http: httpx.Client, code: int) -> None:
    answer = http.get(f"/v1/allocation/status/{code}")
    assert answer.status_code == code
    assert answer.headers["location"] == "/v1/allocation/elsewhere"


def test_head_has_the_headers_and_no_body(http: httpx.Client) -> None:
    answer = http.head("/v1/allocation/echo/x")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


@pytest.mark.parametrize("size", [1, 60_000, 70_000, 1_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["with length", "chunked"])
def test_a_body_arrives_whole(http: httpx.Client, size: int, chunked: bool) -> None:
    body = bytes(range(256)) * (size // 256 + 1)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    answer = http.post("/v1/allocation/echo/x", content=pieces() if chunked else body)
    assert answer.json()["sha256"] == hashlib.sha256(body).hexdigest()


def test_a_large_answer_is_streamed(http: httpx.Client) -> None:
    with http.stream("GET", "/v1/allocation/big?size=20971520") as answer:
        assert sum(len(piece) for piece in answer.iter_bytes()) == 20971520


def test_an_answer_that_breaks_off_does_not_look_complete(http: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError), http.stream("GET", "/v1/allocation/breaks-off") as answer:
        answer.read()


def test_unknown_paths_are_problems(http: httpx.Client) -> None:
    for path in ("/v1/nothing/x", "/v1/allocation", "/elsewhere", "/v1/", "/auth/demo/tokens"):
        answer = http.get(path)
        assert answer.status_code == 404, path
        assert answer.json()["type"] == "/problems/no-such-path"
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_is_none_is_refused(http: httpx.Client) -> None:
    answer = http.request("TRACE", "/v1/allocation/echo/x")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_the_stream_is_passed_on_as_it_comes_and_resumes(gateway: Served, stage: Stage) -> None:
    headers = {**stage.bearer(), "Accept": "text/event-stream", "Last-Event-ID": "41"}
    with httpx.stream("GET", f"{gateway.url}/v1/events", headers=headers, timeout=5) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-cache"
        lines = answer.iter_lines()
        assert next(lines) == "id: 42"


def test_a_client_that_goes_ends_the_stream_at_the_service(gateway: Served, stage: Stage) -> None:
    state: dict[str, Any] = stage.states["accountability"]
    closed = state["streams_closed"]
    token = stage.bearer()["Authorization"]
    with closing(socket.create_connection(("127.0.0.1", gateway.port), timeout=5)) as connection:
        connection.sendall(f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode())
        assert b"200 OK" in connection.recv(65536)
    eventually(lambda: state["streams_closed"] > closed, "the service still streams")


def test_pipelined_requests_are_answered_in_order(gateway: Served, stage: Stage) -> None:
    token = stage.bearer()["Authorization"]
    one = "GET /v1/allocation/echo/{} HTTP/1.1\r\nHost: x\r\nAuthorization: " + token + "\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", gateway.port), timeout=5)) as connection:
        connection.sendall((one.format("first") + one.format("second")).encode())
        answer = b""
        while answer.count(b'"sha256"') < 2:
            answer += connection.recv(65536)
    assert answer.index(b"echo/first") < answer.index(b"echo/second")
