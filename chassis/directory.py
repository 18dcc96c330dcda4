"""Who belongs where: each service's copy of the org tree and of workers' places in it, kept from workforce's events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.envelope import Envelope
from contracts import Event
from contracts.workforce import AccountableChangedV1, OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1

TABLES = ("directory_units", "directory_accountable", "directory_workers")

# A unit may arrive before its parent (topics keep order per key only): its path is made whole when the parent comes.
_UNIT: LiteralString = """
insert into directory_units (org_unit_id, parent_id, kind, path, sequence)
values (%(id)s, %(parent)s, %(kind)s,
        coalesce((select path from directory_units where org_unit_id = %(parent)s), '{}'::uuid[]) || %(id)s::uuid, %(sequence)s)
on conflict (org_unit_id) do update set parent_id = excluded.parent_id, kind = excluded.kind, path = excluded.path,
    sequence = excluded.sequence where directory_units.sequence < excluded.sequence
"""
_DESCENDANTS: LiteralString = """
with recursive below as (
    select org_unit_id, path from directory_units where org_unit_id = %(id)s
    union all
    select c.org_unit_id, b.path || c.org_unit_id from directory_units c join below b on c.parent_id = b.org_unit_id
)
update directory_units u set path = b.path from below b where b.org_unit_id = u.org_unit_id and u.path <> b.path
"""
_ACCOUNTABLE: LiteralString = """
insert into directory_accountable (org_unit_id, from_on, worker_id, sequence)
values (%(unit)s, %(from_on)s, %(worker)s, %(sequence)s)
on conflict (org_unit_id, from_on) do update set worker_id = excluded.worker_id, sequence = excluded.sequence
where directory_accountable.sequence < excluded.sequence
"""
_WORKER: LiteralString = """
insert into directory_workers (worker_id, org_unit_id, line_manager_id, left_on, sequence)
values (%(worker)s, %(unit)s, %(manager)s, %(left_on)s, %(sequence)s)
on conflict (worker_id) do update set org_unit_id = excluded.org_unit_id, line_manager_id = excluded.line_manager_id,
    left_on = excluded.left_on, sequence = excluded.sequence
where directory_workers.sequence < excluded.sequence
"""
_LEFT: LiteralString = """
update directory_workers set left_on = %(left_on)s, sequence = %(sequence)s
where worker_id = %(worker)s and sequence < %(sequence)s
"""


async def record_unit(tx: Tx, org_unit_id: UUID, parent_id: UUID | None, kind: str, sequence: int) -> None:
    """Know an org unit and its place; a later ``sequence`` replaces what an earlier one said."""
    await tx.queue(_UNIT, {"id": org_unit_id, "parent": parent_id, "kind": kind, "sequence": sequence})
    await tx.queue(_DESCENDANTS, {"id": org_unit_id})


async def record_accountable(tx: Tx, org_unit_id: UUID, worker_id: UUID, from_on: date, sequence: int) -> None:
    """Know who answers for an org unit from a date."""
    await tx.queue(_ACCOUNTABLE, {"unit": org_unit_id, "worker": worker_id, "from_on": from_on, "sequence": sequence})


async def record_worker(
    tx: Tx, worker_id: UUID, org_unit_id: UUID, line_manager_id: UUID | None, left_on: date | None, sequence: int
) -> None:
    """Know a worker's unit, line manager and last day, if any."""
    await tx.queue(
        _WORKER,
        {
            "worker": worker_id,
            "unit": org_unit_id,
            "manager": line_manager_id,
            "left_on": left_on,
            "sequence": sequence,
        },
    )


async def on_org_unit_recorded(tx: Tx, fact: OrgUnitRecordedV1, about: Envelope) -> None:
    """Keep the org tree."""
    await record_unit(tx, fact.org_unit_id, fact.parent_id, fact.kind, about.sequence)


async def on_accountable_changed(tx: Tx, fact: AccountableChangedV1, about: Envelope) -> None:
    """Keep who answers for a unit."""
    await record_accountable(tx, fact.org_unit_id, fact.worker_id, fact.from_on, about.sequence)


async def on_worker_recorded(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> None:
    """Keep a worker's place."""
    await record_worker(
        tx, fact.worker_id, fact.org_unit_id, fact.line_manager_id, fact.employment_ended_on, about.sequence
    )


async def on_worker_left(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> None:
    """Keep a worker's last day."""
    await tx.queue(_LEFT, {"worker": fact.worker_id, "left_on": fact.left_on, "sequence": about.sequence})


REACTIONS: dict[type[Event], Callable[[Tx, Any, Envelope], Awaitable[None]]] = {
    OrgUnitRecordedV1: on_org_unit_recorded,
    AccountableChangedV1: on_accountable_changed,
    WorkerRecordedV1: on_worker_recorded,
    WorkerLeftV1: on_worker_left,
}
