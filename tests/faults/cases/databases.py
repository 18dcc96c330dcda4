"""PostgreSQL crashes, hangs, is locked, cut off, full of connections, or comes back on a copy of its disk."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.faults.cases.case import Case
from tests.faults.cluster import children
from tests.faults.journal import Client
from tests.faults.proxy import Proxy
from tests.faults.world import World, after_writes
from tests.support.kafka.broker import HOST, free_port

PAUSED_S = 13.0
LOCKED_S = 8.0
CROWD = 80
EARLY: LiteralString = """
insert into outbox (event_id, topic, key, sequence, attributes, data)
values (gen_random_uuid(), 'plumbline.allocation', 'never', 1, '{}', '{}')
"""


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
    with locked(world, "allocation", EARLY):
        await asyncio.sleep(2 * LOCKED_S)


async def hold_a_writer_open_for_a_minute(world: World, client: Client) -> None:
    """Whoever waits for the oldest open transaction of a database would stand still as long."""
    await after_writes(client, 6)
    with locked(world, "allocation", EARLY):
        await asyncio.sleep(60)


async def exhaust_the_pool(world: World, client: Client) -> None:
    """Many more requests than a service has connections, and each of those waits: they wait too, or are told to come again."""
    await after_writes(client, 14)
    who = await client.token(roles=["principal_social_worker"])
    url = f"{client.url}/v1/allocation/workers/{uuid.uuid4()}/workload"
    async with httpx.AsyncClient(headers=who, timeout=120, limits=httpx.Limits(max_connections=CROWD)) as http:
        with locked(world, "allocation", "lock table cases, allocations, directory_workers in access exclusive mode"):
            asked = [asyncio.create_task(http.get(url)) for _ in range(CROWD)]
            await asyncio.sleep(LOCKED_S)
        answers = Counter([(await one).status_code for one in asked])
    assert set(answers) <= {404, 503}, f"the crowd was answered {answers}"


async def be_away_for_one_service(world: World, client: Client) -> None:
    """The broker is there and goes on; what comes meanwhile is read again from where the service stood."""
    for name, writes in (("allocation", 10), ("accountability", 16), ("supervision", 28)):
        await after_writes(client, writes)
        with nobody_let_in(world, name):
            await asyncio.sleep(LOCKED_S)


@contextmanager
def nobody_let_in(world: World, name: str) -> Iterator[None]:
    """A database that takes no connections and has none."""
    called = str(conninfo_to_dict(world.cluster.databases[name])["dbname"])
    admitting = sql.SQL("alter database {} allow_connections {}").format
    with psycopg.connect(world.cluster.server_url, autocommit=True) as connection:
        connection.execute(admitting(sql.Identifier(called), sql.SQL("false")))
        try:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (called,))
            yield
        finally:
            connection.execute(admitting(sql.Identifier(called), sql.SQL("true")))


async def carry_nothing_then_break(world: World, client: Client) -> None:
    """Connections stay open and nothing comes through, until the network notices and they break."""
    async with Proxy(free_port(), world.cluster.postgres_socket) as proxy, AsyncExitStack() as stack:
        for name in ("allocation", "accountability"):
            settings = {"DATABASE_URL": world.database_over(name, HOST, proxy)}
            await stack.enter_async_context(world.with_settings(settings, name))
        for writes in (12, 22):
            await after_writes(client, writes)
            proxy.hold()
            await asyncio.sleep(PAUSED_S)
            proxy.cut()
        await after_writes(client, 26)


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
    Case("a writer's transaction stays open for a minute", "database", hold_a_writer_open_for_a_minute),
    Case("many more requests come than a service has connections", "database", exhaust_the_pool),
    Case("the database of one service is away and the broker is not", "database", be_away_for_one_service),
    Case("connections to PostgreSQL carry nothing for 13 seconds and then break", "database", carry_nothing_then_break),
)
