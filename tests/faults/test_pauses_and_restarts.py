"""Pausing processes past their sessions and restarting the broker, with its log and without, changes nothing in the end."""

from __future__ import annotations

import asyncio
import logging
import random
import signal

import pytest

from plumbline.services import SERVICES
from tests.faults.cluster import Cluster
from tests.faults.journal import Client, Journal
from tests.faults.run import LONG, after_writes, job_under
from tests.support.plugin import Broker

pytestmark = pytest.mark.fault("restart or pause")

PAST_THE_SESSION_S = 13.0


@pytest.mark.parametrize("name", ["accountability", "allocation"])
@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_a_process_paused_past_its_session(cluster: Cluster, journal: Journal, name: str) -> None:
    async def pause(client: Client) -> None:
        await after_writes(client, 12)
        cluster.parts[name].signal(signal.SIGSTOP)
        await asyncio.sleep(PAST_THE_SESSION_S)
        cluster.parts[name].signal(signal.SIGCONT)

    await job_under(cluster, journal, pause)


@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_a_paused_broker(cluster: Cluster, journal: Journal, cluster_kafka: Broker) -> None:
    async def pause(client: Client) -> None:
        await after_writes(client, 12)
        cluster_kafka.pause()
        await asyncio.sleep(PAST_THE_SESSION_S)
        cluster_kafka.resume()

    await job_under(cluster, journal, pause, groups=())


@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_a_database_that_crashes_five_times_running(cluster: Cluster, journal: Journal) -> None:
    async def crash(client: Client) -> None:
        for writes in (6, 12, 18, 24, 30):
            await after_writes(client, writes)
            await cluster.restart_postgres()

    await job_under(cluster, journal, crash)


@pytest.mark.parametrize("kill", [True, False] if LONG else [True], ids=lambda kill: "killed" if kill else "stopped")
async def test_a_broker_that_restarts_with_its_log(
    cluster: Cluster, journal: Journal, cluster_kafka: Broker, kill: bool
) -> None:
    async def restart(client: Client) -> None:
        await after_writes(client, 12)
        cluster_kafka.restart(kill=kill)

    await job_under(cluster, journal, restart)


async def test_a_broker_that_comes_back_with_an_empty_log(
    cluster: Cluster, journal: Journal, cluster_kafka: Broker
) -> None:
    async def lose(client: Client) -> None:
        await after_writes(client, 12)
        cluster_kafka.restart(keep_log=False, kill=True)

    await job_under(cluster, journal, lose, groups=())


@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_a_cold_start_in_random_order(cluster: Cluster, journal: Journal) -> None:
    seed = random.randrange(1000)
    order = random.Random(seed).sample([*SERVICES, "gateway"], len(SERVICES) + 1)
    logging.getLogger(__name__).warning("seed %d: %s", seed, order)
    for name in reversed(order):
        await cluster.parts[name].stop()
    for name in order:
        cluster.parts[name].start()
        await asyncio.sleep(0.2)

    async def nothing(_: Client) -> None:
        return

    await job_under(cluster, journal, nothing)


@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_a_rolling_restart_loses_nothing(cluster: Cluster, journal: Journal) -> None:
    async def roll(client: Client) -> None:
        await after_writes(client, 8)
        for part in cluster.parts.values():
            await part.stop()
            part.start()
            await cluster.ready()

    await job_under(cluster, journal, roll)
