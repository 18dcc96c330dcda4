"""The embedded bus: one log table per topic name in PostgreSQL, for everything on one machine and for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from chassis.bus.interface import Message, Placed, PublishFailed, Received

PARTITION = 0
IDLE_POLL_S = 0.25

SCHEMA: tuple[LiteralString, ...] = (
    "create table if not exists bus_topics (topic text primary key, head bigint not null default 0)",
    """create table if not exists bus_records (
        topic text not null, position bigint not null, key text not null, headers text not null, value bytea not null,
        primary key (topic, position))""",
    """create table if not exists bus_offsets (
        consumer text not null, topic text not null, next_position bigint not null, primary key (consumer, topic))""",
)

# The row lock on the topic makes positions gap-free and visible in their order: the next writer waits for this commit.
_PUBLISH: LiteralString = """
with given as (
    select * from unnest(%(keys)s::text[], %(headers)s::text[], %(values)s::bytea[])
        with ordinality as g (key, headers, value, place)
), head as (
    update bus_topics set head = head + %(count)s where topic = %(topic)s returning head - %(count)s as start
), put as (
    insert into bus_records (topic, position, key, headers, value)
    select %(topic)s, head.start + g.place - 1, g.key, g.headers, g.value from given g, head
)
select start from head
"""
_FETCH: LiteralString = """
select position, key, headers, value from bus_records where topic = %s and position >= %s order by position limit %s
"""
_COMMIT: LiteralString = """
insert into bus_offsets (consumer, topic, next_position) values (%s, %s, %s)
on conflict (consumer, topic) do update set next_position = excluded.next_position
"""


class EmbeddedSubscription:
    """A reading position over topics; each topic is one partition."""

    def __init__(self, bus: EmbeddedBus, group: str, positions: dict[str, int]) -> None:
        self._bus = bus
        self._group = group
        self._positions = positions

    async def fetch(self, limit: int, timeout_s: float) -> list[Received]:
        """The next records of every topic; waits for a hint, or looks again, until ``timeout_s`` is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            hint = self._bus.hint()
            found = await self._read(limit)
            left = deadline - loop.time()
            if found or left <= 0:
                return found
            try:
                await asyncio.wait_for(hint.wait(), min(left, IDLE_POLL_S))
            except TimeoutError:
                continue

    async def _read(self, limit: int) -> list[Received]:
        found: list[Received] = []
        async with self._bus.connection() as connection:
            for topic, position in self._positions.items():
                rows = await (await connection.execute(_FETCH, (topic, position, limit - len(found)))).fetchall()
                found += [_received(topic, row) for row in rows]
                if rows:
                    self._positions[topic] = rows[-1]["position"] + 1
                if len(found) >= limit:
                    break
        return found

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Remember the next positions."""
        rows = [(self._group, topic, position) for (topic, _), position in offsets.items() if topic in self._positions]
        if rows:
            async with self._bus.connection() as connection, connection.cursor() as cursor:
                await cursor.executemany(_COMMIT, rows)

    async def rewind(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Read again from these positions."""
        self._positions.update({topic: position for (topic, _), position in offsets.items()})

    async def lag(self) -> int:
        """Records behind the reading position, over all topics."""
        ends = [(await self._bus.end_offsets(topic))[PARTITION] - at for topic, at in self._positions.items()]
        return sum(ends)

    async def close(self) -> None:
        """Nothing to leave."""


def _received(topic: str, row: DictRow) -> Received:
    return Received.of(topic, PARTITION, row["position"], row["key"], json.loads(row["headers"]), row["value"])


class EmbeddedBus:
    """Topics as rows of one PostgreSQL database."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=pool_size,
            open=False,
            kwargs={"row_factory": dict_row, "autocommit": True, "application_name": "plumbline bus"},
            name="bus",
        )
        self._hint = asyncio.Event()
        self._opened = False
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Connect and make sure that the tables exist."""
        async with self._opening:
            if self._opened:
                return
            await self._pool.open(wait=True, timeout=30)
            async with self._pool.connection() as connection, connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtext('plumbline bus schema'))")
                for statement in SCHEMA:
                    await connection.execute(statement)
            self._opened = True

    def connection(self) -> Any:
        """A pooled connection in autocommit mode."""
        return self._pool.connection()

    def hint(self) -> asyncio.Event:
        """Set when something is published by this process after this call."""
        return self._hint

    async def ensure_topics(self, topics: Sequence[str]) -> None:
        """Create the topics that do not exist yet."""
        await self.open()
        async with self.connection() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "insert into bus_topics (topic) values (%s) on conflict do nothing", [(topic,) for topic in topics]
            )

    async def publish(self, messages: Sequence[Message]) -> Placed:
        """Append each topic's records in one statement."""
        await self.open()
        by_topic: dict[str, list[tuple[int, Message]]] = {}
        for index, message in enumerate(messages):
            by_topic.setdefault(message.topic, []).append((index, message))
        failed: set[int] = set()
        placed: dict[tuple[str, int], tuple[int, int]] = {}
        reason = ""
        for topic, batch in by_topic.items():
            start = await self._append(topic, [message for _, message in batch])
            if start is not None:
                placed[topic, PARTITION] = start, start + len(batch)
            else:
                failed |= {index for index, _ in batch}
                reason = f"the topic {topic} does not exist"
        waiting, self._hint = self._hint, asyncio.Event()
        waiting.set()
        if failed:
            raise PublishFailed(frozenset(failed), reason, placed)
        return placed

    async def _append(self, topic: str, batch: Sequence[Message]) -> int | None:
        """The position of the first; None when there is no such topic."""
        async with self.connection() as connection:
            result = await connection.execute(
                _PUBLISH,
                {
                    "topic": topic,
                    "count": len(batch),
                    "keys": [message.key for message in batch],
                    "headers": [json.dumps(dict(message.headers)) for message in batch],
                    "values": [message.value for message in batch],
                },
            )
            row = await result.fetchone()
        return int(row["start"]) if row else None

    async def subscribe(self, group: str, topics: Sequence[str], member: str) -> EmbeddedSubscription:  # noqa: ARG002
        """A subscription at the committed positions; one consumer a group, which the caller's lock guarantees."""
        await self.ensure_topics(topics)
        async with self.connection() as connection:
            rows = await (
                await connection.execute("select topic, next_position from bus_offsets where consumer = %s", (group,))
            ).fetchall()
        committed = {row["topic"]: row["next_position"] for row in rows}
        return EmbeddedSubscription(self, group, {topic: committed.get(topic, 0) for topic in topics})

    async def end_offsets(self, topic: str) -> Mapping[int, int]:
        """The position after the last record."""
        async with self.connection() as connection:
            row = await (await connection.execute("select head from bus_topics where topic = %s", (topic,))).fetchone()
        return {PARTITION: row["head"] if row else 0}

    async def close(self) -> None:
        """Close every connection."""
        if self._opened:
            await self._pool.close()
