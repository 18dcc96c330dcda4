"""Appends events to the log: gap-free positions and an unbroken chain, by one writer at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any, LiteralString

from chassis.database import Tx
from chassis.envelope import Envelope
from chassis.service import Incoming
from services.accountability.arrays import octets, plain, texts
from services.accountability.rules.chain import canonical, next_hash
from services.accountability.rules.facts import Fact, normal_id

_DECODER = json.JSONDecoder(parse_float=Decimal)
_LOCK_HEAD: LiteralString = "select position, hash from log_head where id = 1 for update"
_APPEND: LiteralString = """
insert into log (position, event_id, type, subject, source, time, org_unit_id, sequence, dataschema, traceparent,
                 correlationid, causationid, data, hash)
select * from unnest(%(position)s::bigint[], %(event_id)s::uuid[], %(type)s::text[], %(subject)s::text[],
    %(source)s::text[], %(time)s::timestamptz[], %(org_unit_id)s::uuid[], %(sequence)s::bigint[],
    %(dataschema)s::text[], %(traceparent)s::text[], %(correlationid)s::text[], %(causationid)s::text[],
    %(data)s::json[], %(hash)s::bytea[])
"""
PIECE = 500
_MOVE_HEAD: LiteralString = "update log_head set position = %(position)s, hash = %(hash)s where id = 1"


async def lock_head(tx: Tx) -> tuple[int, bytes]:
    """The last position and its hash; until the commit nobody else appends, or raises an alert."""
    head = await tx.fetch_one(_LOCK_HEAD)
    if head is None:
        raise RuntimeError("The log has no head: the migrations have not run.")
    return head["position"], head["hash"]


def read_facts(position: int, incoming: Sequence[Incoming]) -> list[Fact]:
    """Fresh events as facts, at the positions that follow ``position``."""
    return [_fact(position + place, item) for place, item in enumerate(incoming, start=1)]


async def append(tx: Tx, incoming: Sequence[Incoming], facts: Sequence[Fact], before: bytes) -> None:
    """Append events as the rows of ``facts``, after the row whose hash is ``before``. The head must be locked.

    A piece at a time: the database writes one while the next is made here.
    """
    for start in range(0, len(facts), PIECE):
        before = await _append(tx, incoming[start : start + PIECE], facts[start : start + PIECE], before)
        tx.send()
    await tx.queue(_MOVE_HEAD, {"position": facts[-1].position, "hash": before})


async def _append(tx: Tx, incoming: Sequence[Incoming], facts: Sequence[Fact], before: bytes) -> bytes:
    """Append one piece; the hash of its last row."""
    columns = _columns([item.envelope for item in incoming], facts)
    columns["data"] = [item.record.value.decode() for item in incoming]
    hashes = []
    for fact, attributes in zip(facts, zip(*columns.values(), strict=True), strict=True):
        before = next_hash(before, fact.position, canonical(*attributes))
        hashes.append(before)
    await tx.queue(_APPEND, _parameters(facts, columns, hashes))
    return before


def _fact(position: int, item: Incoming) -> Fact:
    about = item.envelope
    data = _decoded(item.record.value.decode())
    if not isinstance(data, dict):
        raise TypeError(f"The data of event {about.id} is no JSON object.")
    return Fact(position, about.id, about.type, about.subject, about.time, data)


def _decoded(text: str) -> Any:
    """JSON; the usual text, an object with nothing around it, is read without a look for blanks."""
    if text.startswith("{"):
        data, end = _DECODER.raw_decode(text)
        if end == len(text):
            return data
    return _DECODER.decode(text)


def _columns(envelopes: Sequence[Envelope], facts: Sequence[Fact]) -> dict[str, list[str]]:
    """The attributes of the rows as texts, column by column, in the order in which they are hashed."""
    return {
        "event_id": [fact.event_id for fact in facts],
        "type": [fact.type for fact in facts],
        "subject": [fact.subject for fact in facts],
        "source": [about.source for about in envelopes],
        "time": [about.time.astimezone(UTC).isoformat() for about in envelopes],
        "org_unit_id": [_org_unit_id(fact) for fact in facts],
        "sequence": [str(about.sequence) for about in envelopes],
        "dataschema": [about.dataschema for about in envelopes],
        "traceparent": [about.traceparent for about in envelopes],
        "correlationid": [about.correlationid for about in envelopes],
        "causationid": [about.causationid for about in envelopes],
    }


def _org_unit_id(fact: Fact) -> str:
    unit = fact.data.get("org_unit_id")
    return normal_id(unit) if unit else ""


def _parameters(facts: Sequence[Fact], columns: dict[str, list[str]], hashes: Sequence[bytes]) -> dict[str, str]:
    return {
        **{name: texts(values) for name, values in columns.items()},
        "org_unit_id": texts([unit or None for unit in columns["org_unit_id"]]),
        "position": plain([fact.position for fact in facts]),
        "hash": octets(hashes),
    }
