"""Rebuilding projections from the log, as ``plumbline rebuild`` does, beside a bare consumer that decodes the same records.

accountability folds a year of an authority's events into figures and alerts; allocation folds what it heard of people into
its own copies. Both empty the tables, fold the log in order, and compare digests before and after.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.consumer import (
    TOPICS,
    authority,
    bare_rate,
    in_a_process,
    messages,
    ours_rate,
    worker_fact,
    year_of_events,
)
from benchmarks.report import Figure, in_turns
from benchmarks.surroundings import kafka_broker
from chassis import migrations
from chassis.bus.kafka import KafkaBus
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import EmbeddedPostgres
from chassis.service import Service
from contracts import Event
from plumbline.databases import opened
from plumbline.rebuilding import rebuild_service
from services.accountability.service import service as accountability
from services.allocation.service import service as allocation

EVENTS = 10_000
FACTS = 4_000


def events_of_a_year() -> list[Event]:
    """A year of an authority, and what was said again and again of its people."""
    facts, places = authority()
    made = year_of_events(places, random.Random(1))
    said = [worker_fact(places[n % len(places)]) for n in range(FACTS)]
    return [*facts, *said, *(next(made) for _ in range(EVENTS))]


async def rebuilt_rate(service: Service, database: Database, log: Database) -> float:
    """Events a second until the projections are whole again; they must come out as they were."""
    began = perf_counter()
    result = await rebuild_service(service, database, log, keep=True)
    rate = result.events / (perf_counter() - began)
    if service is accountability and not all(result.same.values()):
        raise RuntimeError(f"rebuilt otherwise than before: {result.same}")
    return rate


def migrated(postgres: EmbeddedPostgres, service: Service) -> str:
    """The URL of a fresh database of a service."""
    url = postgres.create_database(service.name)
    migrations.migrate(url, service.migrations, service.tables)
    return url


async def measure() -> list[Figure]:
    """Two figures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
        kafka_broker(Path(folder)) as bootstrap,
    ):
        bus = KafkaBus(bootstrap)
        await bus.ensure_topics(TOPICS)
        records = messages(events_of_a_year())
        for start in range(0, len(records), 2000):
            await bus.publish(records[start : start + 2000])
        log_url, url = migrated(postgres, accountability), migrated(postgres, allocation)
        await ours_rate(log_url, bootstrap, "rebuild", len(records))

        async def theirs() -> float:
            return await in_a_process(bare_rate, bootstrap, f"bare-{new_id().hex}", len(records))

        async with opened(log_url, "accountability") as log, opened(url, "allocation") as database:
            whole = await in_turns(lambda: rebuilt_rate(accountability, log, log), theirs)
            copies = await in_turns(lambda: rebuilt_rate(allocation, database, log), theirs)
        await bus.close()
    beside = "a bare consumer that only decodes"
    return [
        Figure("rebuild of figures and alerts from the log", beside, *whole, "events/s", more={"events": len(records)}),
        Figure("rebuild of a service's copies from the log", beside, *copies, "events/s"),
    ]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
