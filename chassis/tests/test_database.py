"""What a transaction promises: counts, errors where they belong, and nothing left behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import psycopg
import pytest

from chassis.database import Database
from chassis.envelope import Cause
from chassis.ids import new_id
from chassis.testing import MONDAY_MORNING, FakeClock, open_database, published
from chassis.tests.sample.service import service
from contracts.workforce import OrgUnitRecordedV1


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with open_database(postgres, service, FakeClock(MONDAY_MORNING)) as database:
        yield database


async def test_execute_counts_the_rows_it_touched(database: Database) -> None:
    async with database.transaction() as tx:
        many = [{"id": new_id()} for _ in range(3)]
        await tx.execute_many("insert into counters values (%(id)s, 1, 'team')", many)
        assert await tx.execute("update counters set told = told + 1") == 3
        assert await tx.execute("delete from counters where org_unit_id = %(id)s", many[0]) == 1


async def test_execute_raises_the_failure_of_its_own_statement(database: Database) -> None:
    unit = {"id": new_id()}
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with database.transaction() as tx:
            await tx.execute("insert into counters values (%(id)s, 1, 'team')", unit)
            with pytest.raises(psycopg.errors.UniqueViolation):
                await tx.execute("insert into counters values (%(id)s, 1, 'team')", unit)
            raise psycopg.errors.UniqueViolation
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from counters") == 0


async def test_a_queued_failure_shows_at_the_commit_and_nothing_remains(database: Database) -> None:
    unit = {"id": new_id()}
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with database.transaction() as tx:
            await tx.queue("insert into counters values (%(id)s, 1, 'team')", unit)
            await tx.queue("insert into counters values (%(id)s, 1, 'team')", unit)
            tx.emit(OrgUnitRecordedV1(org_unit_id=unit["id"], parent_id=None, kind="team"))
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from counters") == 0
        assert await published(tx) == []


async def test_events_of_one_key_are_numbered_without_a_gap_whatever_transaction_wrote_them(database: Database) -> None:
    unit = new_id()

    async def write(count: int, fail: bool) -> None:
        try:
            async with database.transaction() as tx:
                for _ in range(count):
                    tx.emit(OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind="team"))
                    tx.emit(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))
                if fail:
                    await tx.flush()
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    await asyncio.gather(*(write(1 + n % 3, n % 4 == 3) for n in range(20)))
    async with database.reading() as tx:
        rows = await tx.fetch_all("select sequence from outbox where key = %(key)s order by id", {"key": str(unit)})
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) == sum(1 + n % 3 for n in range(20) if n % 4 != 3)


async def test_a_storm_of_cancelled_writers_leaves_no_connection_in_a_transaction(database: Database) -> None:
    unit = {"id": new_id()}
    async with database.transaction() as tx:
        await tx.execute("insert into counters values (%(id)s, 0, 'team')", unit)

    async def write() -> None:
        async with database.transaction() as tx:
            await tx.execute("update counters set told = told + 1 where org_unit_id = %(id)s", unit)
            await tx.fetch_value("select pg_sleep(0.01)")

    for delay in range(30):
        tasks = [asyncio.create_task(write()) for _ in range(6)]
        await asyncio.wait(tasks, timeout=delay / 1000)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(10), database.transaction() as tx:
        idle = """select count(*) from pg_stat_activity
            where datname = current_database() and state like 'idle in transaction%%' and pid <> pg_backend_pid()"""
        assert await tx.fetch_value(idle, {}) == 0
        await tx.execute("update counters set told = told + 1 where org_unit_id = %(id)s", unit)


async def test_cancelled_readers_give_back_connections_that_serve_again(database: Database) -> None:
    async def read() -> None:
        async with database.reading() as tx:
            await tx.fetch_value("select pg_sleep(30)")

    for _ in range(4):
        tasks = [asyncio.create_task(read()) for _ in range(5)]
        await asyncio.wait(tasks, timeout=0.1)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(one) for one in ended} == {asyncio.CancelledError}
    async with asyncio.timeout(10), database.reading() as tx:
        asleep = "select count(*) from pg_stat_activity where datname = current_database() and state = 'active'"
        assert await tx.fetch_value(asleep) == 1  # the one that counts


@pytest.mark.parametrize("correlation", ["plain-id", 'with "quotes" and \\', "H\u00f6rsching \u2603", "tab\tand\x01"])
async def test_headers_of_an_event_say_what_the_cause_said(database: Database, correlation: str) -> None:
    async with database.transaction(Cause("someone", correlation)) as tx:
        tx.emit(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))
    async with database.reading() as tx:
        attributes = json.loads(await tx.fetch_value("select attributes from outbox"))
    assert attributes["ce_correlationid"] == correlation
    assert attributes["ce_source"] == f"/services/{service.name}"
