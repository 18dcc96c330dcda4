"""Waiting for the schema: nothing starts before the migrations that it needs, whoever runs them."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest

from chassis import migrations
from chassis.postgres import create_database
from plumbline import waiting
from plumbline.services import load
from plumbline.waiting import schema_within

service = load("workforce")
AT_ONCE_S = 0.1


@pytest.fixture
def database(postgres: str, request: pytest.FixtureRequest) -> str:
    return create_database(postgres, f"waiting_{abs(hash(request.node.name)) % 10**8}")


def test_an_empty_database_lacks_the_schema_and_is_left_empty(database: str) -> None:
    assert not schema_within(AT_ONCE_S, database, service)
    with psycopg.connect(database) as connection:
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)


def test_a_migrated_database_has_it(database: str) -> None:
    migrations.migrate(database, service.migrations, service.tables)
    assert schema_within(AT_ONCE_S, database, service)


def test_a_database_behind_this_release_lacks_it(database: str) -> None:
    migrations.migrate(database, service.migrations, service.tables)
    with psycopg.connect(database) as connection:
        connection.execute("update alembic_version set version_num = '0001'")
    assert not schema_within(AT_ONCE_S, database, service)


def test_a_database_of_a_newer_release_serves_this_one(database: str) -> None:
    migrations.migrate(database, service.migrations, service.tables)
    with psycopg.connect(database) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    assert schema_within(AT_ONCE_S, database, service)


def test_it_waits_until_another_has_migrated(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def migrate_instead_of_sleeping(_: float) -> None:
        migrations.migrate(database, service.migrations, service.tables)

    fake: Any = type("time", (), {"sleep": migrate_instead_of_sleeping, "monotonic": time.monotonic})
    monkeypatch.setattr(waiting, "time", fake)
    assert schema_within(60, database, service)


def test_a_database_that_does_not_answer_is_waited_for() -> None:
    assert not schema_within(AT_ONCE_S, "postgresql://nobody@127.0.0.1:9/nowhere", service)
