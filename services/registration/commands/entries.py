"""Recording by hand what the register says of a worker (clause 7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.etags import check_etag
from chassis.problems import Conflict, RuleBroken
from services.registration.commands.notes import write_note
from services.registration.commands.register import Entry, current_entry, lock_worker, save_entry
from services.registration.commands.settling import settle_workers
from services.registration.queries.policies import get_policy
from services.registration.queries.workers import list_holders
from services.registration.rules.status import Status, read_on


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """A status that a person read on the register."""

    worker_id: UUID
    number: str | None
    status: Status
    valid_to: date | None
    checked_on: date
    annotations: tuple[str, ...]
    conditions: str | None


async def record_entry(tx: Tx, wanted: RecordEntry, if_match: str | None) -> None:
    """Record by hand what the register says; the same again changes nothing but the day of the check."""
    if wanted.checked_on > tx.today:
        raise RuleBroken("checked-in-the-future", "Give the day on which the register was read.", field="checked_on")
    unit = await lock_worker(tx, wanted.worker_id)
    await _must_be_free(tx, wanted.number, wanted.worker_id)
    current = await current_entry(tx, wanted.worker_id)
    if if_match is not None:
        check_etag(if_match, current["version"] if current else 0)
    if current and current["checked_on"] and wanted.checked_on < current["checked_on"]:
        raise Conflict("read-later-already", f"The register was read on {current['checked_on']} already.")
    policy, _ = await get_policy(tx, unit, wanted.checked_on)
    read = read_on(wanted.status, wanted.valid_to, wanted.checked_on, policy.lag_days)
    how: dict[str, Any] = {"checked_on": wanted.checked_on, "checked_by": "hand", "awaiting": read.awaiting}
    entry = Entry(wanted.number, read.status, wanted.valid_to, annotations=wanted.annotations, **how)
    await save_entry(tx, wanted.worker_id, unit, entry, current)
    await write_note(tx, wanted.worker_id, "conditions", wanted.worker_id, wanted.conditions)
    await settle_workers(tx, [wanted.worker_id])


async def _must_be_free(tx: Tx, number: str | None, worker_id: UUID) -> None:
    holder = (await list_holders(tx, [number])).get(number) if number else None
    if holder is not None and holder != worker_id:
        raise Conflict("number-taken", f"Another worker, {holder}, has this number. Correct one of the two.")
