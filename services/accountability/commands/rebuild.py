"""Folds the whole log afresh into contributions, figures, alerts and roles, without publishing or telling anyone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

from chassis.database import Row, Tx
from contracts import topic_of
from services.accountability.commands.alerts import write
from services.accountability.commands.measures import count
from services.accountability.commands.workers import remember_roles
from services.accountability.queries.alerts import map_alerts
from services.accountability.queries.log import PAGE, list_log
from services.accountability.rules.alerts import OWN_EVENTS, RAISED, Alert, after, raised
from services.accountability.rules.facts import Fact

PROJECTIONS = ("contributions", "figures", "alerts", "principal_social_workers")

# Whoever takes in events waits from here on; what is being taken in at this moment is not in the log yet.
_LOCK: LiteralString = "lock table contributions, figures, alerts, principal_social_workers in exclusive mode"
_EMPTY: tuple[LiteralString, ...] = (
    "delete from contributions",
    "delete from figures",
    "delete from alerts",
    "delete from principal_social_workers",
)
# Own events that were committed and have not come back over the bus: part of an alert's story, not yet of the log.
_ON_THEIR_WAY: LiteralString = """
select o.attributes, convert_from(o.data, 'UTF8') as data from outbox o
where o.topic = %(topic)s and not exists (select 1 from log l where l.event_id = o.event_id) order by o.id
"""


async def rebuild(tx: Tx, page: int = PAGE) -> int:
    """Empty the projections and fold the log into them; how many events there were. Nothing is published."""
    silent, tx.silent = tx.silent, True
    await tx.execute(_LOCK)
    for statement in _EMPTY:
        await tx.execute(statement)
    position, folded = 0, 0
    while rows := await list_log(tx, position, page):
        await _fold(tx, [_fact(row) for row in rows])
        position, folded = rows[-1]["position"], folded + len(rows)
    await _fold_alerts(tx, await _on_their_way(tx))
    tx.silent = silent
    return folded


async def _fold(tx: Tx, facts: Sequence[Fact]) -> None:
    await remember_roles(tx, facts)
    await _fold_alerts(tx, [fact for fact in facts if fact.type in OWN_EVENTS])
    await count(tx, facts)


async def _fold_alerts(tx: Tx, facts: Sequence[Fact]) -> None:
    if not facts:
        return
    known = await map_alerts(tx, {fact.subject for fact in facts})
    changed: dict[str, Alert] = {}
    for fact in facts:
        alert = _after(known.get(fact.subject), fact)
        if alert is not None:
            known[fact.subject] = changed[fact.subject] = alert
    await write(tx, changed.values())


def _after(alert: Alert | None, fact: Fact) -> Alert | None:
    if fact.type == RAISED:
        return alert or raised(fact.data, fact.time)
    return None if alert is None else after(alert, fact.type, fact.data, fact.time)


def _fact(row: Row) -> Fact:
    return Fact(row["position"], str(row["event_id"]), row["type"], row["subject"], row["time"], _data(row["data"]))


def _data(text: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(text, parse_float=Decimal)
    return data


async def _on_their_way(tx: Tx) -> list[Fact]:
    rows = await tx.fetch_all(_ON_THEIR_WAY, {"topic": topic_of(tx.service)})
    return list(_own(rows))


def _own(rows: Iterable[Row]) -> Iterable[Fact]:
    for row in rows:
        about = json.loads(row["attributes"])
        if about["ce_type"] in OWN_EVENTS:
            time = datetime.fromisoformat(about["ce_time"])
            yield Fact(0, about["ce_id"], about["ce_type"], about["ce_subject"], time, _data(row["data"]))
