"""The outbox: events are rows of the transaction that caused them, numbered per key without a gap."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from json.encoder import encode_basestring_ascii
from types import MappingProxyType
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from pydantic_core import to_json

from chassis.envelope import Cause, constant_headers, shared_headers
from chassis.gathering import GatheringConnection
from chassis.ids import new_id
from contracts import Event, topic_of

# Arrays travel in the binary format (%b): writing them as text costs thirty times as much.
# The upsert of outbox_keys locks each key until the commit, in one order for everyone. So for one key an earlier id is always
# committed before a later id is taken, whatever the command locked before, and the sequence has no gap.
WRITE: LiteralString = """
with given as (
    select * from unnest(%(ids)b::uuid[], %(keys)b::text[], %(attributes)b::text[], %(data)b::bytea[])
        with ordinality as g (event_id, key, attributes, data, place)
), counted as (
    select key, count(*) as n from given group by key order by key
), taken as (
    insert into outbox_keys as k (key, last_sequence) select key, n from counted order by key
    on conflict (key) do update set last_sequence = k.last_sequence + excluded.last_sequence
    returning key, last_sequence
)
insert into outbox (event_id, topic, key, sequence, attributes, data)
select g.event_id, %(topic)s, g.key,
       t.last_sequence - c.n + row_number() over (partition by g.key order by g.place), g.attributes, g.data
from given g join counted c on c.key = g.key join taken t on t.key = g.key
order by g.place
"""

WRITE_ONE: LiteralString = """
with taken as (
    insert into outbox_keys as k (key, last_sequence) values (%(key)s, 1)
    on conflict (key) do update set last_sequence = k.last_sequence + 1
    returning last_sequence
)
insert into outbox (event_id, topic, key, sequence, attributes, data)
select %(id)s, %(topic)s, %(key)s, last_sequence, %(attributes)s, %(data)s from taken
"""

DEAD_LETTER: LiteralString = """
insert into outbox (event_id, topic, key, sequence, attributes, data)
values (%(id)s, %(topic)s, %(key)s, 0, %(attributes)s, %(data)s)
"""


def source_of(service: str) -> str:
    """The CloudEvents source of a service's events."""
    return f"/services/{service}"


async def write_events(
    connection: GatheringConnection[Any],
    service: str,
    events: Sequence[Event],
    time: datetime,
    cause: Cause,
    causes: Mapping[int, Cause] = MappingProxyType({}),
) -> None:
    """Write ``events`` in their order; one statement however many. ``causes`` holds those of single events, by place."""
    ids = [new_id() for _ in events]
    keys = [event.subject for event in events]
    attributes = _attributes(events, ids, keys, source_of(service), time, cause, causes)
    data = [event.model_dump_json().encode() for event in events]
    topic = topic_of(service)
    if len(events) == 1:
        one = {"id": ids[0], "topic": topic, "key": keys[0], "attributes": attributes[0], "data": data[0]}
        await connection.again(WRITE_ONE, one)
        return
    await connection.again(WRITE, {"ids": ids, "topic": topic, "keys": keys, "attributes": attributes, "data": data})


def _attributes(
    events: Sequence[Event],
    ids: Sequence[UUID],
    keys: Sequence[str],
    source: str,
    time: datetime,
    cause: Cause,
    causes: Mapping[int, Cause],
) -> list[str]:
    """Each event's headers as JSON; what all events of one type share in this transaction is written once."""
    shared: dict[str, str] = {}
    written = []
    for place, (event, event_id, key) in enumerate(zip(events, ids, keys, strict=True)):
        if place in causes:
            common = common_attributes(event.TYPE, source, time, causes[place])
        else:
            if event.TYPE not in shared:
                shared[event.TYPE] = common_attributes(event.TYPE, source, time, cause)
            common = shared[event.TYPE]
        written.append(f'{{"ce_id":"{event_id}","ce_subject":{encode_basestring_ascii(key)},{common}')
    return written


def common_attributes(event_type: str, source: str, time: datetime, cause: Cause) -> str:
    """What the headers of one type's events share in one transaction: the end of a JSON object."""
    return f"{_constant_attributes(event_type, source)},{_as_json(shared_headers(time, cause))[1:]}"


def _as_json(headers: Mapping[str, str]) -> str:
    return to_json(headers).decode()


@cache
def _constant_attributes(event_type: str, source: str) -> str:
    return _as_json(constant_headers(event_type, source))[1:-1]


async def write_dead_letter(
    connection: AsyncConnection[Any], topic: str, key: str, headers: dict[str, str], value: bytes
) -> None:
    """Queue bytes that are no event for a dead-letter topic; they have no sequence."""
    row = {
        "id": new_id(),
        "topic": topic,
        "key": key.replace("\0", "\\0"),
        "attributes": json.dumps(headers),
        "data": value,
    }
    await connection.execute(DEAD_LETTER, row)
