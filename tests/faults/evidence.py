"""What a deployment left behind once it is quiet: outboxes, topics, inboxes, parked records and the log."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row

from chassis.bus import Bus, Received
from chassis.service import Service
from contracts import topic_of

READ_DEADLINE_S = 180.0
DEAD: LiteralString = "select attributes::json->>'ce_id' as event_id from outbox where topic like %(pattern)s"


def payload_hash(data: bytes) -> str:
    """A digest of the bytes of a fact."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Written:
    """A row of an outbox."""

    event_id: str
    topic: str
    key: str
    sequence: int
    payload: str
    published: bool


@dataclass(frozen=True)
class Sent:
    """A record of a topic, in the order of its partition."""

    event_id: str
    key: str
    sequence: int
    payload: str


@dataclass(frozen=True)
class Parked:
    """A record that a consumer set aside."""

    event_id: str
    topic: str
    key: str
    sequence: int


@dataclass(frozen=True)
class Logged:
    """A row of the log that accountability keeps."""

    position: int
    event_id: str
    payload: str


@dataclass
class Evidence:
    """Everything the invariants look at. ``outboxes``, ``inboxes`` and ``parked`` by service, ``topics`` by topic.

    ``outboxes`` hold what a service says and its dead letters alike.
    """

    listens_to: Mapping[str, Sequence[str]]
    outboxes: dict[str, list[Written]] = field(default_factory=dict)
    topics: dict[str, list[Sent]] = field(default_factory=dict)
    inboxes: dict[str, set[str]] = field(default_factory=dict)
    parked: dict[str, list[Parked]] = field(default_factory=dict)
    dead: dict[str, set[str]] = field(default_factory=dict)
    """Ids of records that a consumer sent to its dead-letter topics, because they are no events."""
    log: list[Logged] = field(default_factory=list)

    def events(self, service: str) -> list[Written]:
        """The events a service wrote for its topic; dead letters are not among them."""
        return [row for row in self.outboxes[service] if row.topic == topic_of(service)]

    def heard(self, consumer: str) -> list[Sent]:
        """Every record of the topics a consumer listens to; a service that is not deployed has said nothing."""
        return [record for name in self.listens_to[consumer] for record in self.topics.get(topic_of(name), ())]


async def collect(services: Sequence[Service], databases: Mapping[str, str], bus: Bus) -> Evidence:
    """Read everything: the databases as they are now, the topics from their beginning."""
    evidence = Evidence({service.name: tuple(service.listens_to) for service in services})
    for service in services:
        read_database(evidence, service.name, databases[service.name])
        evidence.topics[topic_of(service.name)] = [
            _sent(record) for record in await read_topic(bus, topic_of(service.name))
        ]
    return evidence


def read_database(evidence: Evidence, name: str, url: str) -> None:
    """Add what one service's database holds."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows = connection.execute(
            """select event_id::text, topic, key, sequence, data, published_at is not null as published
            from outbox order by id"""
        ).fetchall()
        evidence.outboxes[name] = [_written(row) for row in rows]
        seen = connection.execute("select event_id::text from inbox where consumer = %s", (name,)).fetchall()
        evidence.inboxes[name] = {row["event_id"] for row in seen}
        aside = connection.execute("select topic, key, headers from parked_records order by id").fetchall()
        evidence.parked[name] = [_parked(row) for row in aside]
        dead = connection.execute(DEAD, {"pattern": f"plumbline.%.dead.{name}"}).fetchall()
        evidence.dead[name] = {row["event_id"] for row in dead}
        if connection.execute("select to_regclass('log') is not null as kept").fetchone() == {"kept": True}:
            kept = connection.execute("select position, event_id::text, data::text from log order by position")
            evidence.log = [Logged(r["position"], r["event_id"], payload_hash(r["data"].encode())) for r in kept]


async def read_topic(bus: Bus, topic: str) -> list[Received]:
    """Every record of a topic; partitions keep their order, keys therefore theirs."""
    waiting = sum((await bus.end_offsets(topic)).values())
    found: list[Received] = []
    if not waiting:
        return found
    subscription = await bus.subscribe(f"evidence-{uuid4().hex}", [topic], "reader")
    deadline = time.monotonic() + READ_DEADLINE_S
    while len(found) < waiting:
        found += await subscription.fetch(5000, 0.5)
        if time.monotonic() > deadline:
            raise TimeoutError(f"{topic}: {len(found)} of {waiting} records came")
    await subscription.close()
    return found


def _written(row: Mapping[str, object]) -> Written:
    data = row["data"]
    return Written(
        str(row["event_id"]),
        str(row["topic"]),
        str(row["key"]),
        int(str(row["sequence"])),
        payload_hash(data if isinstance(data, bytes) else b""),
        bool(row["published"]),
    )


def _sent(record: Received) -> Sent:
    headers = record.headers
    return Sent(headers.get("ce_id", ""), record.key, int(headers.get("ce_sequence", "0")), payload_hash(record.value))


def _parked(row: Mapping[str, object]) -> Parked:
    headers = json.loads(str(row["headers"]))
    return Parked(headers.get("ce_id", ""), str(row["topic"]), str(row["key"]), int(headers.get("ce_sequence", "0")))
