"""Reports without a name while what takes them dies or fails: whatever is logged then says nothing of who sent them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import httpx

from contracts import topic_of
from plumbline.services import SERVICES
from tests.faults.cases.case import Case
from tests.faults.cases.databases import nobody_let_in
from tests.faults.journal import Client
from tests.faults.run import PATIENCE_S
from tests.faults.traces import i18_nowhere
from tests.faults.world import World, after_writes
from tests.support.kafka.broker import KafkaBroker

REPORTS = "/v1/safety/anonymous-concerns"
AT_ONCE = 5
PAUSE_S = 1.0
TAKEN = 201


class Reporter:
    """Someone with a token and an address of their own, all of it to be recognised."""

    def __init__(self, url: str, token: dict[str, str], worker_id: str, unit: str) -> None:
        run = uuid.uuid4().hex
        self.answers: Counter[int] = Counter()
        self._unit = unit
        self.trace = f"ca4a{run[:28]}"
        names = ("agent", "session", "request", "key", "referer")
        self._marks = {name: f"canary-{name}-{run}" for name in names}
        self.traces = [*self._marks.values(), self.trace, worker_id, token["Authorization"].rpartition(".")[2]]
        self.receipts: list[str] = []
        headers = {
            **token,
            "User-Agent": self._marks["agent"],
            "Cookie": f"session={self._marks['session']}",
            "X-Request-Id": self._marks["request"],
            "Idempotency-Key": self._marks["key"],
            "Referer": f"http://intranet/{self._marks['referer']}",
            "traceparent": f"00-{self.trace}-ca4a7ca4a7ca4a70-01",
        }
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=30)

    async def report(self) -> None:
        """Send one report; it may be refused or broken off."""
        body = {"org_unit_id": self._unit, "topic": "operations", "words": "Nobody answers the duty line."}
        try:
            answer = await self._http.post(REPORTS, json=body)
        except httpx.TransportError:
            return
        self.answers[answer.status_code] += 1
        if answer.status_code == TAKEN:
            self.receipts.append(answer.json()["receipt"])

    async def report_until_taken(self, what: str) -> None:
        """Send reports, a few at most, until one is taken."""
        before, end = len(self.receipts), time.monotonic() + PATIENCE_S
        while len(self.receipts) == before:
            assert time.monotonic() < end, f"{what}; answers {self.answers}"
            await self.report()
            await asyncio.sleep(PAUSE_S)

    async def report_while(self, spoil: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Send some at once while something breaks."""
        async with asyncio.TaskGroup() as sending:
            for _ in range(AT_ONCE):
                sending.create_task(self.report())
            await asyncio.sleep(0.01)
            await spoil()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


async def report_while_everything_breaks(world: World, client: Client) -> None:
    """Every process says all it can; the database is away, its connections are cut, the process is killed."""
    worker_id = str(uuid.uuid4())
    token = await client.token(roles=["practitioner"], worker_id=worker_id)
    who = await client.token(roles=["workforce_admin"])
    unit = {"kind": "authority", "name": f"Quiet {uuid.uuid4().hex[:6]}"}
    made = await client.write("POST", "/v1/workforce/org-units", who, (201,), unit)
    reporter = Reporter(client.url, token, worker_id, made["org_unit_id"])
    async with world.with_settings({"LOG_LEVEL": "DEBUG"}, "safety", "gateway"):
        await world.cluster.ready()
        await after_writes(client, 8)
        await reporter.report_until_taken("no report is taken before anything breaks")
        for _ in range(3):
            await reporter.report_while(world.cluster.parts["safety"].kill)
            with nobody_let_in(world, "safety"):
                await reporter.report_while(nothing)
            await world.cluster.ready()
        await reporter.report_until_taken("no report is taken once all is well again")
        await reporter.close()
        await _nothing_is_found(world, [*reporter.traces, *reporter.receipts])


async def nothing() -> None:
    """Nothing breaks."""


async def _nothing_is_found(world: World, marks: list[str]) -> None:
    assert isinstance(world.broker, KafkaBroker)
    bus = world.cluster.bus()
    databases = {name: world.cluster.databases[name] for name in SERVICES}
    folders = [world.cluster.folder, world.broker.home]
    wrong = await i18_nowhere(marks, databases, bus, [topic_of(name) for name in SERVICES], folders)
    await bus.close()
    assert not wrong, "\n".join(wrong)


CASES = (Case("reports without a name come while what takes them breaks", "secrets", report_while_everything_breaks),)
