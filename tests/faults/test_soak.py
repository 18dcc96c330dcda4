"""A long, seeded run: many events, random kills of every kind of process, nothing lost and nothing doubled."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import psycopg
import pytest

from plumbline.services import SERVICES
from tests.faults.checks import everything_that_is_wrong
from tests.faults.cluster import Cluster
from tests.faults.job import MainJob
from tests.faults.journal import Client, Journal
from tests.faults.run import LONG
from tests.faults.watch import Watch
from tests.proof import record
from tests.support.plugin import Broker

EVENTS = int(os.environ.get("SOAK_EVENTS", "100000"))
KILLS = int(os.environ.get("SOAK_KILLS", "50"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
BATCH = 400
WRITERS = 2
JOB_EVERY = 30
"""Batches of one writer between two whole jobs, which bring events of every other kind."""
PATIENCE_S = 600.0
QUIET_WITHIN_S = 300.0
DEATH_WITHIN_S = 60.0
LAST_KILL_AT = 0.95
"""Of the events; what is written after the last kill shows that all goes on."""


@dataclass
class Soak:
    """The load and the kills of one run, and what they came to."""

    cluster: Cluster
    broker: Broker
    client: Client
    seed: int
    killed: Counter[str] = field(default_factory=Counter)
    sent: set[str] = field(default_factory=set)
    """References of cases that were acknowledged."""

    async def go(self) -> None:
        """Write until there are events enough and every kill was made."""
        job = await self._job()
        killing = asyncio.create_task(self._kill())
        async with asyncio.TaskGroup() as writers:
            for writer in range(WRITERS):
                writers.create_task(self._write(job, writer, killing))
        await killing

    async def _job(self) -> MainJob:
        job = MainJob(self.client, patience_s=PATIENCE_S)
        await job.go()
        return job

    async def _write(self, job: MainJob, writer: int, killing: asyncio.Task[None]) -> None:
        number = 0
        while await asyncio.to_thread(self.written) < EVENTS or not killing.done():
            await self._send_cases(job, f"{writer}-{number}")
            number += 1
            if number % JOB_EVERY == 0:
                job = await self._job()

    async def _send_cases(self, job: MainJob, number: str) -> None:
        """One batch of new cases; the same lines again change nothing, so an unanswered batch may be sent again."""
        case = {
            "case_type": "child_in_need",
            "complexity": "standard",
            "org_unit_id": job.team,
            "priority": "medium",
            "received_on": job.now.date().isoformat(),
            "source": "mosaic",
        }
        references = [f"soak-{job.run}-{number}-{n}" for n in range(BATCH)]
        lines = [json.dumps({**case, "reference": reference}) for reference in references]
        answer = await self.client.send("POST", "/v1/allocation/cases:batch", job.integration, "\n".join(lines))
        assert answer["rejected"] == []
        assert answer["accepted"] + answer["unchanged"] == BATCH
        self.sent.update(references)

    async def _kill(self) -> None:
        chance = random.Random(self.seed)
        victims = [*sorted(self.cluster.parts), "broker", "postgresql"]
        for moment in sorted(chance.sample(range(int(EVENTS * LAST_KILL_AT)), KILLS)):
            while len(self.sent) < moment:
                await asyncio.sleep(0.05)
            victim = chance.choice(victims)
            await asyncio.wait_for(self._kill_one(victim), DEATH_WITHIN_S)
            self.killed[victim] += 1

    async def _kill_one(self, victim: str) -> None:
        if victim == "broker":
            self.broker.restart(kill=True)
        elif victim == "postgresql":
            await self.cluster.restart_postgres()
        else:
            await self.cluster.parts[victim].kill()

    def written(self) -> int:
        """Events in all outboxes; none are counted while the database is away."""
        total = 0
        for name in SERVICES:
            try:
                with psycopg.connect(self.cluster.databases[name]) as connection:
                    row = connection.execute("select count(*) from outbox").fetchone()
            except psycopg.OperationalError:
                return 0
            total += row[0] if row else 0
        return total

    def not_as_sent(self) -> list[str]:
        """I2 for batches: each acknowledged case is there, once, and no other."""
        with psycopg.connect(self.cluster.databases["allocation"]) as connection:
            rows = connection.execute("select reference from cases where reference like 'soak-%'").fetchall()
        kept = Counter(row[0] for row in rows)
        lost, more = self.sent - set(kept), set(kept) - self.sent
        return [f"I2: {len(lost)} cases lost, {len(more)} that nobody was told of"] if lost or more else []


@pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")
async def test_a_soak_with_random_kills_loses_and_doubles_nothing(
    cluster: Cluster, journal: Journal, cluster_kafka: Broker
) -> None:
    logging.getLogger(__name__).warning("SOAK_SEED=%d SOAK_EVENTS=%d SOAK_KILLS=%d", SEED, EVENTS, KILLS)
    soak = Soak(cluster, cluster_kafka, Client(cluster.url, journal, patience_s=PATIENCE_S), SEED)
    began = time.monotonic()
    async with Watch(cluster.server_url, cluster.kafka, SERVICES, every_s=2.0) as watching:
        await soak.go()
        wrote = time.monotonic()
        await cluster.ready()
    quiet: list[float] = []
    wrong = watching.violations + soak.not_as_sent()
    wrong += await everything_that_is_wrong(cluster, journal, QUIET_WITHIN_S, lambda: quiet.append(time.monotonic()))
    await soak.client.close()
    outcome = {
        "events": soak.written(),
        "kills": soak.killed.total(),
        "lost": sum("lost" in one or "never" in one for one in wrong),
        "doubled": sum("twice" in one or "more than" in one or "nobody was told" in one for one in wrong),
        "passed": not wrong,
        "cases_sent_in_batches": len(soak.sent),
        "seconds_of_writing_and_killing": round(wrote - began),
        "seconds_until_lag_was_zero": round(quiet[0] - wrote) if quiet else "not within the deadline",
        "killed": [f"{name} {count}" for name, count in sorted(soak.killed.items())],
    }
    command = f"SOAK_EVENTS={EVENTS} SOAK_KILLS={KILLS} SOAK_SEED={SEED} make soak"
    record("soak", f"{EVENTS}-events-{KILLS}-kills", outcome, seed=SEED, command=command)
    assert not wrong, "\n".join([*wrong, cluster.tails()])
