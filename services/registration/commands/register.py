"""Keeping what the register says of a worker, change by change, and publishing the change of the status (clause 7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString, cast
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import NotFound
from contracts.registration import StatusChangedV1
from services.registration.rules.status import BARRED, WITH_CONDITIONS, Status

_LOCK: LiteralString = """
select d.org_unit_id from standings s join directory_workers d using (worker_id)
where s.worker_id = %(worker)s for update of s
"""
_CURRENT: LiteralString = "select * from entries where worker_id = %(worker)s"
_SAVE: LiteralString = """
insert into entries (worker_id, number, status, valid_to, awaiting, annotations, extra, checked_on, checked_by,
    check_id, version)
values (%(worker)s, %(number)s, %(status)s, %(valid_to)s, %(awaiting)s, %(annotations)s, %(extra)s, %(checked_on)s,
    %(checked_by)s, %(check_id)s, %(version)s)
on conflict (worker_id) do update set number = excluded.number, status = excluded.status,
    valid_to = excluded.valid_to, awaiting = excluded.awaiting, annotations = excluded.annotations,
    extra = excluded.extra, checked_on = excluded.checked_on, checked_by = excluded.checked_by,
    check_id = excluded.check_id, version = excluded.version
"""
_REMEMBER: LiteralString = """
insert into entry_changes (change_id, worker_id, number, status, valid_to, annotations, checked_on, checked_by, check_id,
    changed_by, changed_at)
values (%(change_id)s, %(worker)s, %(number)s, %(status)s, %(valid_to)s, %(annotations)s, %(checked_on)s, %(checked_by)s,
    %(check_id)s, %(actor)s, %(now)s)
"""
_REMEMBERED = ("number", "status", "valid_to", "annotations")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register said of a worker on a day, and how that was learned."""

    number: str | None
    status: Status
    valid_to: date | None
    checked_on: date | None
    checked_by: str
    awaiting: bool = False
    annotations: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    check_id: UUID | None = None


async def lock_worker(tx: Tx, worker_id: UUID) -> UUID:
    """Keep others from changing what is known of a worker; the worker's unit."""
    row = await tx.fetch_one(_LOCK, {"worker": worker_id})
    if row is None:
        raise NotFound("worker-not-known", "No such worker. Record the worker in workforce first.")
    return cast("UUID", row["org_unit_id"])


async def current_entry(tx: Tx, worker_id: UUID) -> Row | None:
    """A worker's entry as it stands."""
    return await tx.fetch_one(_CURRENT, {"worker": worker_id})


async def save_entry(tx: Tx, worker_id: UUID, unit: UUID, entry: Entry, current: Row | None) -> bool:
    """Keep an entry of a locked worker; whether it says anything new. Publishes the change of the status alone."""
    values = _columns(entry)
    changed = current is None or any(values[name] != current[name] for name in _REMEMBERED)
    version = (current["version"] if current else 0) + (1 if changed else 0)
    row = {**values, "worker": worker_id, "version": version, "extra": Jsonb(dict(entry.extra))}
    await tx.execute(_SAVE, row)
    if changed:
        await tx.execute(_REMEMBER, {**row, "change_id": new_id(), "actor": tx.actor, "now": tx.now})
    previous: Status = current["status"] if current else "unknown"
    if entry.status != previous:
        tx.emit(_status_changed(tx, worker_id, unit, entry.status, previous))
    return changed


def _status_changed(tx: Tx, worker_id: UUID, unit: UUID, status: Status, previous: Status) -> StatusChangedV1:
    return StatusChangedV1(
        worker_id=worker_id,
        org_unit_id=unit,
        status=status,
        previous=previous,
        barred=status in BARRED,
        has_conditions=status in WITH_CONDITIONS,
        changed_on=tx.today,
    )


def _columns(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "status": entry.status,
        "valid_to": entry.valid_to,
        "awaiting": entry.awaiting,
        "annotations": list(entry.annotations),
        "checked_on": entry.checked_on,
        "checked_by": entry.checked_by,
        "check_id": entry.check_id,
    }
