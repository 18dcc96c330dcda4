"""Alerts as they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from chassis.database import Row, Tx
from services.accountability.arrays import texts
from services.accountability.rules.alerts import Alert


class AlertKey(NamedTuple):
    """What at most one unresolved alert may be about."""

    kind: str
    subject_id: str
    stream: str


_ONE: LiteralString = "select * from alerts where alert_id = %(alert_id)s for update"
_UNRESOLVED: LiteralString = """
select a.* from alerts a
join unnest(%(kinds)s::text[], %(subjects)s::text[], %(streams)s::text[]) as t (kind, subject_id, stream)
  on a.kind = t.kind and a.subject_id = t.subject_id and a.stream = t.stream
where a.status <> 'resolved' order by a.alert_id for update of a
"""
_ALL_UNRESOLVED: LiteralString = "select * from alerts where status <> 'resolved' order by alert_id"
_ORPHANED: LiteralString = """
select * from alerts where status <> 'resolved' and accountable_worker_id is null order by alert_id
"""
_DUE: LiteralString = """
select * from alerts where status = 'open' and due_at <= %(now)s order by due_at, alert_id limit %(limit)s for update
"""
_BY_ID: LiteralString = """
select * from alerts where alert_id = any(%(ids)s::uuid[]) and status <> 'resolved' order by alert_id for update
"""
_ANY_BY_ID: LiteralString = "select * from alerts where alert_id = any(%(ids)s::uuid[]) order by alert_id"
_COLUMNS = tuple(field.name for field in fields(Alert))


async def get_alert_for_change(tx: Tx, alert_id: UUID) -> Alert | None:
    """One alert, locked until the commit; None when there is none."""
    row = await tx.fetch_one(_ONE, {"alert_id": alert_id})
    return None if row is None else alert_of(row)


async def list_unresolved(tx: Tx, keys: Collection[AlertKey]) -> dict[AlertKey, Alert]:
    """The unresolved alerts of ``keys``, locked until the commit."""
    if not keys:
        return {}
    kinds, subjects, streams = zip(*keys, strict=True)
    rows = await tx.fetch_all(
        _UNRESOLVED, {"kinds": texts(kinds), "subjects": texts(subjects), "streams": texts(streams)}
    )
    return {AlertKey(alert.kind, alert.subject_id, alert.stream): alert for alert in map(alert_of, rows)}


async def list_all_unresolved(tx: Tx) -> list[Alert]:
    """Every unresolved alert."""
    return [alert_of(row) for row in await tx.fetch_all(_ALL_UNRESOLVED)]


async def list_orphaned(tx: Tx) -> list[Alert]:
    """Every unresolved alert for which nobody answers."""
    return [alert_of(row) for row in await tx.fetch_all(_ORPHANED)]


async def list_unresolved_by_id(tx: Tx, ids: Collection[str]) -> list[Alert]:
    """The unresolved among some alerts, locked until the commit."""
    return [alert_of(row) for row in await tx.fetch_all(_BY_ID, {"ids": texts(ids)})]


async def map_alerts(tx: Tx, ids: Collection[str]) -> dict[str, Alert]:
    """Some alerts by their ids."""
    return {alert.alert_id: alert for alert in map(alert_of, await tx.fetch_all(_ANY_BY_ID, {"ids": texts(ids)}))}


async def list_due(tx: Tx, limit: int) -> list[Alert]:
    """Open alerts whose time has run out, longest first, locked until the commit."""
    return [alert_of(row) for row in await tx.fetch_all(_DUE, {"now": tx.now, "limit": limit})]


def alert_of(row: Row) -> Alert:
    """The alert of a row."""
    return Alert(**{name: _plain(row[name]) for name in _COLUMNS})


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return tuple(str(one) for one in value) if isinstance(value, list) else value


def columns_of(alert: Alert) -> Mapping[str, Any]:
    """The row of an alert as JSON values."""
    return {name: _json(getattr(alert, name)) for name in _COLUMNS}


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
