"""Appends events to the log: gap-free positions and an unbroken chain, by one writer at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any, LiteralString

from chassis.database import Tx
from chassis.service import Incoming
from services.accountability.arrays import octets, plain, texts
from services.accountability.rules.chain import canonical, next_hash
from services.accountability.rules.facts import Fact

_LOCK_HEAD: LiteralString = "select position, hash from log_head where id = 1 for update"
_APPEND: LiteralString = """
insert into log (position, event_id, type, subject, source, time, org_unit_id, sequence, dataschema, traceparent,
                 correlationid, causationid, data, hash)
select * from unnest(%(position)s::bigint[], %(event_id)s::uuid[], %(type)s::text[], %(subject)s::text[],
    %(source)s::text[], %(time)s::timestamptz[], %(org_unit_id)s::uuid[], %(sequence)s::bigint[],
    %(dataschema)s::text[], %(traceparent)s::text[], %(correlationid)s::text[], %(causationid)s::text[],
    %(data)s::json[], %(hash)s::bytea[])
"""
_MOVE_HEAD: LiteralString = "update log_head set position = %(position)s, hash = %(hash)s where id = 1"


async def lock_head(tx: Tx) -> tuple[int, bytes]:
    """The last position and its hash; until the commit nobody else appends, or raises an alert."""
    head = await tx.fetch_one(_LOCK_HEAD)
    if head is None:
        raise RuntimeError("The log has no head: the migrations have not run.")
    return head["position"], head["hash"]


async def append(tx: Tx, incoming: Sequence[Incoming]) -> list[Fact]:
    """Append fresh events in their order; the facts, each with its position."""
    position, before = await lock_head(tx)
    facts, hashes = [], []
    for item in incoming:
        position += 1
        facts.append(_fact(position, item))
        before = next_hash(before, position, _content(item, facts[-1].data.get("org_unit_id")))
        hashes.append(before)
    await tx.execute(_APPEND, _columns(incoming, facts, hashes))
    await tx.execute(_MOVE_HEAD, {"position": position, "hash": before})
    return facts


def _fact(position: int, item: Incoming) -> Fact:
    about = item.envelope
    data = json.loads(item.record.value, parse_float=Decimal)
    if not isinstance(data, dict):
        raise TypeError(f"The data of event {about.id} is no JSON object.")
    return Fact(position, str(about.id), about.type, about.subject, about.time, data)


def _content(item: Incoming, org_unit_id: str | None) -> str:
    about = item.envelope
    return canonical(
        str(about.id),
        about.type,
        about.subject,
        about.source,
        about.time.astimezone(UTC).isoformat(),
        org_unit_id or "",
        str(about.sequence),
        about.dataschema,
        about.traceparent,
        about.correlationid,
        about.causationid,
        item.record.value.decode(),
    )


def _columns(incoming: Sequence[Incoming], facts: Sequence[Fact], hashes: Sequence[bytes]) -> dict[str, Any]:
    envelopes = [item.envelope for item in incoming]
    return {
        "position": plain([fact.position for fact in facts]),
        "event_id": plain([fact.event_id for fact in facts]),
        "type": texts([about.type for about in envelopes]),
        "subject": texts([about.subject for about in envelopes]),
        "source": texts([about.source for about in envelopes]),
        "time": plain([about.time.isoformat() for about in envelopes]),
        "org_unit_id": texts([fact.data.get("org_unit_id") for fact in facts]),
        "sequence": plain([about.sequence for about in envelopes]),
        "dataschema": texts([about.dataschema for about in envelopes]),
        "traceparent": texts([about.traceparent for about in envelopes]),
        "correlationid": texts([about.correlationid for about in envelopes]),
        "causationid": texts([about.causationid for about in envelopes]),
        "data": texts([item.record.value.decode() for item in incoming]),
        "hash": octets(hashes),
    }
