"""What can only be seen while it happens: who relays (I10), offsets that go back (I7), and becoming quiet again (I14)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import LiteralString, Self

import psycopg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chassis.service import Service
from contracts import topic_of

SAMPLE_EVERY_S = 0.25
QUIET_DEADLINE_S = 90.0
QUIET_FOR_S = 1.5

# The relay's connection ends each look with one of its two statements; it must hold the relay's advisory lock meanwhile.
RELAYING: LiteralString = """
select a.datname, a.pid, exists (
    select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted
    and l.objid::bigint = hashtext('plumbline relay')::bigint & 4294967295) as holds
from pg_stat_activity a
where a.pid <> pg_backend_pid() and a.backend_type = 'client backend'
  and (a.query like '%%update outbox set published\\_at = clock\\_timestamp()%%'
   or a.query like '%%from outbox%%published\\_at is null and key%%')
"""
BUSY: LiteralString = "select count(*) from outbox where published_at is null"
TAKEN: LiteralString = """
select (select count(*) from inbox where consumer = %(name)s) + (select count(*) from parked_records)
    + (select count(distinct attributes::json->>'ce_id') from outbox where topic like 'plumbline.%%.dead.' || %(name)s)
"""
WRITTEN: LiteralString = "select count(*) from outbox where topic = %(topic)s"


class Watch:
    """Samples a running deployment in the background; use as ``async with`` and read :attr:`violations` afterwards."""

    def __init__(self, server_url: str, kafka: str, groups: Sequence[str], every_s: float = SAMPLE_EVERY_S) -> None:
        self._every_s = every_s
        self._server_url = server_url
        self._kafka = kafka
        self._groups = groups
        self._highest: dict[tuple[str, str, int], int] = {}
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.samples = 0
        self.violations: list[str] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._sample())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _sample(self) -> None:
        while not self._stopping.is_set():
            self.violations += await one_active_relay(self._server_url)
            self.violations += await self.offsets_that_went_back()
            self.samples += 1
            await asyncio.sleep(self._every_s)

    async def offsets_that_went_back(self) -> list[str]:
        """I7: stored offsets of the watched groups that are lower than once seen."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._kafka, request_timeout_ms=3000)
        wrong = []
        try:
            await admin.start()
            for group in self._groups:
                for place, stored in (await admin.list_consumer_group_offsets(group)).items():
                    name = (group, place.topic, place.partition)
                    before = self._highest.get(name, 0)
                    if 0 <= stored.offset < before:
                        wrong.append(f"I7: the stored offset of {name} went from {before} back to {stored.offset}")
                    self._highest[name] = max(before, stored.offset)
        except KafkaError:
            return wrong
        finally:
            await admin.close()
        return wrong


async def one_active_relay(server_url: str) -> list[str]:
    """I10: at one moment by the database's clock, at most one connection relays a database, and it holds the lock.

    A connection that is ending has let go of its lock and is shown for a moment still: without the lock is who is there at
    a second look. Workers that help a connection with a query hold nothing of their own and are not counted.
    """
    rows = await _relaying(server_url)
    unlocked = {(database, pid) for database, pid, holds in rows if not holds}
    if unlocked:
        await asyncio.sleep(SAMPLE_EVERY_S)
        unlocked &= {(database, pid) for database, pid, holds in await _relaying(server_url) if not holds}
    relaying: dict[str, list[int]] = {}
    for database, pid, _ in rows:
        relaying.setdefault(database, []).append(pid)
    wrong = [f"I10: {pid} relays {database} without the lock" for database, pid in sorted(unlocked)]
    return wrong + [f"I10: {pids} all relay {database}" for database, pids in relaying.items() if len(pids) > 1]


async def _relaying(server_url: str) -> list[tuple[str, int, bool]]:
    try:
        async with await psycopg.AsyncConnection.connect(server_url, autocommit=True) as connection:
            return await (await connection.execute(RELAYING, {})).fetchall()
    except psycopg.OperationalError:
        return []


async def until_quiet(
    services: Sequence[Service], databases: Mapping[str, str], within_s: float = QUIET_DEADLINE_S
) -> list[str]:
    """I14: outboxes empty and every event taken in by all who listen, and so for a while, before a deadline."""
    deadline = time.monotonic() + within_s
    seen: tuple[dict[str, int], dict[str, int]] | None = None
    since = time.monotonic()
    while time.monotonic() < deadline:
        now = await asyncio.to_thread(_counts, services, databases)
        if now != seen:
            seen, since = now, time.monotonic()
        if not any(now[0].values()) and not any(now[1].values()) and time.monotonic() - since > QUIET_FOR_S:
            return []
        await asyncio.sleep(0.2)
    return [f"I14: not quiet after {within_s:.0f} s: unpublished {now[0]}, not taken in {now[1]}"]


def _counts(services: Sequence[Service], databases: Mapping[str, str]) -> tuple[dict[str, int], dict[str, int]]:
    unpublished, written, taken = {}, {}, {}
    for service in services:
        with psycopg.connect(databases[service.name]) as connection:
            given = {"name": service.name, "topic": topic_of(service.name)}
            unpublished[service.name] = _number(connection, BUSY, given)
            written[service.name] = _number(connection, WRITTEN, given)
            taken[service.name] = _number(connection, TAKEN, given)
    missing = {
        service.name: sum(written.get(name, 0) for name in service.listens_to) - taken[service.name]
        for service in services
    }
    return unpublished, missing


def _number(connection: psycopg.Connection[tuple[int]], sql: LiteralString, given: Mapping[str, str]) -> int:
    row = connection.execute(sql, given).fetchone()
    return row[0] if row else 0
