"""A request that was answered is gone, without the garbage collector having to look for it."""

from __future__ import annotations

import gc

import httpx
import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from gateway.tests.conftest import Served, Stage, eventually

REQUESTS = 20


def requests_in_memory(served: Served) -> int:
    """How many requests of one server are still there."""
    return sum(
        isinstance(one, RequestResponseCycle) and one.scope["server"] == ("127.0.0.1", served.port)
        for one in gc.get_objects()
    )


@pytest.mark.parametrize(
    ("path", "caller", "status"),
    [
        ("/v1/allocation/workload", True, 200),
        ("/v1/allocation/big?size=1048576", True, 200),
        ("/v1/allocation/nothing-here", True, 404),
        ("/v1/allocation/workload", False, 401),
        ("/v1//allocation", False, 400),
        ("/nothing-here", False, 404),
    ],
)
def test_an_answered_request_leaves_no_circle(
    gateway: Served, stage: Stage, path: str, caller: bool, status: int
) -> None:
    gc.collect()
    gc.disable()
    try:
        with httpx.Client(base_url=gateway.url, headers=stage.bearer() if caller else {}) as client:
            assert {client.get(path).status_code for _ in range(REQUESTS)} == {status}
            eventually(lambda: requests_in_memory(gateway) < REQUESTS / 2, "answered requests are still in memory")
    finally:
        gc.enable()
