"""From an event to its alert, through a running deployment on Kafka, beside a bare produce-and-consume round trip.

In turns, and both at about half load: whoever is measured rests after each event, for as long as that took; ours three times as
long, because the alert is an event as well, which goes through the topic, the log and the figures after it was raised. Nothing
is polled: the clock stops when the transaction that raised the alert has committed.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from benchmarks.consumer import Place, authority, worker_fact
from benchmarks.surroundings import kafka_broker
from chassis import migrations
from chassis.app import create_app
from chassis.bus import Bus
from chassis.bus.kafka import KafkaBus
from chassis.clock import Clock
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import EmbeddedPostgres
from chassis.relay import Relay
from chassis.settings import Settings
from chassis.testing import ISSUER, settings_for
from contracts.allocation import WorkloadOverloadedV1
from plumbline.serving import spare_the_collector
from services.accountability.service import service

ROUNDS = 200
TURNS = 6
WARM_UP = 20
REST = 3
DEADLINE_S = 30.0
MOST = 4.0


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Seconds at the median and at the 99th percentile."""

    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> Quantiles:
        """The quantiles of measured times."""
        cuts = statistics.quantiles(seconds, n=100)
        return cls(statistics.median(seconds), cuts[98])


@dataclass(frozen=True, slots=True)
class Times:
    """A latency beside a known one; ``most`` is the ratio wanted at most, where anything is wanted."""

    what: str
    beside: str
    ours: float
    theirs: float
    most: float | None = None

    def outcome(self) -> Mapping[str, Any]:
        """The figure as plain values."""
        ratio = self.ours / self.theirs
        kept: dict[str, Any] = {"what": self.what, "beside": self.beside, "ratio": ratio}
        if self.most is not None:
            kept |= {"wanted": f"at most {self.most:g}", "passed": ratio <= self.most}
        return {**kept, "ours": self.ours * 1000, "theirs": self.theirs * 1000, "unit": "ms"}

    def line(self) -> str:
        """The figure as one line of text."""
        ratio = self.ours / self.theirs
        wanted = ""
        if self.most is not None:
            wanted = f"; wanted at most {self.most:.1f}, {'reached' if ratio <= self.most else 'not reached'}"
        milliseconds = f"{self.ours * 1000:,.1f} against {self.theirs * 1000:,.1f} ms"
        return f"{self.what}: {ratio:.1f} times {self.beside} ({milliseconds}{wanted})"


async def one_partition(bootstrap: str, topic: str) -> None:
    """A topic of one partition: with several, the client's fetch waits for the empty ones while a record lies ready."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def bare_round_trips(bootstrap: str) -> list[float]:
    """Produce one record, wait until a consumer has it, and again; the seconds of each."""
    topic = f"bench.{new_id().hex}"
    await one_partition(bootstrap, topic)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await consumer.start()
    await producer.start()
    try:
        seconds = []
        for _ in range(WARM_UP + ROUNDS):
            began = perf_counter()
            await producer.send_and_wait(topic, b"{}", key=b"k")
            await consumer.getone()
            seconds.append(perf_counter() - began)
            await asyncio.sleep(seconds[-1])
        return seconds[WARM_UP:]
    finally:
        await producer.stop()
        await consumer.stop()


async def events_to_alerts(source_url: str, bus: Bus, settings: Settings) -> list[float]:
    """Commit an overload in a source's outbox; relay, topic, consumer, alert; the seconds until each is committed."""
    facts, places = authority()
    app = create_app(service, settings, bus=bus, clock=Clock(), verifier=ISSUER.verifier())
    source = Database(source_url, "allocation", Clock())
    await source.open()
    relay = Relay(source, bus, 1000)
    await relay.prepare()
    seconds = []
    async with app.router.lifespan_context(app), source.connection() as connection:
        committed = commits_of(app.state.database)
        for fact in facts + [worker_fact(place) for place in places[:1]]:
            async with source.transaction() as tx:
                tx.emit(fact)
        await relay.publish_pending(connection)
        spare_the_collector()
        for _ in range(WARM_UP + ROUNDS):
            overloaded = overload(places[0])
            committed.clear()
            began = perf_counter()
            async with source.transaction() as tx:
                tx.emit(overloaded)
            await relay.publish_pending(connection)
            seconds.append(await _until_alert(app.state.database, committed, str(overloaded.worker_id)) - began)
            await asyncio.sleep(REST * seconds[-1])
    await source.close()
    return seconds[WARM_UP:]


def overload(place: Place) -> WorkloadOverloadedV1:
    """Someone new carries too much."""
    return WorkloadOverloadedV1(
        worker_id=new_id(),
        org_unit_id=place.team,
        as_of=Clock().today(),
        available_points=100,
        load_points=120,
        limit_pct=100,
        band="over",
    )


def commits_of(database: Database) -> asyncio.Event:
    """Set whenever a transaction that published something has committed; whoever was told before is told still."""
    committed, told = asyncio.Event(), database.on_events

    def tell() -> None:
        committed.set()
        told()

    database.on_events = tell
    return committed


async def _until_alert(database: Database, committed: asyncio.Event, subject: str) -> float:
    """When the alert was committed."""
    async with asyncio.timeout(DEADLINE_S), database.reading() as tx:
        while True:
            await committed.wait()
            at = perf_counter()
            committed.clear()
            if await tx.fetch_value("select 1 from alerts where subject_id = %(s)s", {"s": subject}):
                return at


async def measure() -> list[Times]:
    """The median and the 99th percentile."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
        kafka_broker(Path(folder)) as bootstrap,
    ):
        url, source = postgres.create_database("accountability"), postgres.create_database("allocation")
        migrations.migrate(url, service.migrations, service.tables)
        migrations.migrate(source, None, service.tables)
        bus = KafkaBus(bootstrap)
        # What was written to make the databases is on its way to the disk, and would be in the way of both.
        os.sync()
        mine: list[float] = []
        bare: list[float] = []
        for _ in range(TURNS):
            bare += await bare_round_trips(bootstrap)
            mine += await events_to_alerts(source, bus, settings_for(url))
        await bus.close()
    ours, theirs = Quantiles.of(mine), Quantiles.of(bare)
    beside = "a bare produce-and-consume round trip"
    return [
        Times("event to alert, median", beside, ours.p50, theirs.p50),
        Times("event to alert, 99th percentile", beside, ours.p99, theirs.p99, MOST),
    ]


if __name__ == "__main__":
    for times in asyncio.run(measure()):
        print(times.line())
