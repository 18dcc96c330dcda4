"""Writing in the learning log; each change says anew how far the registration year has come (clauses 6.1, 7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from chassis.clock import london_date
from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import RuleBroken
from contracts.cpd import LearningRecordedV1, LearningWithdrawnV1, ReadinessChangedV1
from services.cpd.commands.texts import keep_texts
from services.cpd.queries.learning import read_years
from services.cpd.queries.workers import Known, lock_worker
from services.cpd.rules.learning import Kind, PeerRole, Reading, fingerprint, year_end_of

_RECORD: LiteralString = """
insert into learnings (learning_id, worker_id, kind, done_at, done_on, peer_role, fingerprint, version, recorded_at,
    recorded_by)
values (%(learning_id)s, %(worker_id)s, %(kind)s, %(done_at)s, %(done_on)s, %(peer_role)s, %(fingerprint)s, 1,
    %(now)s, %(actor)s)
"""
_CHANGE: LiteralString = """
update learnings set kind = %(kind)s, done_at = %(done_at)s, done_on = %(done_on)s, peer_role = %(peer_role)s,
    fingerprint = %(fingerprint)s, version = version + 1
where learning_id = %(learning_id)s
"""
_WITHDRAW: LiteralString = "update learnings set withdrawn_at = %(now)s where learning_id = %(learning_id)s"
_FORGET: LiteralString = """
delete from notes where about_id = %(learning_id)s
    or about_id in (select attachment_id from attachments where learning_id = %(learning_id)s)
"""
_FORGET_FILES: LiteralString = "delete from attachments where learning_id = %(learning_id)s"
_TOLD: LiteralString = """
insert into readings as r (worker_id, year_end, ready, pieces, with_peer_reflection, changed_at)
values (%(worker_id)s, %(year_end)s, %(ready)s, %(pieces)s, %(with_peer_reflection)s, %(now)s)
on conflict (worker_id, year_end) do update set ready = excluded.ready, pieces = excluded.pieces,
    with_peer_reflection = excluded.with_peer_reflection, changed_at = excluded.changed_at
where (r.ready, r.pieces, r.with_peer_reflection)
    is distinct from (excluded.ready, excluded.pieces, excluded.with_peer_reflection)
"""


@dataclass(frozen=True, slots=True)
class WriteLearning:
    """A piece of learning in the words of the regulator's form; ``peer_added`` and ``peer_role`` go together."""

    kind: Kind
    done_at: datetime | None
    description: str
    learned: str
    impact: str
    relevance: str | None = None
    evidence: str | None = None
    peer_role: PeerRole | None = None
    peer_added: str | None = None

    @property
    def texts(self) -> dict[str, str | None]:
        """What is written, by the name of the field."""
        names = ("description", "learned", "impact", "relevance", "evidence", "peer_added")
        return {name: getattr(self, name) for name in names}


async def record_learning(tx: Tx, worker_id: UUID, wanted: WriteLearning) -> tuple[UUID, Reading]:
    """Write a piece of learning down; its id, and what its registration year amounts to now."""
    known = await lock_worker(tx, worker_id)
    row = _row(tx, known, new_id(), wanted)
    await tx.queue(_RECORD, row)
    await keep_texts(tx, worker_id, row["learning_id"], wanted.texts)
    tx.emit(_recorded(known, row))
    return row["learning_id"], await settle_year(tx, known, row["done_on"])


async def change_learning(tx: Tx, before: Mapping[str, Any], wanted: WriteLearning) -> Reading:
    """Write a piece of learning anew; the reading of the year that it belongs to now."""
    known = await lock_worker(tx, before["worker_id"])
    row = _row(tx, known, before["learning_id"], wanted, before["done_at"])
    await tx.queue(_CHANGE, row)
    await keep_texts(tx, known.worker_id, row["learning_id"], wanted.texts)
    tx.emit(_recorded(known, row))
    if year_end_of(before["done_on"]) != year_end_of(row["done_on"]):
        await settle_year(tx, known, before["done_on"])
    return await settle_year(tx, known, row["done_on"])


async def withdraw_learning(tx: Tx, before: Mapping[str, Any]) -> Reading:
    """Take a piece out of the log with its words and files; that there was one stays."""
    known = await lock_worker(tx, before["worker_id"])
    named = {"learning_id": before["learning_id"], "now": tx.now}
    for statement in (_WITHDRAW, _FORGET, _FORGET_FILES):
        await tx.queue(statement, named)
    tx.emit(
        LearningWithdrawnV1(
            learning_id=before["learning_id"],
            worker_id=known.worker_id,
            org_unit_id=known.org_unit_id,
            done_on=before["done_on"],
        )
    )
    return await settle_year(tx, known, before["done_on"])


def _row(
    tx: Tx, known: Known, learning_id: UUID, wanted: WriteLearning, usual: datetime | None = None
) -> dict[str, Any]:
    done_at = wanted.done_at or usual or tx.now
    if done_at > tx.now:
        raise RuleBroken("done-in-future", "Write learning down once it was done.", "done_at")
    if (wanted.peer_role is None) != (wanted.peer_added is None):
        raise RuleBroken(
            "peer-reflection-incomplete", "Say with whom you reflected, by role, and what it added.", "peer_added"
        )
    return {
        "learning_id": learning_id,
        "worker_id": known.worker_id,
        "kind": wanted.kind,
        "done_at": done_at,
        "done_on": london_date(done_at),
        "peer_role": wanted.peer_role,
        "fingerprint": fingerprint(wanted.description),
        "now": tx.now,
        "actor": tx.actor,
    }


def _recorded(known: Known, row: Mapping[str, Any]) -> LearningRecordedV1:
    return LearningRecordedV1(
        learning_id=row["learning_id"],
        worker_id=known.worker_id,
        org_unit_id=known.org_unit_id,
        kind=row["kind"],
        done_on=row["done_on"],
        with_peer_reflection=row["peer_role"] is not None,
    )


async def settle_year(tx: Tx, known: Known, day: date) -> Reading:
    """Read the registration year of a day anew, and tell of it when it reads differently from before."""
    year_end = year_end_of(day)
    now = (await read_years(tx, [known.worker_id], year_end))[known.worker_id]
    figures = {"ready": now.ready, "pieces": now.pieces, "with_peer_reflection": now.with_peer_reflection}
    if await tx.execute(_TOLD, {"worker_id": known.worker_id, "year_end": year_end, "now": tx.now, **figures}):
        tx.emit(
            ReadinessChangedV1(
                worker_id=known.worker_id, org_unit_id=known.org_unit_id, registration_year_end=year_end, **figures
            )
        )
    return now
