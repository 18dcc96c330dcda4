"""A slow network, cut connections and connections that carry nothing any more change nothing in the end."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.cluster import Cluster
from tests.faults.journal import Client, Journal
from tests.faults.proxy import Proxy
from tests.faults.run import LONG, after_writes, job_under

pytestmark = [pytest.mark.fault("network"), pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")]


async def test_a_slow_way_to_the_broker(cluster: Cluster, journal: Journal, network: Proxy) -> None:
    async def slow(client: Client) -> None:
        network.latency_s = 0.1
        await after_writes(client, 30)
        network.latency_s = 0.0

    await job_under(cluster, journal, slow)


async def test_connections_to_the_broker_that_are_cut_again_and_again(
    cluster: Cluster, journal: Journal, network: Proxy
) -> None:
    async def cut(client: Client) -> None:
        for writes in range(3, 33, 3):
            await after_writes(client, writes)
            network.cut()
            await asyncio.sleep(0.1)

    await job_under(cluster, journal, cut)


async def test_connections_to_the_broker_that_stay_open_and_carry_nothing(
    cluster: Cluster, journal: Journal, network: Proxy
) -> None:
    async def hold(client: Client) -> None:
        await after_writes(client, 12)
        network.hold()

    await job_under(cluster, journal, hold)
