"""A long, seeded run: many events, random kills of every kind of process, nothing lost and nothing doubled."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random

import psycopg
import pytest

from plumbline.services import SERVICES
from tests.faults.cluster import Cluster
from tests.faults.job import MainJob
from tests.faults.journal import Client, Journal
from tests.faults.run import LONG, hold
from tests.faults.watch import Watch

EVENTS = int(os.environ.get("SOAK_EVENTS", "100000"))
KILLS = int(os.environ.get("SOAK_KILLS", "50"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
BATCH = 500
DEATH_WITHIN_S = 30.0
BETWEEN_KILLS_S = (1.0, 6.0)


@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_a_soak_with_random_kills_loses_and_doubles_nothing(cluster: Cluster, journal: Journal) -> None:
    logging.getLogger(__name__).warning("SOAK_SEED=%d SOAK_EVENTS=%d SOAK_KILLS=%d", SEED, EVENTS, KILLS)
    client = Client(cluster.url, journal)
    job = MainJob(client)
    await job.go()
    async with Watch(cluster.server_url, cluster.kafka, SERVICES) as watching:
        killing = asyncio.create_task(_kill(cluster, random.Random(SEED)))
        number = 0
        while written(cluster) < EVENTS or not killing.done():
            await _send_cases(job, number)
            number += 1
            if number % 20 == 0:
                await MainJob(client).go()
        await killing
        await cluster.ready()
    await client.close()
    await hold(cluster, journal, watching.violations)


async def _kill(cluster: Cluster, chance: random.Random) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(*BETWEEN_KILLS_S))
        await asyncio.wait_for(cluster.parts[chance.choice(sorted(cluster.parts))].kill(), DEATH_WITHIN_S)


async def _send_cases(job: MainJob, number: int) -> None:
    """One batch of new cases; the same lines again change nothing, so an unanswered batch may be sent again."""
    case = {
        "case_type": "child_in_need",
        "complexity": "standard",
        "org_unit_id": job.team,
        "priority": "medium",
        "received_on": job.now.date().isoformat(),
        "source": "mosaic",
    }
    lines = [json.dumps({**case, "reference": f"soak-{job.run}-{number}-{n}"}) for n in range(BATCH)]
    answer = await job.client.send("POST", "/v1/allocation/cases:batch", job.integration, "\n".join(lines))
    assert answer["rejected"] == []
    assert answer["accepted"] + answer["unchanged"] == BATCH


def written(cluster: Cluster) -> int:
    """Events in all outboxes."""
    total = 0
    for name in SERVICES:
        with psycopg.connect(cluster.databases[name]) as connection:
            row = connection.execute("select count(*) from outbox").fetchone()
            total += row[0] if row else 0
    return total
