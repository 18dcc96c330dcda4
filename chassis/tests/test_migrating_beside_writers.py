"""A migration beside those who write: it lets go of what it has locked, tries again, and ends nobody's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from chassis import migrations, tables
from chassis.ids import new_id
from chassis.postgres import create_database

DEADLINE_S = 30
FILE = """revision, down_revision, branch_labels, depends_on = "{number:04d}", {before!r}, None, None

from alembic import op


def upgrade() -> None:
    for statement in {statements!r}:
        op.execute(statement)
"""


@pytest.fixture
def url(postgres: str) -> str:
    return create_database(postgres, f"migrating_{new_id().hex}")


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """Two tables, and later a column more for each of them, in one migration."""
    _write(tmp_path, 1, "create table firsts (id int)", "create table seconds (id int)")
    return tmp_path


def _write(folder: Path, number: int, *statements: str) -> None:
    before = f"{number - 1:04d}" if number > 1 else None
    (folder / f"{number:04d}_step.py").write_text(FILE.format(number=number, before=before, statements=statements))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_a_writer_in_the_opposite_order_commits_and_the_migration_after_it(
    url: str, versions: Path, pool: ThreadPoolExecutor
) -> None:
    migrations.migrate(url, versions, tables.new_metadata())
    _write(versions, 2, "alter table firsts add more int", "alter table seconds add more int")
    with psycopg.connect(url) as writer, psycopg.connect(url, autocommit=True) as watcher:
        writer.execute("insert into seconds values (1)")
        migrating = pool.submit(migrations.migrate, url, versions, tables.new_metadata())
        _until_it_waits(watcher)
        writer.execute("insert into firsts values (1)")  # the migration has this one, and lets go of it
        writer.commit()
        migrating.result(DEADLINE_S)
        assert watcher.execute("select id, firsts.more from firsts join seconds using (id)").fetchall() == [(1, None)]


def test_what_fails_for_another_reason_fails_at_once(url: str, versions: Path) -> None:
    _write(versions, 2, "alter table thirds add more int")
    with pytest.raises(Exception, match="thirds"):
        migrations.migrate(url, versions, tables.new_metadata())


def _until_it_waits(watcher: psycopg.Connection) -> None:
    """Until the migration has the first table and waits for the second."""
    waiting = "select 1 from pg_locks where not granted and relation = 'seconds'::regclass"
    for _ in range(100_000):
        if watcher.execute(waiting).fetchone():
            return
    pytest.fail("the migration did not come to wait")
