"""The loops of a service: they carry on after failures, show progress, and leave room for one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from chassis import database as database_module
from chassis import reader as reader_module
from chassis.app import create_app
from chassis.bus import BusAway
from chassis.bus.embedded import EmbeddedBus
from chassis.database import Database, Tx
from chassis.envelope import Envelope
from chassis.ids import new_id
from chassis.outbox import write_events
from chassis.postgres import create_database
from chassis.service import Scan
from chassis.testing import (
    ISSUER,
    MONDAY_MORNING,
    FakeClock,
    fresh_database,
    message,
    open_database,
    settings_for,
    token,
)
from chassis.tests.sample.service import count_unit, service
from chassis.worker import STOP_WITHIN_S, Worker, run_scan
from contracts.workforce import OrgUnitRecordedV1

DEADLINE_S = 20


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with open_database(postgres, service, FakeClock(MONDAY_MORNING)) as database:
        yield database


@pytest.fixture
async def bus(postgres: str) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(create_database(postgres, f"bus_{new_id().hex}"))
    yield bus
    await bus.close()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await holds():
            await asyncio.sleep(0.02)


async def told(database: Database) -> int:
    async with database.reading() as tx:
        return int(await tx.fetch_value("select coalesce(sum(told), 0) from counters"))


async def test_a_running_service_hears_what_others_publish_and_publishes_what_it_commits(
    postgres: str, bus: EmbeddedBus
) -> None:
    app = create_app(
        service,
        settings_for(fresh_database(postgres, service)),
        bus=bus,
        clock=FakeClock(MONDAY_MORNING),
        verifier=ISSUER.verifier(),
    )
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://sample") as client,
    ):
        await bus.ensure_topics(["plumbline.workforce"])
        await bus.publish([message(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))])
        headers = token(roles=["workforce_admin"])
        await client.post("/v1/sample/units", json={"org_unit_id": str(new_id())}, headers=headers)

        async def both() -> bool:
            return await told(app.state.database) == 2 and (await bus.end_offsets("plumbline.sample"))[0] == 1

        await until(both)
        assert (await client.get("/health/live")).json() == {"alive": True, "stalled": []}
        assert (await client.get("/health/ready")).json() == {"ready": True}
        assert 'inbox_applied_events_total{service="sample"}' in (await client.get("/metrics")).text


async def test_a_loop_without_progress_is_not_alive(database: Database, bus: EmbeddedBus) -> None:
    blocked = asyncio.Event()

    async def never(_: Tx) -> int:
        await blocked.wait()
        return 0

    stuck = replace(service, listens_to=(), publishes=False, scans=(Scan("stuck", never),))
    worker = Worker(stuck, database, bus, settings_for("", progress_deadline_s=0.05))
    worker.start()

    async def named() -> bool:
        return "scan stuck" in worker.stalled()

    await until(named)
    blocked.set()
    await worker.stop()


async def test_a_scan_between_two_rounds_is_alive(database: Database, bus: EmbeddedBus) -> None:
    """However seldom it runs: a process that is well is not started afresh for it."""
    rounds = 0

    async def seldom(_: Tx) -> int:
        nonlocal rounds
        rounds += 1
        return 0

    seldom_scanning = replace(service, listens_to=(), publishes=False, scans=(Scan("seldom", seldom, every_s=600),))
    worker = Worker(seldom_scanning, database, bus, settings_for("", progress_deadline_s=0.5))
    worker.start()
    began = worker._progress["scan seldom"]

    async def longer_than_the_deadline() -> bool:
        assert "scan seldom" not in worker.stalled()
        return worker._progress["scan seldom"] > began + 1

    await until(longer_than_the_deadline)
    assert rounds == 1
    await worker.stop()


async def test_waiting_for_a_broker_that_is_away_is_no_stall(database: Database, bus: EmbeddedBus) -> None:
    """A process that takes writes is not restarted for it."""
    tries = 0

    class Away(EmbeddedBus):
        async def ensure_topics(self, topics: Sequence[str]) -> None:
            nonlocal tries
            tries += 1
            raise BusAway("no broker answers")

    worker = Worker(replace(service, listens_to=()), database, Away(""), settings_for(""))
    worker.start()
    before = worker._progress["relay"]

    async def tried_again() -> bool:
        return tries > 1 and worker._progress["relay"] > before

    await until(tried_again)
    assert worker.stalled() == []
    await worker.stop()


async def test_a_wait_for_records_does_not_hold_up_a_stop(
    database: Database, bus: EmbeddedBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "FETCH_WAIT_S", 3600.0)
    worker = Worker(replace(service, scans=()), database, bus, settings_for(""))
    worker.start()

    async def waits() -> bool:
        return worker._awaiting_records is not None

    await until(waits)
    async with asyncio.timeout(STOP_WITHIN_S / 3):
        await worker.stop()


async def test_what_is_being_applied_when_a_stop_comes_is_applied_and_not_read_again(
    database: Database, bus: EmbeddedBus
) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def slowly(tx: Tx, unit: OrgUnitRecordedV1, _: Envelope) -> None:
        inside.set()
        await leave.wait()
        await count_unit(tx, unit.org_unit_id, unit.kind)

    slow = replace(service, scans=(), reactions={OrgUnitRecordedV1: slowly})
    worker = Worker(slow, database, bus, settings_for(""))
    worker.start()
    await bus.ensure_topics(["plumbline.workforce"])
    await bus.publish([message(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))])
    await inside.wait()
    stopping = asyncio.create_task(worker.stop())
    await asyncio.wait([stopping], timeout=0.01)
    leave.set()
    await stopping
    assert await told(database) == 1
    assert await (await bus.subscribe("sample", ["plumbline.workforce"], "m")).fetch(10, 0.0) == []


async def test_a_scan_that_fails_is_run_again(database: Database, bus: EmbeddedBus) -> None:
    runs = 0

    async def fails_once(_: Tx) -> int:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ZeroDivisionError
        return 0

    failing = replace(service, listens_to=(), publishes=False, scans=(Scan("fails once", fails_once, every_s=0.01),))
    worker = Worker(failing, database, bus, settings_for(""))
    worker.start()

    async def ran_again() -> bool:
        return runs > 1

    await until(ran_again)
    await worker.stop()


async def test_a_scan_runs_on_one_replica_at_a_time(database: Database) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def slow(_: Tx) -> int:
        inside.set()
        await leave.wait()
        return 7

    first = asyncio.create_task(run_scan(database, Scan("slow", slow)))
    await inside.wait()
    assert await run_scan(database, Scan("slow", slow)) == 0
    leave.set()
    assert await first == 7


async def test_what_an_event_tells_is_written_before_the_event(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other order would let a later event of a key overtake: its row is locked only once it is written."""
    seen: list[int] = []

    async def looking(connection: Any, *rest: Any) -> None:
        row = await (await connection.execute("select count(*) as n from counters")).fetchone()
        seen.append(row["n"])
        await write_events(connection, *rest)

    monkeypatch.setattr(database_module, "write_events", looking)
    unit = new_id()
    async with database.transaction() as tx:
        tx.emit(OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind="team"))
        await tx.queue("insert into counters values (%(id)s, 1, 'team')", {"id": unit})
    assert seen == [1]


async def test_two_consumers_of_one_service_on_the_embedded_bus_take_turns(
    database: Database, bus: EmbeddedBus
) -> None:
    workers = [Worker(replace(service, scans=()), database, bus, settings_for("")) for _ in range(2)]
    for worker in workers:
        worker.start()
    await bus.ensure_topics(["plumbline.workforce"])
    for _ in range(20):
        await bus.publish([message(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))])

    async def all_told() -> bool:
        return await told(database) == 20

    await until(all_told)
    for worker in workers:
        await worker.stop()
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from inbox") == 20
