"""Does a service hear more with more workers, and until when: one, two and four processes on one topic and one database.

Two situations, both with keys of which a few are said most of: a database beside the workers, where the machine's cores are what
there is to share; and one whose commits wait, as they do for a replica in another building, where a worker mostly waits. What the
database costs per event is printed too: its cores divided by that are what no number of workers gets beyond.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import TypeAlias

import psycopg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from psycopg import sql

from benchmarks.consumer import messages
from benchmarks.surroundings import kafka_broker
from chassis import migrations
from chassis.bus.kafka import KafkaBus
from chassis.ids import new_id
from chassis.postgres import EmbeddedPostgres
from chassis.tokens import TokenIssuer
from contracts import Event, topic_of
from contracts.workforce import OrgUnitRecordedV1, WorkerRecordedV1
from services.allocation.service import service

PROCESSES = (1, 2, 4)
PARTITIONS = 8
KEYS = 500
WARMING_UP = 200
"""Events before it counts, so that connections and caches are there."""
KEPT = Path(__file__).with_name("measured_scale.json")
COMMIT_WAITS_MS = 25
DEADLINE_S = 240.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the database is: how long a commit waits, and how many events a transaction takes."""

    name: str
    commit_waits_ms: int
    batch: int


BESIDE = Situation("the database beside the workers", 0, 500)
FAR = Situation(f"a commit waits {COMMIT_WAITS_MS} ms", COMMIT_WAITS_MS, 20)


@dataclass(frozen=True, slots=True)
class Measured:
    """Events a second, and the CPU seconds per thousand events."""

    rate: float
    workers_cpu: float
    database_cpu: float


Found: TypeAlias = Mapping[str, Mapping[int, Measured]]
"""By situation and number of workers."""


def skewed(count: int, chance: random.Random) -> list[Event]:
    """Facts about workers of which the n-th is spoken of 1/n as often as the first."""
    unit, workers = new_id(), [new_id() for _ in range(KEYS)]
    said = chance.choices(workers, weights=[1 / place for place in range(1, KEYS + 1)], k=count - 1)
    return [
        OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind="team"),
        *(_fact(one, unit, chance) for one in said),
    ]


def _fact(worker: object, unit: object, chance: random.Random) -> Event:
    return WorkerRecordedV1.model_validate(
        {
            "worker_id": worker,
            "org_unit_id": unit,
            "line_manager_id": None,
            "job_role": "social worker",
            "career_stage": "practitioner",
            "newly_qualified": False,
            "is_social_worker": True,
            "has_registration_number": True,
            "contracted_hours": Decimal(chance.randrange(20, 38)),
            "employment_started_on": date(2020, 1, 6),
            "monitored_from": date(2025, 1, 6),
        }
    )


def cpu_seconds(pids: Sequence[int]) -> float:
    """What processes have used so far, those included that they started and that ended."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(int(ticks) for ticks in fields[11:15])
    return total / TICKS


def of_database(name: str, server: str) -> list[int]:
    """The processes of PostgreSQL that serve one database."""
    with psycopg.connect(server) as connection:
        rows = connection.execute("select pid from pg_stat_activity where datname = %s", (name,)).fetchall()
    return [row[0] for row in rows]


def still_there(pids: Sequence[int]) -> list[int]:
    """Those of some processes that have not ended."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@asynccontextmanager
async def workers(count: int, environment: dict[str, str]) -> AsyncIterator[list[int]]:
    """So many processes of the service's worker, each a member of its group; their ids."""
    command = (sys.executable, "-m", "plumbline", "serve", service.name, "--role", "worker")
    running = [
        await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment, "MEMBER": str(n), "PORT": "0"})
        for n in range(count)
    ]
    try:
        yield [one.pid for one in running]
    finally:
        for one in running:
            one.terminate()
        await asyncio.gather(*(one.wait() for one in running))


async def members(admin: AIOKafkaAdminClient) -> int:
    """How many have shared the partitions out among them; 0 while they are at it, or nobody knows the group yet."""
    try:
        [answer] = await admin.describe_consumer_groups([service.name])
    except KafkaError:
        return 0
    [group] = answer.groups
    return len(group[5]) if group[2] == "Stable" else 0


