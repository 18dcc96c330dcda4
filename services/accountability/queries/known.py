"""What is known so far of the keys that a batch of facts speaks of."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString

from chassis.database import Tx
from services.accountability.arrays import plain, texts
from services.accountability.rules.conditions import Outcome
from services.accountability.rules.counting import Statement
from services.accountability.rules.figures import Key

_AMOUNTS = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)

# Of a stock key only the statement in force on the earliest day in question and those after it matter.
_STATEMENTS: LiteralString = """
select c.series, c.key, c.on_date, c.org_unit_id::text as org_unit_id, c.amounts::text as amounts, c.position
from unnest(%(series)s::text[], %(keys)s::text[], %(since)s::date[]) as t (series, key, since)
join contributions c on c.series = t.series and c.key = t.key and c.on_date >= coalesce(
    (select max(p.on_date) from contributions p where p.series = t.series and p.key = t.key and p.on_date <= t.since),
    '-infinity')
"""
_LATEST_JUDGED: LiteralString = """
select t.stream_key, split_part(j.key, '|', 3) as start, j.missed
from unnest(%(streams)s::text[]) as t (stream_key)
cross join lateral (
    select c.key, c.amounts ? 'periods_missed' as missed from contributions c
    where c.series = 'supervision.period' and c.key >= t.stream_key || '|' and c.key < t.stream_key || '}'
      and c.amounts <> '{}' order by c.key desc limit 1
) j
"""
_ALL_JUDGED: LiteralString = """
select t.stream_key, split_part(c.key, '|', 3) as start, c.amounts ? 'periods_missed' as missed
from unnest(%(streams)s::text[]) as t (stream_key)
join contributions c on c.series = 'supervision.period' and c.key >= t.stream_key || '|' and c.key < t.stream_key || '}'
where c.amounts <> '{}'
"""


async def list_statements(tx: Tx, keys: Mapping[Key, date | None]) -> dict[Key, dict[date, Statement]]:
    """What each key counts for so far, by day; for a key with a date, as far as facts from that date on can change it."""
    if not keys:
        return {}
    rows = await tx.fetch_all(
        _STATEMENTS,
        {
            "series": texts([series for series, _ in keys]),
            "keys": texts([key for _, key in keys]),
            "since": plain(keys.values()),
        },
    )
    known: dict[Key, dict[date, Statement]] = {}
    for row in rows:
        known.setdefault((row["series"], row["key"]), {})[row["on_date"]] = _statement(row)
    return known


def _statement(row: Mapping[str, Any]) -> Statement:
    return Statement(row["on_date"], row["org_unit_id"], _AMOUNTS.raw_decode(row["amounts"])[0], row["position"])


async def list_judgements(tx: Tx, streams: Collection[str], *, whole: bool) -> dict[str, dict[str, Outcome]]:
    """Unexcused judgements so far of each ``worker|stream``, by the start of the period: the latest, or the whole of them."""
    if not streams:
        return {}
    rows = await tx.fetch_all(_ALL_JUDGED if whole else _LATEST_JUDGED, {"streams": texts(streams)})
    judged: dict[str, dict[str, Outcome]] = {}
    for row in rows:
        judged.setdefault(row["stream_key"], {})[row["start"]] = "missed" if row["missed"] else "met"
    return judged
