"""Recording absence, and erasing what was written about it (clause 2.1)."""

from __future__ import annotations

from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.etags import check_etag
from chassis.ids import new_id
from chassis.problems import NotFound
from contracts.workforce import AbsenceRecordedV1
from services.workforce.commands.checks import refuse
from services.workforce.queries.workers import get_worker
from services.workforce.rules.absences import absence_findings, kind_of
from services.workforce.rules.findings import kept, text_finding

LONGEST_REASON = 2000

_SAVE: LiteralString = """
insert into absences (absence_id, worker_id, from_on, to_on, kind, version, recorded_at)
values (%(absence)s, %(worker)s, %(from_on)s, %(to_on)s, %(kind)s, %(version)s, %(now)s)
on conflict (absence_id) do update
set from_on = excluded.from_on, to_on = excluded.to_on, kind = excluded.kind, version = excluded.version
"""
_SAVE_NOTE: LiteralString = """
insert into notes (about_id, worker_id, text) values (%(absence)s, %(worker)s, %(reason)s)
on conflict (about_id) do update set text = excluded.text
"""
_LOCK: LiteralString = """
select a.*, n.text as reason from absences a left join notes n on n.about_id = a.absence_id
where a.absence_id = %(absence)s and a.worker_id = %(worker)s for update of a
"""
_ERASE: LiteralString = "delete from notes where worker_id = %(worker)s"


async def record_absence(tx: Tx, worker_id: UUID, from_on: date, to_on: date, reason: str, kind: str | None) -> UUID:
    """An absence of a worker, both dates included; the reason is kept apart and does not travel."""
    absence = new_id()
    values = {"absence": absence, "worker": worker_id, "from_on": from_on, "to_on": to_on, "version": 1}
    await _save(tx, values, reason, kind_of(kind, reason))
    return absence


async def correct_absence(
    tx: Tx, worker_id: UUID, absence: UUID, changes: dict[str, Any], if_match: str | None
) -> None:
    """Put an absence right; publishes it again under the same id when a date changes."""
    row = await tx.fetch_one(_LOCK, {"absence": absence, "worker": worker_id})
    if row is None:
        raise NotFound("absence-not-known", "This worker has no absence with this id. List the absences to find it.")
    check_etag(if_match, row["version"])
    after: dict[str, Any] = {name: changes.get(name, row[name]) for name in ("from_on", "to_on", "kind", "reason")}
    if any(after[name] != row[name] for name in after):
        values = {**after, "absence": absence, "worker": worker_id, "version": row["version"] + 1}
        await _save(tx, values, after["reason"], after["kind"], before=row)


async def erase_worker_notes(tx: Tx, worker_id: UUID) -> int:
    """Erase all free text about a worker and leave the facts; how many notes there were."""
    await get_worker(tx, worker_id)
    return await tx.execute(_ERASE, {"worker": worker_id})


async def _save(tx: Tx, values: dict[str, Any], reason: str | None, kind: str, before: Row | None = None) -> None:
    worker = await get_worker(tx, values["worker"])
    findings = absence_findings(
        values["from_on"], values["to_on"], worker["employment_started_on"], worker["employment_ended_on"]
    )
    note = text_finding("reason", reason, LONGEST_REASON) if reason is not None else None
    refuse([*findings, *kept((note,))])
    await tx.execute(_SAVE, {**values, "kind": kind, "now": tx.now})
    if reason is not None:
        await tx.execute(_SAVE_NOTE, {**values, "reason": reason.strip()})
    if before is None or (before["from_on"], before["to_on"]) != (values["from_on"], values["to_on"]):
        tx.emit(
            AbsenceRecordedV1(
                absence_id=values["absence"],
                worker_id=worker["worker_id"],
                org_unit_id=worker["org_unit_id"],
                from_on=values["from_on"],
                to_on=values["to_on"],
            )
        )
