"""The log in pages, in the order of its positions."""

from __future__ import annotations

from datetime import UTC
from typing import LiteralString

from chassis.database import Row, Tx
from services.accountability.rules.chain import GENESIS, Link, canonical, first_break

_HEAD: LiteralString = "select position from log_head where id = 1"
_PAGE: LiteralString = """
select position, event_id, type, subject, source, time, org_unit_id, sequence, dataschema, traceparent, correlationid,
       causationid, data::text as data, hash
from log where position > %(after)s order by position limit %(limit)s
"""
_HASH_AT: LiteralString = "select hash from log where position = %(position)s"
_CHAIN_HEAD: LiteralString = "select position, hash from log_head where id = 1"
PAGE = 1000


async def get_head(tx: Tx) -> int:
    """The position of the last event; 0 while there is none."""
    return int(await tx.fetch_value(_HEAD) or 0)


async def list_log(tx: Tx, after: int, limit: int = PAGE) -> list[Row]:
    """Events after a position, data as the text that was published.

    Positions are given under a lock that is held until the commit, so what is visible is always a whole beginning of the
    log: a reader that goes on from the last position it saw misses nothing.
    """
    return await tx.fetch_all(_PAGE, {"after": after, "limit": limit})


async def verify_chain(tx: Tx, after: int = 0, limit: int | None = None) -> tuple[int, int | None]:
    """Check the chain after a position: the last position looked at, and the first at which it does not hold, if any.

    Where the end of the log is reached it is compared with the head, so that a log that was cut short is found as well.
    """
    end = await tx.fetch_one(_CHAIN_HEAD)
    before = GENESIS if after == 0 else await tx.fetch_value(_HASH_AT, {"position": after})
    if before is None:
        return after, after
    position, left = after, limit
    while left is None or left > 0:
        rows = await list_log(tx, position, min(PAGE, left or PAGE))
        broken = first_break((_link(row) for row in rows), before, position)
        if broken is not None:
            return position, broken
        if not rows:
            left = None
            break
        position, before = rows[-1]["position"], bytes(rows[-1]["hash"])
        left = None if left is None else left - len(rows)
    if end is None or (left is not None and position < end["position"]):
        return position, None
    cut_short = position < end["position"] or (position == end["position"] and before != bytes(end["hash"]))
    return position, position + 1 if cut_short else None


def _link(row: Row) -> Link:
    content = canonical(
        str(row["event_id"]),
        row["type"],
        row["subject"],
        row["source"],
        row["time"].astimezone(UTC).isoformat(),
        "" if row["org_unit_id"] is None else str(row["org_unit_id"]),
        str(row["sequence"]),
        row["dataschema"],
        row["traceparent"],
        row["correlationid"],
        row["causationid"],
        row["data"],
    )
    return Link(row["position"], content, bytes(row["hash"]))
