"""Two transactions at once, committed for real: a session and the scan that judges its period meet at midnight."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from chassis.permissions import ANY, Caller
from chassis.worker import run_scan
from contracts.supervision import SessionRecordedV1
from services.supervision.commands.sessions import RecordSession, record_session
from services.supervision.scans import scan_ended_periods
from services.supervision.service import service
from services.supervision.tests.world import World

ANYONE = Caller("tester", frozenset(), None, None, ANY)
HELD_AT = datetime.fromisoformat("2026-03-08T20:00:00+00:00")


def held(world: World, worker: UUID) -> RecordSession:
    return RecordSession(
        worker_id=worker,
        supervisor_id=world.manager,
        held_at=HELD_AT,
        minutes=90,
        uninterrupted=True,
        kind="individual",
    )


async def test_the_scan_waits_for_a_session_that_is_being_recorded_at_midnight(world: World) -> None:
    worker = await world.worker(newly_qualified=True)
    await world.to("2026-03-08T23:59:59")
    async with world.database.transaction() as recording:
        await record_session(recording, held(world, worker), ANYONE)
        await recording.fetch_value("select 1")
        world.clock.forward(seconds=1)
        scan = asyncio.create_task(run_scan(world.database, service.scans[0]))
        done, _ = await asyncio.wait({scan}, timeout=0.3)
        assert not done
    await scan
    await world.scan()
    assert await world.outcomes(worker) == [("met", "2026-03-02", False)]


async def test_a_session_that_waits_for_the_scan_at_midnight_restates(world: World) -> None:
    worker = await world.worker(newly_qualified=True)
    await world.to("2026-03-08T23:59:59")
    async with world.database.transaction() as judging:
        before = world.database.transaction()
        recording = await before.__aenter__()
        judging.now = datetime.fromisoformat("2026-03-09T00:00:00+00:00")
        assert await scan_ended_periods(judging) > 0
        waiting = asyncio.create_task(record_session(recording, held(world, worker), ANYONE))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
    await waiting
    await before.__aexit__(None, None, None)
    assert await world.outcomes(worker) == [("missed", "2026-03-02", False), ("met", "2026-03-02", True)]
    assert len(await world.events(SessionRecordedV1, worker)) == 1
