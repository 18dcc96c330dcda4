"""Consuming with inbox, log and roll-up beside a bare aiokafka consumer that only decodes the same records.

Each turn of either is a process of its own: ours as a service starts, the bare one as Python does. In one process each would
run with the other's garbage, and the bare one with our settings of its collection.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer

from benchmarks.report import Figure, in_turns
from benchmarks.surroundings import kafka_broker
from chassis import migrations
from chassis.bus import Message
from chassis.bus.kafka import KafkaBus
from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.envelope import Cause, headers_of
from chassis.ids import new_id
from chassis.outbox import source_of
from chassis.postgres import EmbeddedPostgres
from chassis.reader import Reader
from chassis.settings import Settings
from contracts import Event, topic_of
from contracts.allocation import CaseAllocatedV1, CaseReceivedV1, WorkloadChangedV1
from contracts.supervision import PeriodMetV1, PeriodMissedV1, SessionRecordedV1
from contracts.workforce import OrgUnitRecordedV1, WorkerRecordedV1
from plumbline.serving import spare_the_collector
from services.accountability.service import service

EVENTS = 30_000
BATCH: int = Settings.model_fields["batch_size"].default
TEAMS = 14
WORKERS = 220
FIRST_DAY = date(2025, 3, 3)
DAYS = 365
TOPICS = [topic_of(name) for name in service.listens_to]
ROUNDS = 11
ROUNDS_A_DAY = 16
"""Of five events each: some thirty thousand a year, as in an authority of 220 social workers."""
_HAPPENED = ("held_at", "as_of", "allocated_on", "received_on", "period_end")


@dataclass(frozen=True, slots=True)
class Place:
    """A worker and the team."""

    worker: UUID
    team: UUID


def authority() -> tuple[list[Event], list[Place]]:
    """The facts about an authority of 14 teams and 220 workers, and where each works."""
    top = new_id()
    teams = [new_id() for _ in range(TEAMS)]
    places = [Place(new_id(), teams[index % TEAMS]) for index in range(WORKERS)]
    facts: list[Event] = [OrgUnitRecordedV1(org_unit_id=top, parent_id=None, kind="authority")]
    facts += [OrgUnitRecordedV1(org_unit_id=team, parent_id=top, kind="team") for team in teams]
    facts += [worker_fact(place) for place in places]
    return facts, places


def worker_fact(place: Place) -> Event:
    """A worker who has been here for years."""
    return WorkerRecordedV1(
        worker_id=place.worker,
        org_unit_id=place.team,
        line_manager_id=None,
        job_role="social worker",
        career_stage="practitioner",
        newly_qualified=False,
        is_social_worker=True,
        has_registration_number=True,
        contracted_hours=Decimal(37),
        employment_started_on=date(2020, 1, 6),
        monitored_from=date(2025, 1, 6),
    )


def year_of_events(places: list[Place], chance: random.Random) -> Iterator[Event]:
    """What an authority's year looks like on the bus: its usual mixture, day after day, and then the same year again."""
    for rounds in count():
        day = FIRST_DAY + timedelta(days=rounds // ROUNDS_A_DAY % DAYS)
        place, case = chance.choice(places), new_id().hex
        yield case_received(place, case, day)
        yield case_allocated(place, case, day)
        yield workload_changed(place, day, chance)
        yield session(place, day)
        yield period(place, day, met=chance.random() < 0.85)


def happened(event: Event) -> datetime:
    """When it was published: in the morning of its day."""
    said = next((getattr(event, name) for name in _HAPPENED if hasattr(event, name)), FIRST_DAY)
    return said if isinstance(said, datetime) else datetime.combine(said, time(9), UTC)


def case_received(place: Place, case: str, day: date) -> Event:
    """A case came."""
    return CaseReceivedV1(
        case_key=case,
        org_unit_id=place.team,
        case_type="child_in_need",
        complexity="standard",
        priority="high",
        received_on=day,
    )


def case_allocated(place: Place, case: str, day: date) -> Event:
    """A worker took it."""
    return CaseAllocatedV1(
        case_key=case,
        allocation_id=new_id(),
        worker_id=place.worker,
        org_unit_id=place.team,
        previous_worker_id=None,
        received_on=day,
        allocated_on=day,
        points=Decimal(7),
    )


def workload_changed(place: Place, day: date, chance: random.Random) -> Event:
    """The worker's figures after it."""
    load = Decimal(chance.randrange(60, 110))
    return WorkloadChangedV1(
        worker_id=place.worker,
        org_unit_id=place.team,
        as_of=day,
        available_points=Decimal(100),
        load_points=load,
        band="over" if load > 100 else "ok",
        overloaded=load > 100,
    )


def session(place: Place, day: date) -> Event:
    """A supervision session."""
    return SessionRecordedV1(
        session_id=new_id(),
        worker_id=place.worker,
        org_unit_id=place.team,
        supervisor_id=new_id(),
        stream="line",
        kind="individual",
        held_at=datetime.combine(day, time(9), UTC),
        minutes=95,
        uninterrupted=True,
        reflective=True,
        qualifies=True,
        problems=(),
        period_start=day - timedelta(days=14),
        period_end=day + timedelta(days=14),
    )


def period(place: Place, day: date, *, met: bool) -> Event:
    """How a required period ended."""
    began = day - timedelta(days=28)
    if met:
        return PeriodMetV1(
            worker_id=place.worker,
            org_unit_id=place.team,
            stream="line",
            cadence="monthly",
            period_start=began,
            period_end=day,
            session_id=new_id(),
            restates=False,
        )
    return PeriodMissedV1(
        worker_id=place.worker,
        org_unit_id=place.team,
        stream="line",
        cadence="monthly",
        period_start=began,
        period_end=day,
    )


def messages(events: list[Event]) -> list[Message]:
    """Events as records of their topics, numbered per key."""
    numbers: dict[str, int] = {}
    made = []
    for event in events:
        numbers[event.subject] = number = numbers.get(event.subject, 0) + 1
        headers = headers_of(event, new_id(), source_of(event.service()), happened(event), Cause("bench", "bench"))
        headers["ce_sequence"] = str(number)
        made.append(Message(topic_of(event.service()), event.subject, headers, event.model_dump_json().encode()))
    return made


async def ours_rate(url: str, bootstrap: str, group: str, events: int) -> float:
    """Events a second until all are in the inbox, the log and the figures, and their offsets are committed."""
    database = Database(url, "accountability", Clock())
    await database.open()
    consumer = Consumer(database, service)
    bus = KafkaBus(bootstrap)
    subscription = await bus.subscribe(group, TOPICS, group)
    reader = Reader(group, subscription, BATCH)
    spare_the_collector()
    began = perf_counter()
    applied = 0
    while applied < events:
        records = await reader.next()
        if records:
            await consumer.apply(records)
            await reader.done(records)
            applied += len(records)
    rate = events / (perf_counter() - began)
    await reader.close()
    await bus.close()
    await database.close()
    return rate


async def bare_rate(bootstrap: str, group: str, events: int) -> float:
    """Records a second of a consumer that decodes the JSON and does nothing with it."""
    consumer = AIOKafkaConsumer(
        *TOPICS, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        began = perf_counter()
        read = 0
        while read < events:
            for records in (await consumer.getmany(timeout_ms=1000, max_records=BATCH)).values():
                for record in records:
                    json.loads(record.value)
                read += len(records)
        return events / (perf_counter() - began)
    finally:
        await consumer.stop()


async def in_a_process(rate: Callable[..., Coroutine[Any, Any, float]], *given: object) -> float:
    """What a rate is in a new process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as one:
        return await asyncio.get_running_loop().run_in_executor(one, run, rate, given)


def run(rate: Callable[..., Coroutine[Any, Any, float]], given: tuple[object, ...]) -> float:
    """What the new process does."""
    return asyncio.run(rate(*given))


async def measure() -> list[Figure]:
    """One figure."""
    facts, places = authority()
    made = year_of_events(places, random.Random(1))
    events = facts + [next(made) for _ in range(EVENTS)]
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
        kafka_broker(Path(folder)) as bootstrap,
    ):
        bus = KafkaBus(bootstrap)
        await bus.ensure_topics(TOPICS)
        records = messages(events)
        for start in range(0, len(records), 2000):
            await bus.publish(records[start : start + 2000])

        async def ours() -> float:
            url = postgres.create_database(f"accountability_{new_id().hex}")
            migrations.migrate(url, service.migrations, service.tables)
            return await in_a_process(ours_rate, url, bootstrap, f"ours-{new_id().hex}", len(records))

        async def theirs() -> float:
            return await in_a_process(bare_rate, bootstrap, f"bare-{new_id().hex}", len(records))

        await bus.close()
        mine, known = await in_turns(ours, theirs, ROUNDS)
    what = "consume, inbox, log and roll-up"
    return [Figure(what, "a bare consumer that only decodes", mine, known, "events/s", 0.15)]


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure.line())
