"""PostgreSQL crashes, hangs, is locked, cut off, full of connections, or comes back on a copy of its disk."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import LiteralString

import psycopg

from tests.faults.cases.case import Case
from tests.faults.cluster import children
from tests.faults.journal import Client
from tests.faults.world import World, after_writes

PAUSED_S = 13.0
LOCKED_S = 8.0


async def kill_the_postmaster(world: World, client: Client) -> None:
    await after_writes(client, 12)
    await world.cluster.stop_postgres(signal.SIGKILL)
    await world.cluster.start_postgres()


async def kill_a_backend(world: World, client: Client) -> None:
    """PostgreSQL then ends every connection and recovers."""
    await after_writes(client, 12)
    [row] = world.execute(
        "allocation",
        "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() limit 1",
    )
    os.kill(row["pid"], signal.SIGKILL)


async def pause_every_backend(world: World, client: Client) -> None:
    """As a disk that does not answer."""
    await after_writes(client, 12)
    family = [world.cluster.postgres_pid, *children(world.cluster.postgres_pid)]
    _signal(family, signal.SIGSTOP)
    await asyncio.sleep(PAUSED_S)
    _signal(family, signal.SIGCONT)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


async def come_back_on_a_copy(world: World, client: Client) -> None:
    await after_writes(client, 12)
    folder = world.cluster.postgres_folder
    copy = folder.with_name("copied")
    await world.cluster.stop_postgres(signal.SIGQUIT)
    await asyncio.to_thread(_copy, folder, copy)
    shutil.rmtree(folder)
    copy.rename(folder)
    await world.cluster.start_postgres()


def _copy(folder: Path, copy: Path) -> None:
    subprocess.run(["cp", "-a", folder, copy], check=True)


async def cut_every_connection(world: World, client: Client) -> None:
    for writes in (6, 12, 18):
        await after_writes(client, writes)
        world.execute(
            "workforce",
            """select pg_terminate_backend(pid) from pg_stat_activity
            where backend_type = 'client backend' and pid <> pg_backend_pid()""",
        )


async def take_every_connection(world: World, client: Client) -> None:
    await after_writes(client, 12)
    with ExitStack() as held:
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(world.cluster.databases["workforce"]))
        await asyncio.sleep(LOCKED_S)


@contextmanager
def locked(world: World, service: str, statement: LiteralString) -> Iterator[None]:
    """A transaction that holds a lock meanwhile, and comes to nothing."""
    with world.connect(service) as connection:
        connection.execute("set lock_timeout = '20s'")
        connection.execute(statement)
        yield
        connection.rollback()


async def lock_the_outbox(world: World, client: Client) -> None:
    """As a migration of it would."""
    await after_writes(client, 12)
    with locked(world, "allocation", "lock table outbox in access exclusive mode"):
        await asyncio.sleep(LOCKED_S)


async def lock_the_tables_of_a_service(world: World, client: Client) -> None:
    await after_writes(client, 8)
    with locked(world, "allocation", "lock table cases, allocations, inbox in access exclusive mode"):
        await asyncio.sleep(LOCKED_S)


async def hold_a_row_of_the_outbox_open(world: World, client: Client) -> None:
    """An id taken early and never committed: those behind it must not wait for it, and a cursor would lose others."""
    await after_writes(client, 6)
    early: LiteralString = """
    insert into outbox (event_id, topic, key, sequence, attributes, data)
    values (gen_random_uuid(), 'plumbline.allocation', 'never', 1, '{}', '{}')
    """
    with locked(world, "allocation", early):
        await asyncio.sleep(2 * LOCKED_S)


CASES = (
    Case("PostgreSQL is killed with SIGKILL", "database", kill_the_postmaster),
    Case("one process of PostgreSQL is killed and it recovers", "database", kill_a_backend),
    Case("PostgreSQL stands still for 13 seconds, as on a disk that hangs", "database", pause_every_backend),
    Case("PostgreSQL crashes and comes back on a copy of its disk", "database", come_back_on_a_copy),
    Case("every connection to PostgreSQL is cut, three times", "database", cut_every_connection),
    Case("every connection that PostgreSQL allows is taken", "database", take_every_connection),
    Case("the outbox is locked, as by a migration", "database", lock_the_outbox),
    Case("the tables of a service are locked", "database", lock_the_tables_of_a_service),
    Case("a transaction holds an early row of the outbox open", "database", hold_a_row_of_the_outbox_open),
)
