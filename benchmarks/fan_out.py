"""The event stream to many subscribers through the gateway, beside one bare aiohttp server that writes the same bytes.

A burst of events is committed to the log; the clock runs until the last subscriber has the last of them. The log is polled,
so that a burst waits up to a tenth of a second before it is seen; the bare server is told at once and looks nothing up.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import aiohttp

from benchmarks.command import until_answering
from benchmarks.consumer import authority, year_of_events
from benchmarks.gateway import free_url
from benchmarks.report import Figure
from chassis import migrations
from chassis.clock import Clock
from chassis.database import Database
from chassis.postgres import EmbeddedPostgres
from chassis.testing import receive
from chassis.tokens import TokenIssuer
from contracts import Event
from services.accountability.queries.tail import Tail
from services.accountability.service import service
from tests.support.processes import serving

ISSUER = "https://bench.invalid"
SUBSCRIBERS = (1, 10, 50, 200)
BURST = 200
BURSTS = 3
DEADLINE_S = 60.0
OPENING_ENDS = b"\n\n"


@dataclass
class Crowd:
    """Subscribers that count the octets they are sent, and when."""

    received: list[int] = field(default_factory=list)
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, session: aiohttp.ClientSession, url: str) -> None:
        """One subscriber, for as long as the stream lasts."""
        async with session.get(f"{url}/v1/events?after=now", timeout=aiohttp.ClientTimeout()) as answer:
            answer.raise_for_status()
            await answer.content.readuntil(OPENING_ENDS)
            number = len(self.received)
            self.received.append(0)
            self._changed.set()
            async for chunk in answer.content.iter_any():
                self.received[number] += len(chunk)
                self.arrivals.append((perf_counter(), len(chunk)))
                self._changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; looked at again whenever anything arrived."""
        async with asyncio.timeout(DEADLINE_S):
            while not holds():
                await self._changed.wait()
                self._changed.clear()

    async def take(self, octets: int, began: float) -> tuple[float, float]:
        """Once everyone has a burst: the seconds it took, and those within which 99 of 100 octets came."""
        await self.until(lambda: all(received >= octets for received in self.received))
        late = sorted((at - began, size) for at, size in self.arrivals)
        left = sum(size for _, size in late) * 0.01
        last = late[-1][0]
        while late and left > 0:
            last, size = late.pop()
            left -= size
        self.received[:], self.arrivals[:] = [0] * len(self.received), []
        return perf_counter() - began, last


@dataclass(frozen=True, slots=True)
class Delivery:
    """Events delivered a second, and the seconds within which 99 of 100 came."""

    rate: float
    p99: float


Burst = Callable[[], Awaitable[tuple[float, int]]]
"""Lets the next burst go; when it was there to be sent, and how many octets it has."""


async def delivered(url: str, headers: dict[str, str], size: int, bursts: list[Burst]) -> Delivery:
    """Bursts to a crowd, and the median of what came of them."""
    crowd = Crowd()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        followers = [asyncio.create_task(crowd.follow(session, url)) for _ in range(size)]
        try:
            await crowd.until(lambda: len(crowd.received) == size)
            taken = []
            for burst in bursts:
                began, octets = await burst()
                taken.append(await crowd.take(octets, began))
        finally:
            for follower in followers:
                follower.cancel()
            await asyncio.gather(*followers, return_exceptions=True)
    return Delivery(size * BURST / median(one[0] for one in taken), median(one[1] for one in taken))


@contextmanager
def bare_stream() -> Iterator[str]:
    """The bare server; its base URL."""
    url = free_url()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.bare_stream", url.rpartition(":")[2]])
    try:
        yield url
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Bench:
    """The log, the gateway before it, and the bare server."""

    database: Database
    ours: str
    theirs: str
    headers: dict[str, str]
    events: Iterator[Event]
    sent: list[bytes] = field(default_factory=list)

    async def log(self) -> tuple[float, int]:
        """Commit a burst to the log."""
        async with self.database.reading() as tx:
            before = await tx.fetch_value("select position from log_head")
        await receive(self.database, service, *islice(self.events, BURST))
        began = perf_counter()
        octets = b"".join(frame.octets for frame in await Tail(self.database).read(before))
        self.sent.append(octets)
        return began, len(octets)

    def again(self, octets: bytes) -> Burst:
        """The same bytes for the bare server."""

        async def send() -> tuple[float, int]:
            began = perf_counter()
            async with aiohttp.ClientSession() as session:
                await session.post(f"{self.theirs}/send", data=octets)
            return began, len(octets)

        return send

    async def compare(self, size: int) -> list[Figure]:
        """Both for one number of subscribers."""
        self.sent.clear()
        mine = await delivered(self.ours, self.headers, size, [self.log] * BURSTS)
        known = await delivered(self.theirs, {}, size, [self.again(octets) for octets in self.sent])
        what = f"stream to {size} subscriber{'s' if size > 1 else ''} through the gateway"
        late = {"p99_ms": round(mine.p99 * 1000), "p99_ms_of_the_bare_server": round(known.p99 * 1000)}
        return [Figure(what, "a bare aiohttp server", mine.rate, known.rate, "events/s", more=late)]


async def measured(url: str, ours: str, theirs: str, headers: dict[str, str]) -> list[Figure]:
    """Every number of subscribers, the fewest first."""
    facts, places = authority()
    database = Database(url, "accountability", Clock())
    await database.open()
    try:
        await receive(database, service, *facts)
        await asyncio.gather(until_answering(f"{ours}/health/live"), until_answering(f"{theirs}/send"))
        bench = Bench(database, ours, theirs, headers, year_of_events(places, random.Random(1)))
        return [figure for size in SUBSCRIBERS for figure in await bench.compare(size)]
    finally:
        await database.close()


async def measure() -> list[Figure]:
    """One figure for each number of subscribers."""
    issuer = TokenIssuer.generate(ISSUER, "plumbline")
    keys = {"OIDC_ISSUER": ISSUER, "OIDC_JWKS": issuer.jwks()}
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        url = postgres.create_database("accountability")
        migrations.migrate(url, service.migrations, service.tables)
        api = ["plumbline", "serve", "accountability", "--role", "api"]
        with serving(api, {"DATABASE_URL": url, **keys}) as upstream:
            gateway = {"UPSTREAMS": json.dumps({"accountability": upstream}), "RATE_PER_SECOND": "0", **keys}
            with serving(["plumbline", "serve", "gateway"], gateway) as ours, bare_stream() as theirs:
                headers = {"Authorization": f"Bearer {issuer.issue(['reporting'])}"}
                return await measured(url, ours, theirs, headers)


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
