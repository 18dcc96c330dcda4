"""A migration that is killed in the middle leaves nothing behind, and is made whole by being run again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from typing import LiteralString

import psycopg
import pytest

from chassis import migrations
from chassis.postgres import create_database, drop_database
from plumbline.services import load
from tests.faults.run import LONG

pytestmark = [pytest.mark.fault("kill"), pytest.mark.skipif(not LONG, reason="in the long run: FAULTS=long")]

WITHIN_S = 60.0
IN_THE_MIDDLE = {"allocation": "allocations", "accountability": "log"}
"""A table of each service that its migrations make after others."""
_STAND_STILL: LiteralString = """
create function stand_still() returns event_trigger language plpgsql as $$ begin
    if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.{table}') then
        perform pg_sleep(3600);
    end if;
end $$;
create event trigger stand_still on ddl_command_end execute function stand_still();
"""
_GO_ON: LiteralString = "drop event trigger stand_still; drop function stand_still();"
_STANDING: LiteralString = """
select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'
"""


@pytest.mark.parametrize("service", IN_THE_MIDDLE)
async def test_a_migration_is_killed_in_the_middle(postgres: str, service: str) -> None:
    table = IN_THE_MIDDLE[service]
    name = f"killed_{service}_{os.getpid()}"
    url = create_database(postgres, name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_STAND_STILL.replace("{table}", table))
        killed = await _start(service, url)
        standing = await _standing(connection)
        killed.send_signal(signal.SIGKILL)
        assert await killed.wait() == -signal.SIGKILL
        connection.execute("select pg_terminate_backend(%s)", (standing,))
        connection.execute(_GO_ON)
        assert connection.execute("select to_regclass(%s)", (table,)).fetchone() == (None,), "nothing was left behind"
    again = await _start(service, url)
    assert await asyncio.wait_for(again.wait(), WITHIN_S) == 0
    known = load(service)
    assert not migrations.behind(url, known.migrations, known.tables)
    assert migrations.drift(url, known.tables) == []
    drop_database(postgres, name)


async def _start(service: str, url: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "plumbline", "migrate", service)
    environment = {**os.environ, "DATABASE_URL": url}
    return await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.DEVNULL)


async def _standing(connection: psycopg.Connection[tuple[int]]) -> int:
    """The backend that stands still in the middle of the migration."""
    end = time.monotonic() + WITHIN_S
    while True:
        found = connection.execute(_STANDING).fetchone()
        if found:
            return found[0]
        assert time.monotonic() < end, "the migration never came to the table"
        await asyncio.sleep(0.05)
