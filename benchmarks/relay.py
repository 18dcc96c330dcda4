"""The relay to Kafka beside a bare aiokafka producer that sends the same payloads with the same guarantees."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter

from aiokafka import AIOKafkaProducer

from benchmarks.report import Figure, in_turns
from benchmarks.surroundings import kafka_broker
from chassis import migrations
from chassis.bus.kafka import KafkaBus
from chassis.clock import Clock
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import EmbeddedPostgres
from chassis.relay import Relay
from chassis.tests.sample.service import service
from contracts.workforce import OrgUnitRecordedV1

EVENTS = 20_000
KEYS = 500
PER_TRANSACTION = 500


async def fill(database: Database) -> None:
    """Put the events into the outbox, a few hundred a transaction."""
    units = [new_id() for _ in range(KEYS)]
    for _ in range(EVENTS // PER_TRANSACTION):
        async with database.transaction() as tx:
            for index in range(PER_TRANSACTION):
                tx.emit(OrgUnitRecordedV1(org_unit_id=units[index % KEYS], parent_id=None, kind="team"))


async def relay_rate(database: Database, bus: KafkaBus) -> float:
    """Events a second from outbox to acknowledged and marked."""
    await fill(database)
    relay = Relay(database, bus, 2000)
    await relay.prepare()
    async with database.connection() as connection:
        began = perf_counter()
        published = 0
        while published < EVENTS:
            published += await relay.publish_pending(connection)
        return EVENTS / (perf_counter() - began)


async def bare_rate(database: Database, bootstrap: str) -> float:
    """Events a second from a bare producer: acks from all, idempotent, the same keys, values and headers."""
    async with database.reading() as tx:
        rows = await tx.fetch_all("select key, data from outbox order by id limit %(limit)s", {"limit": EVENTS})
    headers = [(f"ce_{name}", b"0" * 30) for name in ("id", "source", "type", "subject", "time", "sequence", "schema")]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        began = perf_counter()
        for start in range(0, len(rows), 2000):
            batch = rows[start : start + 2000]
            sent = [
                await producer.send("bench.bare", value=row["data"], key=row["key"].encode(), headers=headers)
                for row in batch
            ]
            await asyncio.gather(*sent)
        return len(rows) / (perf_counter() - began)
    finally:
        await producer.stop()


async def measure() -> list[Figure]:
    """One figure."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
        kafka_broker(Path(folder)) as bootstrap,
    ):
        url = postgres.create_database("relay")
        migrations.migrate(url, service.migrations, service.tables)
        database = Database(url, "sample", Clock())
        bus = KafkaBus(bootstrap)
        await database.open()
        await fill(database)
        await bus.ensure_topics(["bench.bare"])
        ours, theirs = await in_turns(lambda: relay_rate(database, bus), lambda: bare_rate(database, bootstrap))
        await bus.close()
        await database.close()
    return [Figure("relay to Kafka", "a bare aiokafka producer", ours, theirs, "events/s", 0.6)]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
