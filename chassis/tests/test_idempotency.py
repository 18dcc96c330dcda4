"""One effect and one answer under a key, however the requests that carry it fall together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.responses import Response

from chassis.database import Database, Tx
from chassis.idempotency import Attempt, begin, keep, keep_refusal, once
from chassis.problems import Conflict
from chassis.testing import MONDAY_MORNING, FakeClock, open_database
from chassis.tests.sample.service import service

ATTEMPT = Attempt("recording", "monday", "the same body")
DONE = Response(b"done", 201)
REFUSED = Conflict("case-already-allocated", "Somebody has it.")

# A lock that is taken only once the gate is open: so that a test can do something between a statement's begin and its lock.
GATE = 7
GATED_LOCK = """
create function gated.pg_try_advisory_xact_lock(key bigint) returns boolean language plpgsql as $$
begin
    perform pg_catalog.pg_advisory_xact_lock_shared(7);
    return pg_catalog.pg_try_advisory_xact_lock(key);
end $$
"""


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with open_database(postgres, service, FakeClock(MONDAY_MORNING)) as database:
        yield database


async def do(tx: Tx) -> Response:
    return DONE


async def until_one_waits_for_a_lock(database: Database) -> None:
    async with asyncio.timeout(10), database.reading() as tx:
        while not await tx.fetch_value(
            "select count(*) from pg_locks where locktype = 'advisory' and not granted and database = "
            "(select oid from pg_database where datname = current_database())"
        ):
            await asyncio.sleep(0.01)


async def answered(database: Database) -> Response | None:
    async with database.transaction() as tx:
        await tx.queue("set local search_path = gated, pg_catalog, public")
        return await begin(tx, ATTEMPT)


async def test_an_answer_that_was_kept_while_the_lock_was_waited_for_is_given_again(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("create schema gated")
        await connection.execute(GATED_LOCK)
    async with database.transaction() as gate:
        await gate.execute("select pg_advisory_xact_lock(%(gate)s)", {"gate": GATE})
        second = asyncio.create_task(answered(database))
        await until_one_waits_for_a_lock(database)
        await once(database, database.system(), ATTEMPT, do)
    again = await second
    assert again is not None
    assert (again.status_code, again.body) == (201, b"done")


async def test_a_refusal_gives_way_to_what_the_same_request_was_answered_meanwhile(database: Database) -> None:
    async with database.transaction() as other:
        assert await begin(other, ATTEMPT) is None
        refusing = asyncio.create_task(keep_refusal(database, ATTEMPT, REFUSED))
        await until_one_waits_for_a_lock(database)
        await keep(other, ATTEMPT, DONE)
    answer = await refusing
    assert answer is not None
    assert (answer.status_code, answer.body) == (201, b"done")


async def test_a_refusal_is_given_again(database: Database) -> None:
    async def refuse(tx: Tx) -> Response:
        raise REFUSED

    with pytest.raises(Conflict):
        await once(database, database.system(), ATTEMPT, refuse)
    again = await once(database, database.system(), ATTEMPT, do)
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
