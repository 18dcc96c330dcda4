"""The consumer: a batch of records, their effects, the inbox and the offsets in one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, LiteralString

import psycopg
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from chassis import directory, telemetry, tracing
from chassis.batches import next_offsets
from chassis.bus import Received
from chassis.database import Asked, Database, Tx
from chassis.envelope import Cause, Envelope
from chassis.failpoints import failpoint
from chassis.failures import reason_of
from chassis.outbox import write_dead_letter
from chassis.service import Incoming, Reaction, Service
from contracts import Event, event_type

MAX_ATTEMPTS = 3

# Few events come twice: those are named, and not the many that are new.
_SEEN: LiteralString = """
with given as (select * from unnest(%(ids)s::uuid[]) as g (event_id)),
fresh as (insert into inbox (consumer, event_id) select %(consumer)s, event_id from given
          on conflict do nothing returning event_id)
select event_id::text as event_id from given where event_id not in (select event_id from fresh)
"""
_PARKED_KEYS: LiteralString = """
select distinct key from parked_records where consumer = %(consumer)s and key = any(%(keys)b::text[])
"""
_PARK: LiteralString = """
insert into parked_records (consumer, event_id, key, topic, partition, "offset", headers, value, reason)
values (%(consumer)s, %(event_id)s, %(key)s, %(topic)s, %(partition)s, %(offset)s, %(headers)s, %(value)s, %(reason)s)
on conflict (consumer, event_id) do nothing
"""
_OFFSET: LiteralString = """
insert into consumer_offsets (consumer, topic, partition, next_offset)
values (%(consumer)s, %(topic)s, %(partition)s, %(next)s)
on conflict (consumer, topic, partition) do update
set next_offset = greatest(consumer_offsets.next_offset, excluded.next_offset)
"""
_NOT_APPLIED: LiteralString = "delete from inbox where consumer = %(consumer)s and event_id = any(%(ids)s::uuid[])"
_PARKED_KEY_COUNT: LiteralString = """
select count(distinct key) from parked_records where consumer = %(consumer)s
"""
_ATTEMPT: LiteralString = """
insert into consumer_failures (consumer, topic, partition, "offset", attempts, reason)
values (%(consumer)s, %(topic)s, %(partition)s, %(offset)s, 1, %(reason)s)
on conflict (consumer, topic, partition, "offset") do update
set attempts = consumer_failures.attempts + 1, reason = excluded.reason returning attempts
"""
_FORGET: LiteralString = """
delete from consumer_failures
where consumer = %(consumer)s and topic = %(topic)s and partition = %(partition)s and "offset" = %(offset)s
"""
_NEXT_PARKED: LiteralString = """
select id, key, topic, partition, "offset", headers, value from parked_records
where consumer = %(consumer)s and key = %(key)s order by id limit 1 for update
"""

# What says that the database is away or busy, not that the record is wrong.
TRANSIENT = (psycopg.OperationalError, psycopg.InterfaceError, OSError, TimeoutError)


class Consumer:
    """Applies records to one service. ``group`` is the service's name."""

    def __init__(self, database: Database, service: Service) -> None:
        self._database = database
        self._service = service
        self._reactions = _all_reactions(service)

    @property
    def group(self) -> str:
        """The consumer group and the inbox's consumer: the service's name."""
        return self._service.name

    async def apply(self, records: Sequence[Received]) -> None:
        """Apply a batch; returns once everything in it is applied, recognised, parked or dead-lettered.

        A transient failure is raised and nothing of the failing transaction remains: apply the same records again.
        """
        try:
            await self._apply_together(records)
        except TRANSIENT:
            raise
        except Exception as failure:
            telemetry.log.warning(
                "a batch failed; applying it one by one",
                service=self.group,
                records=len(records),
                reason=reason_of(failure),
            )
            for record in records:
                await self._apply_alone(record)

    async def _apply_together(self, records: Sequence[Received]) -> None:
        async with self._database.transaction() as tx:
            await self._apply_in(tx, records)
            failpoint("consumer-after-effect")

    async def _apply_in(self, tx: Tx, records: Sequence[Received]) -> None:
        readable = await self._read(tx, records)
        new, parked = await self._fresh(tx, readable)
        fresh = await self._set_aside(tx, new, parked)
        failpoint("consumer-after-inbox")
        await self._react(tx, fresh)
        await tx.execute_many(_OFFSET, self._next_offsets(records))
        telemetry.CONSUMED.labels(self.group).inc(len(fresh))
        telemetry.DUPLICATES.labels(self.group).inc(len(readable) - len(new))

    async def _read(self, tx: Tx, records: Sequence[Received]) -> list[Incoming]:
        readable = []
        for record in records:
            if record.envelope is None:
                await self._bury(tx, record, record.why_none)
            else:
                readable.append(Incoming(record.envelope, record))
        return readable

    async def _bury(self, tx: Tx, record: Received, reason: str) -> None:
        """Send bytes that are no event to the dead-letter topic, with where they came from."""
        origin = {
            "origin_topic": record.topic,
            "origin_partition": str(record.partition),
            "origin_offset": str(record.offset),
            "reason": reason,
        }
        telemetry.log.error("a record is no event; it goes to the dead-letter topic", service=self.group, **origin)
        await write_dead_letter(
            tx.connection, f"{record.topic}.dead.{self.group}", record.key, {**record.headers, **origin}, record.value
        )

    async def _set_aside(self, tx: Tx, fresh: list[Incoming], parked: Collection[str]) -> list[Incoming]:
        """Park the fresh events whose key is parked, so that nothing of it is applied before it is redriven.

        What was applied before is known by the inbox and is not parked again, wherever on the bus it comes from.
        """
        if not parked:
            return fresh
        aside = [item for item in fresh if item.record.key in parked]
        if aside:
            await tx.execute(_NOT_APPLIED, {"consumer": self.group, "ids": _array(aside)})
        for item in aside:
            await self._park(tx, item, "an earlier record of this key is parked")
        return [item for item in fresh if item.record.key not in parked]

    async def observe(self) -> None:
        """Put the number of parked keys into the metrics."""
        async with self._database.reading() as tx:
            keys = await tx.fetch_value(_PARKED_KEY_COUNT, {"consumer": self.group})
        telemetry.PARKED.labels(self.group).set(keys)

    async def _park(self, tx: Tx, item: Incoming, reason: str) -> None:
        record = item.record
        about = {"event_id": item.envelope.id, "key": record.key, "value": record.value, "reason": reason[:1000]}
        await tx.execute(_PARK, {**self._place(record), **about, "headers": json.dumps(dict(record.headers))})

    async def _fresh(self, tx: Tx, incoming: Sequence[Incoming]) -> tuple[list[Incoming], set[str]]:
        """The events that were not applied before, each once, and those keys that are parked."""
        if not incoming:
            return [], set()
        keys = sorted({item.record.key for item in incoming})
        seen, parked = await tx.answers(
            Asked(
                _SEEN, {"consumer": self.group, "ids": _array(incoming)}, lambda rows: {row["event_id"] for row in rows}
            ),
            Asked(_PARKED_KEYS, {"consumer": self.group, "keys": keys}, lambda rows: {row["key"] for row in rows}),
        )
        fresh = []
        for item in incoming:
            if item.envelope.id not in seen:
                seen.add(item.envelope.id)
                fresh.append(item)
        return fresh, parked

    async def _react(self, tx: Tx, fresh: Sequence[Incoming]) -> None:
        for item in fresh:
            reactions = self._reactions.get(item.envelope.type)
            if reactions:
                await self._react_to(tx, item, reactions)
        if self._service.react_all is not None and fresh:
            await self._service.react_all(tx, fresh)

    async def _react_to(self, tx: Tx, item: Incoming, reactions: Sequence[Reaction]) -> None:
        model = event_type(item.envelope.type)
        if model is None:
            return
        fact = model.model_validate_json(item.record.value)
        about = item.envelope
        with tracing.span(
            f"react {about.type}",
            self.group,
            about.traceparent,
            kind=SpanKind.CONSUMER,
            messaging_destination_name=item.record.topic,
            messaging_message_id=about.id,
        ) as span:
            tx.cause = _cause_of(about, self._database, span.header)
            for reaction in reactions:
                await reaction(tx, fact, about)
            await tx.flush()

    async def _apply_alone(self, record: Received) -> None:
        """Apply one record; after enough deterministic failures park it with all that follows of its key."""
        try:
            await self._apply_together([record])
        except TRANSIENT:
            raise
        except Exception as failure:
            reason = _reason(failure)
        else:
            return
        while await self._count_attempt(record, reason) < MAX_ATTEMPTS:
            try:
                await self._apply_together([record])
            except TRANSIENT:
                raise
            except Exception as failure:
                reason = _reason(failure)
            else:
                return
        await self._give_up(record, reason)

    async def _count_attempt(self, record: Received, reason: str) -> int:
        async with self._database.transaction() as tx:
            return int(await tx.fetch_value(_ATTEMPT, {**self._place(record), "reason": reason[:1000]}))

    async def _give_up(self, record: Received, reason: str) -> None:
        telemetry.log.error(
            "a record was parked with its key; parked list says why",
            service=self.group,
            key=record.key,
            topic=record.topic,
        )
        async with self._database.transaction() as tx:
            for item in await self._read(tx, [record]):
                await self._park(tx, item, reason)
            await tx.execute(_FORGET, self._place(record))
            await tx.execute_many(_OFFSET, self._next_offsets([record]))

    async def redrive(self, key: str) -> int:
        """Apply a parked key's records in order, each in a transaction of its own; how many were applied.

        Stops with the failure of the first that still fails, and leaves it and the rest parked.
        """
        applied = 0
        while True:
            async with self._database.transaction() as tx:
                row = await tx.fetch_one(_NEXT_PARKED, {"consumer": self.group, "key": key})
                if row is None:
                    return applied
                await tx.execute("delete from parked_records where id = %(id)s", {"id": row["id"]})
                record = Received.of(
                    row["topic"], row["partition"], row["offset"], row["key"], json.loads(row["headers"]), row["value"]
                )
                fresh, _ = await self._fresh(tx, await self._read(tx, [record]))
                await self._react(tx, fresh)
            applied += 1

    def _place(self, record: Received) -> dict[str, Any]:
        return {
            "consumer": self.group,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
        }

    def _next_offsets(self, records: Sequence[Received]) -> list[dict[str, Any]]:
        return [
            {"consumer": self.group, "topic": topic, "partition": partition, "next": offset}
            for (topic, partition), offset in next_offsets(records).items()
        ]


def _all_reactions(service: Service) -> dict[str, tuple[Reaction, ...]]:
    """Each event type's reactions: the directory's own first, so that a service's reaction finds it up to date."""
    types: set[type[Event]] = set(service.reactions)
    kept = directory.REACTIONS if service.keeps_directory else {}
    types |= set(kept)
    return {event.TYPE: tuple(table[event] for table in (kept, service.reactions) if event in table) for event in types}


def _array(events: Sequence[Incoming]) -> str:
    """Ids as one parameter."""
    return "{" + ",".join([item.envelope.id for item in events]) + "}"


def _reason(failure: Exception) -> str:
    if isinstance(failure, ValidationError):
        return "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in failure.errors())
    return f"{type(failure).__name__}: {failure}"


def _cause_of(about: Envelope, database: Database, traceparent: str) -> Cause:
    return Cause(
        actor=f"system:{database.service}",
        correlation_id=about.correlationid,
        causation_id=about.id,
        traceparent=traceparent,
    )
