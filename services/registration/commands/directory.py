"""Keeping what workforce and cpd tell: workers, the posts they hold, and the learning of a registration year."""

from __future__ import annotations

from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from contracts.workforce import PostRecordedV1, WorkerRecordedV1

_WORKER: LiteralString = """
insert into workers as w (worker_id, is_social_worker, has_registration_number, employment_started_on,
    employment_ended_on, sequence)
values (%(worker_id)s, %(is_social_worker)s, %(has_registration_number)s, %(employment_started_on)s,
    %(employment_ended_on)s, %(sequence)s)
on conflict (worker_id) do update set is_social_worker = excluded.is_social_worker,
    has_registration_number = excluded.has_registration_number, employment_started_on = excluded.employment_started_on,
    employment_ended_on = excluded.employment_ended_on, sequence = excluded.sequence
where w.sequence < excluded.sequence
"""
_STANDING: LiteralString = "insert into standings (worker_id) values (%(worker_id)s) on conflict do nothing"
_LEFT: LiteralString = """
update workers set employment_ended_on = %(left_on)s, sequence = %(sequence)s
where worker_id = %(worker_id)s and sequence < %(sequence)s
"""
_HELD_BY: LiteralString = "select holder_id from posts where post_id = %(post_id)s"
_POST: LiteralString = """
insert into posts as p (post_id, designated, holder_id, closed_on, sequence)
values (%(post_id)s, %(designated)s, %(holder_id)s, %(closed_on)s, %(sequence)s)
on conflict (post_id) do update set designated = excluded.designated, holder_id = excluded.holder_id,
    closed_on = excluded.closed_on, sequence = excluded.sequence
where p.sequence < excluded.sequence
"""
_CPD: LiteralString = """
insert into cpd_readings as c (worker_id, year_end, ready, sequence)
values (%(worker_id)s, %(year_end)s, %(ready)s, %(sequence)s)
on conflict (worker_id, year_end) do update set ready = excluded.ready, sequence = excluded.sequence
where c.sequence < excluded.sequence
"""


async def keep_worker(tx: Tx, fact: WorkerRecordedV1, sequence: int) -> None:
    """Keep a worker's employment and profession."""
    await tx.execute(_WORKER, fact.model_dump() | {"sequence": sequence})


async def begin_standing(tx: Tx, worker_id: UUID) -> None:
    """From now on a worker is looked at."""
    await tx.execute(_STANDING, {"worker_id": worker_id})


async def keep_leaving(tx: Tx, worker_id: UUID, left_on: date, sequence: int) -> None:
    """Keep a worker's last day."""
    await tx.execute(_LEFT, {"worker_id": worker_id, "left_on": left_on, "sequence": sequence})


async def keep_post(tx: Tx, fact: PostRecordedV1, sequence: int) -> set[UUID]:
    """Keep a post; whom the change concerns: who held it and who holds it."""
    values = fact.model_dump() | {"sequence": sequence}
    before = await tx.fetch_value(_HELD_BY, values)
    await tx.execute(_POST, values)
    return {holder for holder in (before, fact.holder_id) if holder is not None}


async def keep_cpd(tx: Tx, worker_id: UUID, year_end: date, ready: bool, sequence: int) -> None:
    """Keep whether the learning of a registration year is complete."""
    await tx.execute(_CPD, {"worker_id": worker_id, "year_end": year_end, "ready": ready, "sequence": sequence})
