"""A body is no larger than its route takes, whoever brings it: the gateway is not the only one who looks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException

from chassis.bodies import bounded

LIMIT = 1000
app = FastAPI()


@app.post("/")
async def count(request: Request) -> int:
    return len(await bounded(request, LIMIT).body())


async def in_pieces(of: int, many: int) -> AsyncIterator[bytes]:
    for _ in range(many):
        yield b"x" * of


async def send(content: bytes | AsyncIterator[bytes], headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service") as client:
        return await client.post("/", content=content, headers=headers)


@pytest.mark.parametrize(
    ("size", "status"), [(0, 200), (LIMIT, 200), (LIMIT + 1, 413)], ids=["nothing", "just enough", "one byte too many"]
)
async def test_a_declared_length_is_believed_before_a_byte_is_read(size: int, status: int) -> None:
    assert (await send(b"x" * size, {})).status_code == status


@pytest.mark.parametrize(("many", "status"), [(100, 200), (101, 413)], ids=["as much as is taken", "more"])
async def test_what_comes_in_pieces_is_counted(many: int, status: int) -> None:
    assert (await send(in_pieces(10, many), {})).status_code == status


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", ""])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    headers = [(b"content-length", length.encode())]
    with pytest.raises(HTTPException):
        bounded(Request({"type": "http", "method": "POST", "headers": headers}), LIMIT)
