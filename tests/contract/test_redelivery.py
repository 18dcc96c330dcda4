"""Every service takes each event that it hears at least once, and acts on it exactly once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import pytest
from psycopg import sql

from chassis.bus import Received
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.service import Service
from chassis.testing import MONDAY_MORNING, FakeClock, open_database, record
from chassis.tests.sample.service import service as sample
from plumbline.contracts.asyncapi import consumed_types
from plumbline.contracts.generation import present_services, read_examples, spoken_types

# The order in which the examples tell one story; a type that is not named comes after those that are.
STORY = (
    "workforce.org_unit.recorded.v1",
    "workforce.worker.recorded.v1",
    "workforce.accountable.changed.v1",
    "workforce.post.recorded.v1",
    "workforce.absence.recorded.v1",
    "allocation.policy.set.v1",
    "supervision.policy.set.v1",
    "supervision.agreement.recorded.v1",
    "supervision.session.recorded.v1",
    "supervision.session.rated.v1",
    "supervision.period.met.v1",
    "supervision.session.cancelled.v1",
    "supervision.period.missed.v1",
    "accountability.alert.raised.v1",
    "supervision.period.excused.v1",
    "supervision.cadence.changed.v1",
    "allocation.case.received.v1",
    "allocation.case.changed.v1",
    "allocation.case.allocated.v1",
    "allocation.limit.overridden.v1",
    "allocation.workload.changed.v1",
    "allocation.workload.overloaded.v1",
    "allocation.contest.opened.v1",
    "allocation.contest.answered.v1",
    "allocation.workload.sustained.v1",
    "allocation.case.closed.v1",
    "allocation.workload.relieved.v1",
    "workforce.worker.left.v1",
)
EXAMPLES = read_examples()
SERVICES = present_services()
# How often a record was seen and how far a consumer has read is not an effect.
NO_EFFECT = ("inbox", "consumer_offsets", "alembic_version", "alembic_version_chassis")

TYPES = spoken_types()
HEARD = [(name, heard) for name, service in SERVICES.items() for heard in consumed_types(service) if heard in TYPES]


@cache
def story() -> dict[str, Received]:
    """One record of each type, numbered per subject as its publisher would."""
    told = sorted(TYPES, key=lambda name: (STORY.index(name) if name in STORY else len(STORY), name))
    counted: dict[tuple[str, str], int] = {}
    records = {}
    for name in told:
        event = TYPES[name].model_validate_json(json.dumps(EXAMPLES[name]))
        key = (event.service(), event.subject)
        counted[key] = counted.get(key, 0) + 1
        records[name] = record(event, counted[key])
    return records


def before(service: Service, heard: str) -> list[Received]:
    """What a service heard earlier in the story."""
    names = list(story())
    earlier = names[: names.index(heard)]
    return [story()[name] for name in earlier if name in consumed_types(service)]


async def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table of the service, as text."""
    async with database.reading() as tx:
        tables = await tx.fetch_all("select tablename from pg_tables where schemaname = 'public' order by tablename")
        found = {}
        for row in tables:
            if row["tablename"] not in NO_EFFECT:
                query = sql.SQL("select t::text as row from {} t order by 1").format(sql.Identifier(row["tablename"]))
                rows = await (await tx.connection.execute(query)).fetchall()
                found[row["tablename"]] = [one["row"] for one in rows]
        return found


async def seen(database: Database) -> int:
    async with database.reading() as tx:
        return int(await tx.fetch_value("select count(*) from inbox"))


@pytest.fixture
async def told(postgres: str, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Database, Consumer, Received]]:
    """A service that heard the story up to an event, and that event."""
    name, heard = request.param
    async with open_database(postgres, SERVICES[name], FakeClock(MONDAY_MORNING)) as database:
        consumer = Consumer(database, SERVICES[name])
        earlier = before(SERVICES[name], heard)
        if earlier:
            await consumer.apply(earlier)
        yield database, consumer, story()[heard]


def ids(value: Any) -> str:
    return f"{value[0]} hears {value[1]}"


@pytest.mark.parametrize("told", HEARD, ids=ids, indirect=True)
async def test_an_event_that_comes_twice_has_one_effect(told: tuple[Database, Consumer, Received]) -> None:
    database, consumer, event = told
    earlier = await seen(database)
    await consumer.apply([event])
    once = await contents(database)
    assert once["parked_records"] == [], "the example is accepted"
    assert await seen(database) == earlier + 1

    await consumer.apply([event])
    assert await contents(database) == once, "read again after a restart"
    await consumer.apply([event._replace(offset=event.offset + n) for n in (1000, 1001)])
    assert await contents(database) == once, "published again by a relay that did not see the acknowledgement"
    assert await seen(database) == earlier + 1


def test_every_event_that_a_service_publishes_is_heard_by_the_one_that_counts_them() -> None:
    assert set(consumed_types(SERVICES["accountability"])) >= set(TYPES)


async def test_a_second_effect_would_be_noticed(postgres: str) -> None:
    """The same fact under another id is another event, and the comparison above must see what it changes."""
    name = "workforce.org_unit.recorded.v1"
    async with open_database(postgres, sample, FakeClock(MONDAY_MORNING)) as database:
        consumer = Consumer(database, sample)
        await consumer.apply([story()[name]])
        once = await contents(database)
        event = TYPES[name].model_validate_json(json.dumps(EXAMPLES[name]))
        await consumer.apply([record(event, 2)])
        assert await contents(database) != once
