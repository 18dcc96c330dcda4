"""Copies of what workforce says of workers, each fact with the day it was learned; a fold of its events and nothing else."""

from __future__ import annotations

from typing import LiteralString

from chassis.clock import london_date
from chassis.database import Tx
from chassis.envelope import Envelope
from contracts.workforce import AbsenceRecordedV1, WorkerLeftV1, WorkerRecordedV1

_WORKER: LiteralString = """
insert into workers as w (worker_id, employment_started_on, employment_ended_on, monitored_from, sequence)
values (%(worker_id)s, %(started_on)s, %(ended_on)s, %(monitored_from)s, %(sequence)s)
on conflict (worker_id) do update set employment_started_on = excluded.employment_started_on,
    employment_ended_on = excluded.employment_ended_on, monitored_from = excluded.monitored_from,
    earlier_ended_on = case when w.employment_ended_on < excluded.employment_started_on then w.employment_ended_on
                            else w.earlier_ended_on end,
    sequence = excluded.sequence
where w.sequence < excluded.sequence
"""
# The first facts hold from the beginning, a change from the London date of the event; another on the same date corrects it.
_FACTS: LiteralString = """
with latest as (select * from worker_facts where worker_id = %(worker_id)s order by learned_on desc limit 1),
given as (select greatest(%(learned_on)s::date, (select learned_on from latest)) as learned_on)
insert into worker_facts (worker_id, learned_on, from_on, org_unit_id, line_manager_id, newly_qualified,
    is_social_worker, has_registration_number)
select %(worker_id)s, learned_on, case when exists (select from latest) then learned_on else date '0001-01-01' end,
    %(org_unit_id)s, %(line_manager_id)s, %(newly_qualified)s, %(is_social_worker)s, %(has_registration_number)s
from given
where not exists (
    select from latest l
    where (l.org_unit_id, l.line_manager_id, l.newly_qualified, l.is_social_worker, l.has_registration_number)
        is not distinct from (%(org_unit_id)s::uuid, %(line_manager_id)s::uuid, %(newly_qualified)s::boolean,
                              %(is_social_worker)s::boolean, %(has_registration_number)s::boolean))
on conflict (worker_id, learned_on) do update set org_unit_id = excluded.org_unit_id,
    line_manager_id = excluded.line_manager_id, newly_qualified = excluded.newly_qualified,
    is_social_worker = excluded.is_social_worker, has_registration_number = excluded.has_registration_number
"""
_ABSENCE: LiteralString = """
insert into absences as a (absence_id, worker_id, from_on, to_on, sequence)
values (%(absence_id)s, %(worker_id)s, %(from_on)s, %(to_on)s, %(sequence)s)
on conflict (absence_id) do update set from_on = excluded.from_on, to_on = excluded.to_on, sequence = excluded.sequence
where a.sequence < excluded.sequence
"""
_LEFT: LiteralString = """
update workers set employment_ended_on = %(left_on)s, sequence = %(sequence)s
where worker_id = %(worker_id)s and sequence < %(sequence)s
"""

_FACT_FIELDS = {
    "worker_id",
    "org_unit_id",
    "line_manager_id",
    "newly_qualified",
    "is_social_worker",
    "has_registration_number",
}


async def keep_worker(tx: Tx, fact: WorkerRecordedV1, about: Envelope) -> bool:
    """Keep a worker's employment and facts; whether this was newer than what was known."""
    employment = {
        "worker_id": fact.worker_id,
        "started_on": fact.employment_started_on,
        "ended_on": fact.employment_ended_on,
        "monitored_from": fact.monitored_from,
        "sequence": about.sequence,
    }
    if not await tx.execute(_WORKER, employment):
        return False
    await tx.queue(_FACTS, fact.model_dump(include=_FACT_FIELDS) | {"learned_on": london_date(about.time)})
    return True


async def keep_leaver(tx: Tx, fact: WorkerLeftV1, about: Envelope) -> bool:
    """Keep the last day of an employment; whether this was newer than what was known."""
    return bool(await tx.execute(_LEFT, {**fact.model_dump(), "sequence": about.sequence}))


async def keep_absence(tx: Tx, fact: AbsenceRecordedV1, about: Envelope) -> bool:
    """Keep an absence; whether this was newer than what was known of it."""
    return bool(await tx.execute(_ABSENCE, {**fact.model_dump(), "sequence": about.sequence}))
