"""A migration beside a running service: its prepared statements are out of date, and nobody notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from chassis.clock import Clock
from chassis.database import Database, StalePlan
from chassis.postgres import create_database, drop_database

OFTEN = 8
"""More often than psycopg runs a statement before it prepares it."""


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    url = create_database(postgres, "schema_changes")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table things (thing_id int)")
        connection.execute("insert into things values (1)")
    opened = Database(url, "schema-changes", Clock(), pool_size=2)
    await opened.open()
    yield opened
    await opened.close()
    drop_database(postgres, "schema_changes")


async def _expand(database: Database) -> None:
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        await connection.execute("alter table things add column name text")


async def test_a_read_goes_on(database: Database) -> None:
    async with database.reading() as tx:
        for _ in range(OFTEN):
            await tx.fetch_all("select * from things")
            await tx.fetch_one("select * from things limit 1")
        await _expand(database)
        assert await tx.fetch_all("select * from things") == [{"thing_id": 1, "name": None}]
        assert await tx.fetch_one("select * from things limit 1") == {"thing_id": 1, "name": None}


async def test_a_transaction_is_lost_once_and_can_be_begun_again(database: Database) -> None:
    async def change() -> int:
        async with database.transaction() as tx:
            row = await tx.fetch_one("select * from things for update")
            assert row is not None
            return len(row)

    for _ in range(OFTEN):
        await change()
    await _expand(database)
    with pytest.raises(StalePlan):
        await change()
    assert [await change() for _ in range(OFTEN)] == [2] * OFTEN


async def test_every_connection_recovers(database: Database) -> None:
    async def read() -> int:
        async with database.reading() as tx:
            return len(await tx.fetch_all("select * from things"))

    await asyncio.gather(*(read() for _ in range(5 * OFTEN)))
    await _expand(database)
    assert await asyncio.gather(*(read() for _ in range(5 * OFTEN))) == [1] * 5 * OFTEN
