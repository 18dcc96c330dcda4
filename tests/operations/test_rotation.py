"""The exchange of a database's user goes as the page says: old and new side by side, then the old one is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from chassis import migrations
from chassis.ids import new_id
from chassis.postgres import database_url
from chassis.testing import load
from plumbline.doctor.databases import examine

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations" / "rotate.md"
OLD, NEW = "rotated", "rotated_b"
"""In the place of those on the page, since users are the whole server's."""


def statements() -> list[str]:
    """What the page has somebody do, for these users."""
    (block,) = re.findall(r"```sql\n(create role .*?)```", PAGE.read_text(), re.DOTALL)
    return [line.partition(";")[0].replace("plumbline_workforce", OLD) for line in block.splitlines()]


@pytest.fixture
def addresses(postgres: str) -> Iterator[tuple[str, str]]:
    """A migrated database that belongs to the old user: its address for the old one, and for the new one."""
    name = f"rotated_{new_id().hex}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(sql.SQL("create role {} login").format(sql.Identifier(OLD)))
        server.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OLD)))
        old, new = (_as(user, database_url(postgres, name)) for user in (OLD, NEW))
        service = load("workforce")
        migrations.migrate(old, service.migrations, service.tables)
        yield old, new
        server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        for user in (NEW, OLD):
            server.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(user)))


def _as(user: str, url: str) -> str:
    """The address for a user, whom the server of the tests believes without a password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}"))


async def test_old_and_new_user_work_side_by_side_and_then_the_old_one_is_refused(
    postgres: str, addresses: tuple[str, str]
) -> None:
    old, new = addresses
    with psycopg.connect(postgres, autocommit=True) as server:
        for statement in statements():
            server.execute(statement.encode())
        for url in (old, new):
            with psycopg.connect(url) as connection:
                connection.execute("delete from outbox where id < 0")
        with psycopg.connect(new) as connection:
            connection.execute("create table added (id int)")
        with psycopg.connect(old) as connection:
            connection.execute("select id from added for update")
        server.execute(sql.SQL("alter role {} nologin").format(sql.Identifier(OLD)))
    with psycopg.connect(new) as connection:
        connection.execute("alter table added add column more int")
    (refused,) = await examine(load("workforce"), old)
    assert "its database cannot be reached" in refused
    assert not any("cannot be reached" in finding for finding in await examine(load("workforce"), new))
