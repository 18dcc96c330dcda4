"""From an event to its alert, through a running deployment on Kafka, beside a bare produce-and-consume round trip."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.consumer import authority, worker_fact
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
from services.accountability.service import service

ROUNDS = 200
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
    """A latency beside a known one; ``most`` is the ratio wanted at most."""

    what: str
    beside: str
    ours: float
    theirs: float
    most: float

    def line(self) -> str:
        """The figure as one line of text."""
        ratio = self.ours / self.theirs
        verdict = "reached" if ratio <= self.most else "not reached"
        milliseconds = f"{self.ours * 1000:,.1f} against {self.theirs * 1000:,.1f} ms"
        return (
            f"{self.what}: {ratio:.1f} times {self.beside} ({milliseconds}; wanted at most {self.most:.1f}, {verdict})"
        )


async def bare_round_trips(bootstrap: str) -> Quantiles:
    """Produce one record, wait until a consumer has it, and again."""
    topic = "bench.roundtrip"
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await consumer.start()
    await producer.start()
    try:
        seconds = []
        for _ in range(ROUNDS):
            began = perf_counter()
            await producer.send_and_wait(topic, b"{}", key=b"k")
            await consumer.getone()
            seconds.append(perf_counter() - began)
        return Quantiles.of(seconds)
    finally:
        await producer.stop()
        await consumer.stop()


async def events_to_alerts(source_url: str, bus: Bus, settings: Settings) -> Quantiles:
    """Commit an overload in a source's outbox; relay, topic, consumer, alert; until the alert is a row."""
    facts, places = authority()
    app = create_app(service, settings, bus=bus, clock=Clock(), verifier=ISSUER.verifier())
    source = Database(source_url, "allocation", Clock())
    await source.open()
    relay = Relay(source, bus, 1000)
    await relay.prepare()
    seconds = []
    async with app.router.lifespan_context(app), source.connection() as connection:
        for fact in facts + [worker_fact(place) for place in places[:1]]:
            async with source.transaction() as tx:
                tx.emit(fact)
        await relay.publish_pending(connection)
        for _ in range(ROUNDS):
            overloaded = WorkloadOverloadedV1(
                worker_id=new_id(),
                org_unit_id=places[0].team,
                as_of=Clock().today(),
                available_points=100,
                load_points=120,
                limit_pct=100,
                band="over",
            )
            began = perf_counter()
            async with source.transaction() as tx:
                tx.emit(overloaded)
            await relay.publish_pending(connection)
            await _until_alert(app.state.database, str(overloaded.worker_id))
            seconds.append(perf_counter() - began)
    await source.close()
    return Quantiles.of(seconds)


async def _until_alert(database: Database, subject: str) -> None:
    async with asyncio.timeout(30), database.reading() as tx:
        while not await tx.fetch_value("select 1 from alerts where subject_id = %(s)s", {"s": subject}):  # noqa: ASYNC110
            await asyncio.sleep(0.001)


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
        await bus.ensure_topics(["bench.roundtrip"])
        theirs = await bare_round_trips(bootstrap)
        ours = await events_to_alerts(source, bus, settings_for(url))
        await bus.close()
    beside = "a bare produce-and-consume round trip"
    return [
        Times("event to alert, median", beside, ours.p50, theirs.p50, MOST),
        Times("event to alert, 99th percentile", beside, ours.p99, theirs.p99, MOST),
    ]


if __name__ == "__main__":
    for times in asyncio.run(measure()):
        print(times.line())
