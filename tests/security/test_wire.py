"""Bytes that two programs could read differently: what is hidden behind them reaches no service."""

from __future__ import annotations

import pytest

from gateway.tests.conftest import Served, Stage, gateway, raw, stage
from tests.security.corpus.wire import FRAMING, HEADS, SMUGGLED
from tests.security.tally import Tally

__all__ = ["gateway", "stage"]  # fixtures of the gateway's own tests


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize(("lines", "rest"), [pytest.param(lines, rest, id=what) for what, lines, rest in FRAMING])
def test_nothing_is_smuggled_past_the_gateway(
    gateway: Served, stage: Stage, lines: str, rest: str, tally: Tally
) -> None:
    token, calls = stage.bearer()["Authorization"], stage.states["allocation"]["calls"]
    before = len(calls)
    head = f"POST /v1/allocation/echo/outer HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
    answer = raw(gateway, f"{head}{lines}\r\n\r\n{rest.format(token=token)}".encode())
    reached = [call["raw_path"] for call in calls[before:]]
    fine = SMUGGLED not in reached and answer.count(b"HTTP/1.1 ") <= 1 and (status_of(answer) in {0, 400, 413})
    tally.add("requests hidden behind others", 1, fine)
    assert fine, (reached, answer[:400])


@pytest.mark.parametrize("head", [pytest.param(head, id=what) for what, head in HEADS])
def test_a_head_that_is_no_request_for_us_gets_nowhere(
    gateway: Served, stage: Stage, head: bytes, tally: Tally
) -> None:
    calls = stage.states["allocation"]["calls"]
    before = len(calls)
    answer = raw(gateway, head)
    fine = len(calls) == before and (status_of(answer) in {0, 501} or 400 <= status_of(answer) < 500)
    tally.add("heads that are no request for us", 1, fine)
    assert fine, answer[:400]
