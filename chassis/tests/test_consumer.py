"""The consumer applies each event once, parks what it cannot apply, and counts attempts where a crash cannot lose them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from chassis.bus import Received
from chassis.consumer import MAX_ATTEMPTS, Consumer
from chassis.database import Database, Tx
from chassis.envelope import Envelope
from chassis.ids import new_id
from chassis.testing import MONDAY_MORNING, FakeClock, open_database, published, record
from chassis.tests.sample import service as sample
from chassis.tests.sample.service import service
from contracts.workforce import AccountableChangedV1, OrgUnitRecordedV1, UnitKind


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with open_database(postgres, service, FakeClock(MONDAY_MORNING)) as database:
        yield database


def told(unit: UUID, sequence: int, kind: UnitKind = "team") -> Received:
    return record(OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind=kind), sequence)


async def counters(database: Database) -> dict[UUID, str]:
    async with database.reading() as tx:
        return {row["org_unit_id"]: row["kinds"] for row in await tx.fetch_all("select * from counters")}


async def test_the_same_record_three_times_has_one_effect(database: Database) -> None:
    unit = new_id()
    one = told(unit, 1)
    await Consumer(database, service).apply([one, one])
    await Consumer(database, service).apply([one._replace(offset=one.offset + 1)])
    assert await counters(database) == {unit: "team"}


async def test_effect_inbox_offset_and_own_events_are_one_transaction(database: Database) -> None:
    fact = AccountableChangedV1(org_unit_id=new_id(), worker_id=new_id(), from_on=MONDAY_MORNING.date())
    await Consumer(database, service).apply([record(fact, 1, offset=41)])
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from inbox") == 1
        assert await tx.fetch_value("select next_offset from consumer_offsets") == 42
        assert [event.subject for event in await published(tx)] == [str(fact.org_unit_id)]


async def test_an_event_that_follows_names_what_caused_it(database: Database) -> None:
    cause = record(AccountableChangedV1(org_unit_id=new_id(), worker_id=new_id(), from_on=MONDAY_MORNING.date()), 1)
    await Consumer(database, service).apply([cause])
    async with database.reading() as tx:
        attributes = await tx.fetch_value("select attributes from outbox")
    assert f'"ce_causationid":"{cause.headers["ce_id"]}"' in attributes
    assert '"ce_correlationid":"test"' in attributes


async def test_stored_offsets_never_go_back(database: Database) -> None:
    unit = new_id()
    await Consumer(database, service).apply([told(unit, 1)._replace(offset=10)])
    await Consumer(database, service).apply([told(unit, 2)._replace(offset=5)])
    async with database.reading() as tx:
        assert await tx.fetch_value("select next_offset from consumer_offsets") == 11


async def test_nothing_of_a_parked_key_is_applied_until_it_is_redriven_in_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = new_id()
    consumer = Consumer(database, service)
    await consumer.apply([told(unit, 1, "region"), told(unit, 2, "team")])
    await consumer.apply([told(unit, 3, "service")])
    assert await counters(database) == {}
    with pytest.raises(ValueError, match="cannot count regions"):
        await consumer.redrive(str(unit))
    assert await counters(database) == {}

    async def count_any(tx: Tx, fact: OrgUnitRecordedV1, _: Envelope) -> None:
        monkeypatch.undo()
        await sample.count_unit(tx, fact.org_unit_id, "authority" if fact.kind == "region" else fact.kind)

    mended = replace(service, reactions={**service.reactions, OrgUnitRecordedV1: count_any})
    assert await Consumer(database, mended).redrive(str(unit)) == 3
    assert await counters(database) == {unit: "authority team service"}
    await consumer.apply([told(unit, 4)])
    assert await counters(database) == {unit: "authority team service team"}


async def test_attempts_on_a_poison_record_outlive_the_process(database: Database) -> None:
    calls = 0

    async def fail(_: Tx, __: OrgUnitRecordedV1, ___: Envelope) -> None:
        nonlocal calls
        calls += 1
        raise ZeroDivisionError

    failing = replace(service, reactions={OrgUnitRecordedV1: fail})
    poison = told(new_id(), 1)
    async with database.transaction() as tx:
        await tx.execute(
            """insert into consumer_failures (consumer, topic, partition, "offset", attempts, reason)
            values ('sample', %(topic)s, 0, %(offset)s, %(attempts)s, 'before the crash')""",
            {"topic": poison.topic, "offset": poison.offset, "attempts": MAX_ATTEMPTS - 1},
        )
    await Consumer(database, failing).apply([poison])
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from parked_records") == 1
        assert await tx.fetch_value("select count(*) from consumer_failures") == 0
    assert calls == 2


async def test_a_database_that_is_away_parks_nothing(database: Database) -> None:
    async def away(_: Tx, __: OrgUnitRecordedV1, ___: Envelope) -> None:
        raise psycopg.OperationalError("the server closed the connection")

    failing = replace(service, reactions={OrgUnitRecordedV1: away})
    with pytest.raises(psycopg.OperationalError):
        await Consumer(database, failing).apply([told(new_id(), 1)])
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from parked_records") == 0
        assert await tx.fetch_value("select count(*) from inbox") == 0


async def test_an_event_of_an_unknown_type_is_received_and_left_alone(database: Database) -> None:
    known = told(new_id(), 1)
    headers = {**known.headers, "ce_type": "workforce.thing.happened.v9"}
    unknown = Received.of(known.topic, 0, known.offset, known.key, headers, known.value)
    await Consumer(database, service).apply([unknown])
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from inbox") == 1
    assert await counters(database) == {}


async def test_a_parked_key_loses_nothing_when_the_log_begins_anew(database: Database) -> None:
    """A broker that came back empty gives later records places that earlier ones had."""
    unit = new_id()
    consumer = Consumer(database, service)
    await consumer.apply([told(unit, 1, "region")._replace(offset=8)])
    await consumer.apply([told(unit, 2)._replace(offset=8)])
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from parked_records") == 2


async def test_what_was_applied_before_its_key_was_parked_is_not_parked_when_it_comes_again(
    database: Database,
) -> None:
    unit = new_id()
    consumer = Consumer(database, service)
    applied = told(unit, 1)
    await consumer.apply([applied])
    await consumer.apply([told(unit, 2, "region")])
    await consumer.apply([applied._replace(offset=applied.offset + 30)])
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from parked_records") == 1
    assert await counters(database) == {unit: "team"}
