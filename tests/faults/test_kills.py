"""Killing any process while the main job runs loses and doubles nothing, and nobody has to mend anything."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from plumbline.services import SERVICES
from tests.faults.checks import everything_that_is_wrong
from tests.faults.cluster import Cluster
from tests.faults.job import FellShort, MainJob
from tests.faults.journal import Client, Journal, Unanswered
from tests.faults.watch import Watch

FIRE_WITHIN_S = 60.0


async def job_under(cluster: Cluster, journal: Journal, fault: Callable[[Client], Coroutine[Any, Any, None]]) -> None:
    """Run the main job with a fault beside it, and hold the deployment to every invariant afterwards."""
    client = Client(cluster.url, journal)
    watching = Watch(cluster.server_url, cluster.kafka, SERVICES)
    try:
        async with watching:
            beside = asyncio.create_task(fault(client))
            await MainJob(client).go()
            await asyncio.wait_for(beside, FIRE_WITHIN_S)
            await cluster.ready()
        wrong = watching.violations + await everything_that_is_wrong(cluster, journal)
    except (FellShort, Unanswered, TimeoutError) as failure:
        wrong = [repr(failure)]
    finally:
        await client.close()
    assert not wrong, "\n".join([*wrong, cluster.tails()])


async def after_writes(client: Client, count: int) -> None:
    end = time.monotonic() + FIRE_WITHIN_S
    while client.writes < count:
        assert time.monotonic() < end, f"only {client.writes} writes"
        await asyncio.sleep(0.01)


async def test_without_a_fault_everything_holds(cluster: Cluster, journal: Journal) -> None:
    async def nothing(_: Client) -> None:
        return

    await job_under(cluster, journal, nothing)


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
async def test_a_process_killed_three_times_during_the_job(cluster: Cluster, journal: Journal, name: str) -> None:
    async def kill(client: Client) -> None:
        for writes in (4, 14, 24):
            await after_writes(client, writes)
            cluster.parts[name].signal(signal.SIGKILL)

    deaths = len(cluster.parts[name].deaths)
    await job_under(cluster, journal, kill)
    assert cluster.parts[name].deaths[deaths:].count(-signal.SIGKILL) >= 3