async def until_joined(bootstrap: str, count: int) -> None:
    """Wait until the group is stable with so many members."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                if await members(admin) == count:
                    return
                await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def until_applied(url: str, count: int) -> float:
    """Wait until the inbox holds so many events; the moment."""
    async with asyncio.timeout(DEADLINE_S), await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            [applied] = await (await connection.execute("select count(*) from inbox")).fetchone() or (0,)
            if applied >= count:
                return perf_counter()
            await asyncio.sleep(0.05)


async def measure_one(
    bootstrap: str, postgres: EmbeddedPostgres, situation: Situation, count: int, events: int
) -> Measured:
    """How much so many workers get done in a situation, on a database of their own."""
    name = f"scale_{new_id().hex}"
    url = postgres.create_database(name)
    migrations.migrate(url, service.migrations, service.tables)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        waits = sql.Literal(situation.commit_waits_ms * 1000)
        connection.execute(sql.SQL("alter database {} set commit_delay = {}").format(sql.Identifier(name), waits))
        connection.execute(sql.SQL("alter database {} set commit_siblings = 0").format(sql.Identifier(name)))
    bus = KafkaBus(bootstrap, partitions=PARTITIONS)
    environment = {
        "DATABASE_URL": url,
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "KAFKA_PARTITIONS": str(PARTITIONS),
        "BATCH_SIZE": str(situation.batch),
        "OIDC_JWKS": TokenIssuer.generate("https://bench.invalid", "plumbline").jwks(),
        "CASE_KEY_SECRET": "0" * 64,
        "LOG_LEVEL": "ERROR",
    }
    records = messages(skewed(events, random.Random(7)))
    async with workers(count, environment) as pids:
        await until_joined(bootstrap, count)
        await bus.publish(messages(skewed(WARMING_UP, random.Random(1))))
        await until_applied(url, WARMING_UP)
        served = of_database(name, postgres.url)
        before = cpu_seconds(pids), cpu_seconds(served)
        began = perf_counter()
        for start in range(0, len(records), 2000):
            await bus.publish(records[start : start + 2000])
        rate = events / (await until_applied(url, WARMING_UP + events) - began)
        known = still_there(served)
        used = cpu_seconds(pids) - before[0], cpu_seconds(known) - before[1]
    await bus.close()
    return Measured(rate, used[0] * 1000 / events, used[1] * 1000 / events)


@contextmanager
def surroundings() -> Iterator[tuple[str, EmbeddedPostgres]]:
    """A broker and a PostgreSQL that waits for its disk as one in service does."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
        kafka_broker(Path(folder)) as bootstrap,
    ):
        yield bootstrap, postgres


async def measure_all(events: int) -> dict[str, dict[int, Measured]]:
    """Every situation with every number of processes."""
    found: dict[str, dict[int, Measured]] = {}
    async with AsyncExitStack() as stack:
        bootstrap, postgres = stack.enter_context(surroundings())
        bus = KafkaBus(bootstrap, partitions=PARTITIONS)
        await bus.ensure_topics([topic_of(name) for name in (*service.listens_to, service.name)])
        await bus.close()
        for situation in (BESIDE, FAR):
            found[situation.name] = {}
            for count in PROCESSES:
                measured = await measure_one(bootstrap, postgres, situation, count, events)
                found[situation.name][count] = measured
                print(line(situation.name, count, measured, found[situation.name][1]), flush=True)
    return found


def line(situation: str, count: int, measured: Measured, one: Measured) -> str:
    """A sentence about one measurement."""
    busy = measured.rate * (measured.workers_cpu + measured.database_cpu) / 1000
    return (
        f"{situation}, {count} processes: {measured.rate / one.rate:.2f} x one process ({measured.rate:,.0f} events/s); "
        f"{measured.workers_cpu:.2f} s of the workers and {measured.database_cpu:.2f} s of the database per 1,000 events, "
        f"{busy:.1f} cores busy of {os.cpu_count()}"
    )


def table(found: Found) -> str:
    """What was measured as a table of Markdown."""
    lines = [
        "| | workers | events/s | times one worker | CPU of the workers, ms an event | CPU of the database, ms an event |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for situation, by_count in found.items():
        for count, one in by_count.items():
            times = one.rate / by_count[min(by_count)].rate
            costs = f"{one.workers_cpu:.2f} | {one.database_cpu:.2f}"
            lines.append(f"| {situation} | {count} | {one.rate:,.0f} | {times:.2f} | {costs} |")
    return "\n".join(lines)


def full_at(found: Found) -> float:
    """The events a second at which one core of the database has no time left, whatever the number of workers."""
    return 1000 / found[BESIDE.name][1].database_cpu


def kept() -> Found:
    """What was measured last and kept."""
    read = json.loads(KEPT.read_text())
    return {name: {int(count): Measured(**one) for count, one in by_count.items()} for name, by_count in read.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=6000)
    parser.add_argument("--keep", action="store_true", help=f"keep the figures in {KEPT.name}")
    chosen = parser.parse_args()
    found = asyncio.run(measure_all(chosen.events))
    print(table(found))
    print(
        f"One core of PostgreSQL is full at {full_at(found):,.0f} events/s of this kind, whatever the number of workers."
    )
    if chosen.keep:
        rows = {name: {count: asdict(one) for count, one in by_count.items()} for name, by_count in found.items()}
        KEPT.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
