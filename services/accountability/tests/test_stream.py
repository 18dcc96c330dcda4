"""The stream: the whole log in order, resumed without a gap or a repeat, by as many as like."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn

from chassis.app import create_app
from chassis.clock import monotonic
from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import ISSUER, FakeClock, fresh_database, receive, settings_for, token
from services.accountability.queries import tail as tails
from services.accountability.queries.tail import Tail
from services.accountability.routes import stream
from services.accountability.routes.stream import Filter, follow
from services.accountability.service import service
from services.accountability.tests.authority import Authority

EVERYTHING = Filter(frozenset(), None)


def parsed(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if "data" in fields:
            events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return events


async def take(chunks: AsyncIterator[bytes], count: int) -> list[tuple[int, str, dict[str, Any]]]:
    """The next ``count`` events of a stream, or a failure after ten seconds."""
    got: list[tuple[int, str, dict[str, Any]]] = []
    async with asyncio.timeout(10):
        while len(got) < count:
            got += parsed((await anext(chunks)).decode())
    return got


@pytest.fixture
async def heard(fresh: Database, place: Authority) -> Database:
    await receive(fresh, service, *place.whole())
    return fresh


async def test_a_follower_gets_what_was_and_what_comes(heard: Database, place: Authority) -> None:
    chunks = follow(Tail(heard), EVERYTHING, 0, b"")
    whole = len(place.whole())
    assert [position for position, _, _ in await take(chunks, whole)] == list(range(1, whole + 1))
    await receive(heard, service, place.workload(95), place.overloaded())
    coming = await take(chunks, 2)
    assert [position for position, _, _ in coming] == [whole + 1, whole + 2]
    assert coming[0][1] == "allocation.workload.changed.v1"
    await chunks.aclose()


async def test_data_is_a_cloud_event_in_structured_json(heard: Database, place: Authority) -> None:
    await receive(heard, service, place.workload(95))
    chunks = follow(Tail(heard), Filter(frozenset({"allocation.workload.changed.v1"}), None), 0, b"")
    [(_, name, event)] = await take(chunks, 1)
    assert name == event["type"] == "allocation.workload.changed.v1"
    assert event["specversion"] == "1.0"
    assert event["source"] == "/services/allocation"
    assert event["subject"] == str(place.worker)
    assert event["datacontenttype"] == "application/json"
    assert event["data"] == json.loads(place.workload(95).model_dump_json())
    await chunks.aclose()


async def test_many_followers_cost_one_reader(
    heard: Database, place: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    tail = Tail(heard)
    whole = len(place.whole())
    followers = [follow(tail, EVERYTHING, whole, b": opening\n\n") for _ in range(50)]
    for chunks in followers:
        await anext(chunks)
    waiting = [asyncio.create_task(take(chunks, 3)) for chunks in followers]
    await _until(lambda: tail.position == whole)
    reads = 0
    read = Tail.read

    async def counted(self: Tail, position: int) -> list[tails.Frame]:
        nonlocal reads
        frames = await read(self, position)
        reads += bool(frames)
        return frames

    monkeypatch.setattr(Tail, "read", counted)
    await receive(heard, service, place.workload(95), place.workload(96), place.workload(97))
    for got in await asyncio.gather(*waiting):
        assert [position for position, _, _ in got] == [whole + 1, whole + 2, whole + 3]
    assert reads <= 3
    for chunks in followers:
        await chunks.aclose()
    assert tail._reader is None, "nobody follows, nothing reads"


async def _until(holds: Callable[[], bool]) -> None:
    """Poll with a deadline of ten seconds."""
    deadline = monotonic() + 10
    while not holds():
        assert monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_a_slow_follower_falls_out_of_memory_and_misses_nothing(
    heard: Database, place: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "KEEP", 3)
    monkeypatch.setattr(tails, "PAGE", 2)
    monkeypatch.setattr(tails, "POLL_S", 0.01)
    tail = Tail(heard)
    slow, quick = (follow(tail, EVERYTHING, 0, b": opening\n\n") for _ in range(2))
    await anext(slow)
    for load in range(90, 100):
        await receive(heard, service, place.workload(load))
    whole = len(place.whole()) + 10
    for chunks in (quick, slow):
        assert [position for position, _, _ in await take(chunks, whole)] == list(range(1, whole + 1))
    assert len(tail._frames) <= 3
    await slow.aclose()
    await quick.aclose()


async def test_a_unit_sees_its_own_part_only(heard: Database, place: Authority) -> None:
    other = Authority()
    await receive(heard, service, *other.whole(), place.overloaded(), other.overloaded())
    chunks = follow(Tail(heard), Filter(frozenset(), place.service), 0, b"")
    got = await take(chunks, 6)
    assert {event["data"]["org_unit_id"] for _, _, event in got} == {str(place.service), str(place.team)}
    await chunks.aclose()


async def test_a_quiet_stream_is_kept_alive_and_ends_in_time(heard: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "COMMENT_EVERY_S", 0.01)
    monkeypatch.setattr(stream, "LASTS_S", 0.2)
    got = b"".join([chunk async for chunk in follow(Tail(heard), EVERYTHING, 1000, b"")])
    assert got.startswith(b": still here\n\n")
    assert parsed(got.decode()) == []


async def test_streams_end_at_once_when_the_process_stops(heard: Database) -> None:
    tail = Tail(heard)
    waiting = [follow(tail, EVERYTHING, 1000, b": opening\n\n") for _ in range(3)]
    for chunks in waiting:
        await anext(chunks)
    ending = [asyncio.create_task(anext(chunks, b"")) for chunks in waiting]
    await _until(lambda: tail._followers == 3)
    tail.end()
    async with asyncio.timeout(5):
        assert [await one for one in ending] == [b"", b"", b""]
    assert tail._reader is None


@dataclass
class Served:
    url: str
    database: Database

    async def read(self, count: int, claims: dict[str, Any], after: str = "", **headers: str) -> list[Any]:
        """The first ``count`` events over a real connection, which is then broken off."""
        text = ""
        async with (
            httpx.AsyncClient(timeout=10) as client,
            client.stream("GET", f"{self.url}/v1/events{after}", headers={**token(**claims), **headers}) as answer,
        ):
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for chunk in answer.aiter_text():
                text += chunk
                if len(parsed(text)) >= count:
                    return parsed(text)
        return parsed(text)


@pytest.fixture
async def served(postgres: str, clock: FakeClock) -> AsyncIterator[Served]:
    url = fresh_database(postgres, service)
    app = create_app(service, settings_for(url), clock=clock, verifier=ISSUER.verifier(), role="api")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    await _until(lambda: server.started)
    yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", app.state.database)
    server.should_exit = True
    await running
    listening.close()


REPORTING = {"roles": ["reporting"]}


async def test_a_reporting_tool_breaks_off_and_resumes(served: Served, place: Authority) -> None:
    whole = len(place.whole())
    await receive(served.database, service, *place.whole())
    first = await served.read(4, REPORTING)
    rest = await served.read(whole - 4, REPORTING, **{"Last-Event-ID": str(first[3][0])})
    assert [position for position, _, _ in first[:4] + rest] == list(range(1, whole + 1))
    beginning = await served.read(1, REPORTING, f"?after={whole - 1}")
    assert beginning[0][0] == whole
    typed = await served.read(2, REPORTING, "?types=workforce.accountable.changed.v1,x")
    assert {name for _, name, _ in typed} == {"workforce.accountable.changed.v1"}


@pytest.mark.parametrize("position", ["999999", "nonsense", "-1"])
async def test_an_unknown_position_is_answered_by_a_reset_and_the_beginning(
    served: Served, place: Authority, position: str
) -> None:
    await receive(served.database, service, *place.whole())
    got = await served.read(2, REPORTING, **{"Last-Event-ID": position})
    assert got[0] == (0, "reset", {"reason": "position-unknown", "newest": len(place.whole())})
    assert got[1][0] == 1


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        pytest.param({"roles": ["practitioner"], "worker_id": new_id()}, 403, id="a practitioner has no stream"),
        pytest.param({"roles": ["team_manager"], "worker_id": new_id()}, 403, id="a manager of no unit"),
        pytest.param({"roles": ["workforce_admin"]}, 403, id="a role that is not named"),
    ],
)
async def test_the_stream_is_refused(served: Served, claims: dict[str, Any], status: int) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        assert (await client.get(f"{served.url}/v1/events", headers=token(**claims))).status_code == status
        assert (await client.get(f"{served.url}/v1/events")).status_code == 401
