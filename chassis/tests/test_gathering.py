"""Statements of one transaction travel together, and what fails among them is never passed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from chassis.database import Asked, Database
from chassis.gathering import AT_MOST, TransactionLost
from chassis.ids import new_id
from chassis.testing import MONDAY_MORNING, FakeClock, open_database
from chassis.tests.sample.service import service

INSERT = "insert into counters values (%(id)s, 1, 'team')"


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with open_database(postgres, service, FakeClock(MONDAY_MORNING)) as database:
        yield database


async def backend_state(database: Database, backend_pid: int) -> str:
    async with database.reading() as tx:
        state: str = await tx.fetch_value(
            "select state from pg_stat_activity where pid = %(pid)s", {"pid": backend_pid}
        )
        return state


async def count(database: Database) -> int:
    async with database.reading() as tx:
        counted: int = await tx.fetch_value("select count(*) from counters")
        return counted


async def test_nothing_is_sent_before_an_answer_is_waited_for(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.queue(INSERT, {"id": new_id()})
        assert await backend_state(database, tx.connection.info.backend_pid) == "idle"
        assert await tx.fetch_value("select count(*) from counters") == 1
        assert await backend_state(database, tx.connection.info.backend_pid) == "active"
    assert await count(database) == 1


async def test_a_part_that_is_given_up_leaves_the_rest_and_statements_travel_together_again(database: Database) -> None:
    first, second = new_id(), new_id()
    async with database.transaction() as tx:
        await tx.queue(INSERT, {"id": first})
        with pytest.raises(psycopg.errors.UniqueViolation):
            async with tx.connection.transaction():
                await tx.queue(INSERT, {"id": first})
        await tx.settle()
        await tx.queue(INSERT, {"id": second})
        assert await backend_state(database, tx.connection.info.backend_pid) == "idle in transaction"
    assert await count(database) == 2


async def test_what_is_sent_is_worked_on_before_an_answer_is_waited_for(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.queue(INSERT, {"id": new_id()})
        tx.send()
        async with asyncio.timeout(10):
            while await backend_state(database, tx.connection.info.backend_pid) != "active":
                await asyncio.sleep(0.01)
    assert await count(database) == 1


async def test_more_is_sent_than_the_network_takes_at_once(database: Database) -> None:
    many = [{"id": new_id(), "padding": "x" * 200_000} for _ in range(40)]
    async with database.transaction() as tx:
        for one in many:
            await tx.queue("insert into counters values (%(id)s, length(%(padding)s), 'team')", one)
            tx.send()
    assert await count(database) == len(many)


async def test_more_statements_than_are_gathered_all_take_effect(database: Database) -> None:
    many = [{"id": new_id()} for _ in range(3 * AT_MOST)]
    async with database.transaction() as tx:
        for one in many:
            await tx.queue(INSERT, one)
        assert await tx.fetch_value("select count(*) from counters") == len(many)
    assert await count(database) == len(many)


async def test_a_statement_run_again_has_its_new_answer_and_values_of_another_type(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.queue(INSERT, {"id": new_id()})
        assert await tx.execute(INSERT, {"id": new_id()}) == 1
        assert await tx.execute(INSERT, {"id": str(new_id())}) == 1
        for text in ("one", None, "two"):
            assert await tx.fetch_value("select %(text)s::text", {"text": text}) == text
    assert await count(database) == 3


async def test_statements_asked_together_differ(database: Database) -> None:
    asked = Asked("select 1 as one", None, len)
    async with database.transaction() as tx:
        with pytest.raises(ValueError, match="once"):
            await tx.answers(asked, asked)
        assert await tx.answers(asked) == (1,)


async def test_more_bytes_than_the_network_holds_are_sent_while_answers_are_taken(database: Database) -> None:
    echo = "select %(text)s as text"
    async with database.transaction() as tx:
        echoes = [await tx.connection.execute(echo, {"text": "x" * 200_000}) for _ in range(60)]
        assert {len((await echo.fetchone() or {})["text"]) for echo in echoes} == {200_000}


async def test_a_failure_that_was_passed_over_keeps_nothing_and_says_so(database: Database) -> None:
    unit = {"id": new_id()}
    with pytest.raises(TransactionLost):
        async with database.transaction() as tx:
            await tx.execute(INSERT, unit)
            with pytest.raises(psycopg.errors.UniqueViolation):
                await tx.execute(INSERT, unit)
    assert await count(database) == 0


async def test_a_connection_serves_again_after_a_transaction_that_raised(postgres: str) -> None:
    async with open_database(postgres, service, FakeClock(MONDAY_MORNING)) as database:
        for _ in range(20):
            with pytest.raises(ZeroDivisionError):
                async with database.transaction() as tx:
                    await tx.fetch_value("select 1")
                    await tx.queue(INSERT, {"id": new_id()})
                    raise ZeroDivisionError
        async with database.transaction() as tx:
            await tx.queue(INSERT, {"id": new_id()})
        assert await count(database) == 1
