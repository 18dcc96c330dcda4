"""Metrics are true just when something is wrong: also while the bus is away, and on every replica."""

from __future__ import annotations

import asyncio
from typing import Any

from chassis import telemetry
from chassis.bus.embedded import EmbeddedBus
from chassis.clock import Clock
from chassis.ids import new_id
from chassis.testing import load, open_database, settings_for
from chassis.worker import Worker
from contracts.workforce import OrgUnitRecordedV1


class Away(EmbeddedBus):
    """A bus that nobody reaches."""

    async def ensure_topics(self, topics: Any) -> None:
        raise ConnectionRefusedError(111, "Connection refused")


def shown(name: str, **labels: str) -> float:
    return telemetry.REGISTRY.get_sample_value(name, {"service": "registration", **labels}) or 0.0


async def test_the_age_of_the_outbox_is_shown_while_the_bus_is_away(postgres: str) -> None:
    async with open_database(postgres, load("registration"), Clock()) as database:
        async with database.transaction() as tx:
            tx.emit(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))
        async with database.transaction() as tx:
            await tx.execute("update outbox set created_at = created_at - interval '5 minutes'")
        worker = Worker(load("registration"), database, Away(database.url), settings_for(database.url))
        worker.start()
        try:
            async with asyncio.timeout(20):
                while not (shown("outbox_oldest_seconds") >= 300 and shown("outbox_pending_events") == 1):
                    await asyncio.sleep(0.05)
            assert shown("loop_idle_seconds", loop="relay") >= 0
        finally:
            await worker.stop()
