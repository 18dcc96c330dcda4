"""Copies of what workforce says of workers; a fold of its events and nothing else."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Tx
from chassis.envelope import Envelope
from contracts.workforce import WorkerLeftV1, WorkerRecordedV1

_WORKER: LiteralString = """
insert into workers as w (worker_id, job_role, career_stage, is_social_worker, contracted_hours, employment_started_on,
    employment_ended_on, sequence)
values (%(worker_id)s, %(job_role)s, %(career_stage)s, %(is_social_worker)s, %(contracted_hours)s,
    %(employment_started_on)s, %(employment_ended_on)s, %(sequence)s)
on conflict (worker_id) do update set job_role = excluded.job_role, career_stage = excluded.career_stage,
    is_social_worker = excluded.is_social_worker, contracted_hours = excluded.contracted_hours,
    employment_started_on = excluded.employment_started_on, employment_ended_on = excluded.employment_ended_on,
    sequence = excluded.sequence
where w.sequence < excluded.sequence
"""
_LEFT: LiteralString = """
update workers set employment_ended_on = %(left_on)s, sequence = %(sequence)s
where worker_id = %(worker_id)s and sequence < %(sequence)s
"""


async def keep_worker(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> bool:
    """Keep a worker's facts; whether this was newer than what was known."""
    return bool(await tx.execute(_WORKER, {**fact.model_dump(), "sequence": about.sequence}))


async def keep_leaver(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> bool:
    """Keep the last day of an employment; whether this was newer than what was known."""
    return bool(await tx.execute(_LEFT, {**fact.model_dump(), "sequence": about.sequence}))
