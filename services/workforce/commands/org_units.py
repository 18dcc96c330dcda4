"""Building the org tree, and saying who is accountable for each unit (clause 1.4)."""

from __future__ import annotations

from datetime import date
from typing import Any, LiteralString, cast
from uuid import UUID

from chassis import directory
from chassis.database import Row, Tx
from chassis.etags import check_etag
from chassis.ids import new_id
from contracts.workforce import AccountableChangedV1, OrgUnitRecordedV1, UnitKind
from services.workforce.commands.checks import employer_of_unit, lock_tree, refuse
from services.workforce.queries.org_units import list_paths, unit_not_known
from services.workforce.queries.workers import get_worker
from services.workforce.rules.findings import Finding, date_finding, kept, text_finding
from services.workforce.rules.org_units import employer_of, parent_finding

LONGEST_NAME = 200

_INSERT: LiteralString = """
insert into org_units (org_unit_id, parent_id, kind, name, version, recorded_at)
values (%(unit)s, %(parent)s, %(kind)s, %(name)s, 1, %(now)s)
"""
_LOCK: LiteralString = "select * from org_units where org_unit_id = %(unit)s for update"
_UPDATE: LiteralString = """
update org_units set name = %(name)s, parent_id = %(parent)s, version = %(version)s where org_unit_id = %(unit)s
"""
_NEXT_VERSION: LiteralString = (
    "update org_units set version = version + 1 where org_unit_id = %(unit)s returning version"
)
_ACCOUNTABLE_ON: LiteralString = """
select worker_id from accountable_people where org_unit_id = %(unit)s and from_on = %(from_on)s
"""
_APPOINT: LiteralString = """
insert into accountable_people (org_unit_id, from_on, worker_id, recorded_by, recorded_at)
values (%(unit)s, %(from_on)s, %(worker)s, %(actor)s, %(now)s)
on conflict (org_unit_id, from_on) do update
set worker_id = excluded.worker_id, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
"""


async def create_org_unit(tx: Tx, name: str, kind: str, parent_id: UUID | None) -> UUID:
    """A new unit below ``parent_id``, or at the top; publishes its place in the tree."""
    name = name.strip()
    await lock_tree(tx)
    parent_kind = _last_kind(await _path_of(tx, parent_id))
    refuse(kept((text_finding("name", name, LONGEST_NAME), parent_finding(kind, parent_kind))))
    unit = new_id()
    await tx.execute(_INSERT, {"unit": unit, "parent": parent_id, "kind": kind, "name": name, "now": tx.now})
    await _publish_place(tx, unit, parent_id, kind, 1)
    return unit


async def change_org_unit(tx: Tx, unit: UUID, changes: dict[str, Any], if_match: str | None) -> None:
    """Rename a unit, or move it and everything below it within its employer."""
    await lock_tree(tx)
    row = await _locked(tx, unit)
    check_etag(if_match, row["version"])
    name = str(changes.get("name", row["name"])).strip()
    parent = changes.get("parent_id", row["parent_id"])
    refuse(kept((text_finding("name", name, LONGEST_NAME),)))
    if (name, parent) == (row["name"], row["parent_id"]):
        return
    if parent != row["parent_id"]:
        await _check_move(tx, row, parent)
    version = row["version"] + 1
    await tx.execute(_UPDATE, {"unit": unit, "name": name, "parent": parent, "version": version})
    if parent != row["parent_id"]:
        await _publish_place(tx, unit, parent, row["kind"], version)


async def appoint_accountable(tx: Tx, unit: UUID, worker_id: UUID, from_on: date) -> None:
    """From a date, a worker answers for a unit, until the next one does; the same again changes nothing."""
    await _locked(tx, unit)
    worker = await get_worker(tx, worker_id)
    ended = worker["employment_ended_on"]
    gone = Finding("worker_id", f"left on {ended}; name someone who works here") if ended and ended < from_on else None
    refuse(kept((date_finding("from", from_on), gone)))
    values = {"unit": unit, "worker": worker_id, "from_on": from_on, "actor": tx.actor, "now": tx.now}
    if await tx.fetch_value(_ACCOUNTABLE_ON, values) == worker_id:
        return
    version = await tx.fetch_value(_NEXT_VERSION, values)
    await tx.execute(_APPOINT, values)
    await directory.record_accountable(tx, unit, worker_id, from_on, version)
    tx.emit(AccountableChangedV1(org_unit_id=unit, worker_id=worker_id, from_on=from_on))


async def _locked(tx: Tx, unit: UUID) -> Row:
    row = await tx.fetch_one(_LOCK, {"unit": unit})
    if row is None:
        raise unit_not_known(unit)
    return row


async def _path_of(tx: Tx, parent_id: UUID | None) -> list[tuple[UUID, str]]:
    if parent_id is None:
        return []
    rows = await list_paths(tx, None, parent_id)
    if not rows:
        refuse([Finding("parent_id", f"{parent_id} is not an org unit; create it first or correct the id")])
    return list(zip(rows[0]["ids"], rows[0]["kinds"], strict=True))


async def _check_move(tx: Tx, row: Row, parent: UUID | None) -> None:
    unit, kind = row["org_unit_id"], row["kind"]
    above = await _path_of(tx, parent)
    refuse(kept((parent_finding(kind, _last_kind(above)),)))
    if employer_of([*above, (unit, kind)]) != await employer_of_unit(tx, unit):
        refuse([Finding("parent_id", "belongs to another employer; record the people there as new workers instead")])


def _last_kind(path: list[tuple[UUID, str]]) -> str | None:
    return path[-1][1] if path else None


async def _publish_place(tx: Tx, unit: UUID, parent: UUID | None, kind: str, version: int) -> None:
    await directory.record_unit(tx, unit, parent, kind, version)
    tx.emit(OrgUnitRecordedV1(org_unit_id=unit, parent_id=parent, kind=cast("UnitKind", kind)))
