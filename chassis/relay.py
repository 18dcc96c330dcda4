"""The relay: takes committed events from the outbox to the bus, in order per key, one active relay a service."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg.rows import DictRow

from chassis import telemetry
from chassis.bus import Bus, Message, Placed, PublishFailed
from chassis.clock import monotonic
from chassis.database import Connection, Database, Tx
from chassis.failpoints import failpoint
from contracts import topic_of

STOPPED_FOR_S = 1.0
SURE_FOR_S = 1.0
"""How long an answer of the bus shows that its log is there; no broker loses its log and comes back within it."""

# Unpublished rows by id, never "after the last id": ids commit out of order, and a cursor over them loses rows.
_PENDING: LiteralString = """
select id, topic, key, sequence, attributes, data from outbox
where published_at is null and key <> all(%(stopped)s) order by id limit %(limit)s
"""
# With the rows, how far they reach into the log: a log that ends before that, or begins anew, is noticed.
_MARK: LiteralString = """
with reached as (
    insert into relay_marks (topic, partition, end_offset)
    select %(topic)s, * from unnest(%(partitions)s::integer[], %(ends)s::bigint[])
    on conflict (topic, partition) do update set end_offset = excluded.end_offset
)
update outbox set published_at = clock_timestamp() where id = any(%(ids)b::bigint[])
"""
_WAITING: LiteralString = """
select count(*) as pending, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float as age
from outbox where published_at is null
"""
_LOCK: LiteralString = "select pg_try_advisory_lock(hashtext('plumbline relay'))"
_MARKS: LiteralString = "select partition, end_offset from relay_marks where topic = %(topic)s"
_SET_MARK: LiteralString = """
insert into relay_marks (topic, partition, end_offset) values (%(topic)s, %(partition)s, %(end)s)
on conflict (topic, partition) do update set end_offset = excluded.end_offset
"""
_AGAIN: LiteralString = "update outbox set published_at = null where published_at is not null"


class Relay:
    """Publishes what the outbox holds. Use from one task; :meth:`acquire` makes it the only one of its service."""

    def __init__(self, database: Database, bus: Bus, batch_size: int) -> None:
        self._database = database
        self._bus = bus
        self._batch_size = batch_size
        self._topic = topic_of(database.service)
        self._stopped: dict[str, float] = {}
        """Keys whose last record failed, and when to try them again; the others go on meanwhile."""
        self._ends: dict[int, int] = {}
        """How far the log of the service's topic is known to reach, by partition."""
        self._sure_until = 0.0

    async def acquire(self, connection: Connection) -> bool:
        """Take the service's relay lock for the life of ``connection``; False while another relay holds it."""
        row = await (await connection.execute(_LOCK)).fetchone()
        return bool(row and row["pg_try_advisory_lock"])

    async def prepare(self) -> None:
        """Make sure the topic exists; when the bus has fewer records than it once had, publish all retained events again."""
        await self._bus.ensure_topics([self._topic])
        await self.check_bus()

    async def check_bus(self) -> int:
        """Compare the ends of the log with those seen before; the number of events queued to be published again."""
        ends = await self._ends_now()
        async with self._database.transaction() as tx:
            before = {row["partition"]: row["end_offset"] for row in await tx.fetch_all(_MARKS, {"topic": self._topic})}
            return await self._take(tx, ends, _behind(ends, before))

    async def _ends_now(self) -> Mapping[int, int]:
        ends = await self._bus.end_offsets(self._topic)
        if not ends:
            # Lost with its log: nothing could be published until it is there again.
            await self._bus.ensure_topics([self._topic])
            ends = await self._bus.end_offsets(self._topic)
        self._sure_until = monotonic() + SURE_FOR_S
        return ends

    async def _take(self, tx: Tx, ends: Mapping[int, int], lost: Sequence[int]) -> int:
        """Remember how far the log reaches; when it lost something, queue all retained events to be published again."""
        again = await tx.execute(_AGAIN) if lost else 0
        marks = [{"topic": self._topic, "partition": p, "end": end} for p, end in ends.items()]
        await tx.execute_many(_SET_MARK, marks)
        self._ends = {**self._ends, **ends}
        if lost:
            telemetry.log.error(
                "the bus lost records; publishing the retained events again",
                service=self._database.service,
                topic=self._topic,
                partitions=list(lost),
                events=again,
            )
        return again

    async def _see_to_the_log(self) -> int:
        """Before something is sent after a silence: a new record must not come first in a log that lost the older ones."""
        if monotonic() < self._sure_until:
            return 0
        return await self.check_bus() if _behind(await self._ends_now(), self._ends) or not self._ends else 0

    async def publish_pending(self, connection: Connection) -> int:
        """Publish one batch over the lock's own connection; how many events it published."""
        rows = await self._pending(connection)
        if rows and await self._see_to_the_log():
            rows = await self._pending(connection)
        if not rows:
            return 0
        failpoint("relay-after-claim")
        failed, placed = await self._publish(rows)
        failpoint("relay-after-ack")
        self._stopped |= {rows[index]["key"]: monotonic() + STOPPED_FOR_S for index in failed}
        ids = [row["id"] for index, row in enumerate(rows) if index not in failed]
        await self._mark(connection, ids, placed)
        telemetry.PUBLISHED.labels(self._database.service).inc(len(ids))
        return len(ids)

    async def _pending(self, connection: Connection) -> list[DictRow]:
        self._stopped = {key: until for key, until in self._stopped.items() if until > monotonic()}
        given = {"limit": self._batch_size, "stopped": list(self._stopped)}
        return await (await connection.execute(_PENDING, given)).fetchall()

    async def _mark(self, connection: Connection, ids: Sequence[int], placed: Placed) -> None:
        """Note what was published and how far it reaches; a place before the known end tells of a log begun anew."""
        mine = {partition: place for (topic, partition), place in placed.items() if topic == self._topic}
        anew = [partition for partition, (first, _) in mine.items() if first < self._ends.get(partition, 0)]
        if anew:
            async with self._database.transaction() as tx:
                await self._take(tx, await self._ends_now(), anew)
        ends = [end for _, end in mine.values()]
        await connection.execute(_MARK, {"ids": ids, "topic": self._topic, "partitions": list(mine), "ends": ends})
        self._ends |= {partition: max(end, self._ends.get(partition, 0)) for partition, (_, end) in mine.items()}
        if mine:
            self._sure_until = monotonic() + SURE_FOR_S

    async def _publish(self, rows: Sequence[DictRow]) -> tuple[frozenset[int], Placed]:
        try:
            return frozenset(), await self._bus.publish([_message(row) for row in rows])
        except PublishFailed as failure:
            telemetry.log.warning(
                "some events were not published; they are tried again",
                service=self._database.service,
                events=len(failure.failed),
                reason=str(failure),
            )
            self._sure_until = 0.0
            return failure.failed, failure.placed

    async def observe(self) -> None:
        """Put the outbox's size and age into the metrics."""
        async with self._database.reading() as tx:
            row = await tx.fetch_one(_WAITING)
        if row is not None:
            telemetry.OUTBOX_PENDING.labels(self._database.service).set(row["pending"])
            telemetry.OUTBOX_AGE.labels(self._database.service).set(row["age"])


def _behind(ends: Mapping[int, int], known: Mapping[int, int]) -> list[int]:
    """The partitions that end before what is known of them; one without an end has lost everything."""
    return [partition for partition, end in known.items() if ends.get(partition, 0) < end]


def _message(row: DictRow) -> Message:
    headers: dict[str, str] = json.loads(row["attributes"])
    if row["sequence"]:
        headers["ce_sequence"] = str(row["sequence"])
    return Message(row["topic"], row["key"], headers, row["data"])
