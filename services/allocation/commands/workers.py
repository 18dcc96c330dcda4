"""Keeping what is known of workers: the facts that others publish, and the skills that are recorded here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from contracts.cpd import AssessedYearAgreedV1, AssessedYearEndedV1, ProtectedTimeChangedV1
from contracts.registration import PostJudgedV1
from contracts.supervision import CadenceChangedV1
from contracts.workforce import AbsenceRecordedV1, WorkerRecordedV1

# Facts hold from the day they were published on; of one day the last sequence stays, whatever order they arrive in.
_WORKER: LiteralString = """
insert into workers as w (worker_id, employment_started_on, employment_ended_on, is_social_worker,
                          has_registration_number, newly_qualified, sequence)
values (%(worker_id)s, %(employment_started_on)s, %(employment_ended_on)s, %(is_social_worker)s,
        %(has_registration_number)s, %(newly_qualified)s, %(sequence)s)
on conflict (worker_id) do update set employment_started_on = excluded.employment_started_on,
    employment_ended_on = excluded.employment_ended_on, is_social_worker = excluded.is_social_worker,
    has_registration_number = excluded.has_registration_number, newly_qualified = excluded.newly_qualified,
    sequence = excluded.sequence
where w.sequence < excluded.sequence
"""
_FACTS: LiteralString = """
insert into worker_facts as f (worker_id, from_on, org_unit_id, contracted_hours, career_stage, sequence)
values (%(worker_id)s, %(from_on)s, %(org_unit_id)s, %(contracted_hours)s, %(career_stage)s, %(sequence)s)
on conflict (worker_id, from_on) do update set org_unit_id = excluded.org_unit_id,
    contracted_hours = excluded.contracted_hours, career_stage = excluded.career_stage, sequence = excluded.sequence
where f.sequence < excluded.sequence
"""
_LEFT: LiteralString = """
update workers set employment_ended_on = %(left_on)s, sequence = %(sequence)s
where worker_id = %(worker_id)s and sequence < %(sequence)s
"""
_CADENCE: LiteralString = """
insert into cadences as c (worker_id, from_on, cadence, minutes_per_session, sequence)
values (%(worker_id)s, %(from_on)s, %(cadence)s, %(minutes_per_session)s, %(sequence)s)
on conflict (worker_id, from_on) do update set cadence = excluded.cadence,
    minutes_per_session = excluded.minutes_per_session, sequence = excluded.sequence
where c.sequence < excluded.sequence
"""
_PROTECTED: LiteralString = """
insert into protected_times as p (worker_id, from_on, hours_per_week, sequence)
values (%(worker_id)s, %(from_on)s, %(hours_per_week)s, %(sequence)s)
on conflict (worker_id, from_on) do update set hours_per_week = excluded.hours_per_week, sequence = excluded.sequence
where p.sequence < excluded.sequence
"""
_ASSESSED_YEAR: LiteralString = """
insert into assessed_years as y (assessed_year_id, worker_id, started_on, workload_pct, sequence)
values (%(assessed_year_id)s, %(worker_id)s, %(started_on)s, %(workload_pct)s, %(sequence)s)
on conflict (assessed_year_id) do update set started_on = excluded.started_on, workload_pct = excluded.workload_pct,
    sequence = excluded.sequence
where y.sequence < excluded.sequence
"""
_ASSESSED_YEAR_ENDED: LiteralString = """
update assessed_years set ended_on = %(ended_on)s, sequence = %(sequence)s
where assessed_year_id = %(assessed_year_id)s and sequence < %(sequence)s
"""
_ABSENCE: LiteralString = """
insert into absences as a (absence_id, worker_id, from_on, to_on, sequence)
values (%(absence_id)s, %(worker_id)s, %(from_on)s, %(to_on)s, %(sequence)s)
on conflict (absence_id) do update set from_on = excluded.from_on, to_on = excluded.to_on, sequence = excluded.sequence
where a.sequence < excluded.sequence
"""
_REGISTRATION: LiteralString = """
insert into registrations as r (worker_id, refused, conditions, sequence)
values (%(worker_id)s, %(breach)s, %(conditions)s, %(sequence)s)
on conflict (worker_id) do update set refused = excluded.refused, conditions = excluded.conditions,
    sequence = excluded.sequence
where r.sequence < excluded.sequence
"""
_SKILLS: LiteralString = """
insert into worker_skills (worker_id, skills) values (%(worker_id)s, %(skills)s)
on conflict (worker_id) do update set skills = excluded.skills
"""
_BELOW: LiteralString = """
select d.worker_id from directory_workers d join directory_units u using (org_unit_id) where %(unit)s = any(u.path)
"""


WITH_CONDITIONS = frozenset({"conditions", "interim_conditions"})


async def record_worker(tx: Tx, fact: WorkerRecordedV1, published_on: date, sequence: int) -> None:
    """Keep a worker's facts; those that decide capacity are kept by date."""
    row: dict[str, Any] = fact.model_dump() | {"sequence": sequence, "from_on": published_on}
    await tx.queue(_WORKER, row)
    await tx.queue(_FACTS, row)


async def record_leaving(tx: Tx, worker_id: UUID, left_on: date, sequence: int) -> None:
    """Keep a worker's last day."""
    await tx.queue(_LEFT, {"worker_id": worker_id, "left_on": left_on, "sequence": sequence})


async def record_cadence(tx: Tx, fact: CadenceChangedV1, sequence: int) -> None:
    """Keep how often a worker is supervised, so that the time for it can be protected (clause 3.2)."""
    await tx.queue(_CADENCE, fact.model_dump() | {"sequence": sequence})


async def record_protected_time(tx: Tx, fact: ProtectedTimeChangedV1, sequence: int) -> None:
    """Keep the time that was promised to a worker for development (clause 3.2, 6.1)."""
    await tx.queue(_PROTECTED, fact.model_dump() | {"sequence": sequence})


async def record_assessed_year(tx: Tx, fact: AssessedYearAgreedV1, sequence: int) -> None:
    """Keep how much of a full load was agreed for a worker's assessed year; a pause changes nothing about that."""
    await tx.queue(_ASSESSED_YEAR, fact.model_dump() | {"sequence": sequence})


async def end_assessed_year(tx: Tx, fact: AssessedYearEndedV1, sequence: int) -> None:
    """Keep the last day of a worker's assessed year."""
    await tx.queue(_ASSESSED_YEAR_ENDED, fact.model_dump() | {"sequence": sequence})


async def record_absence(tx: Tx, fact: AbsenceRecordedV1, sequence: int) -> None:
    """Keep when a worker is away, so that nobody is recommended who is not there."""
    await tx.queue(_ABSENCE, fact.model_dump() | {"sequence": sequence})


async def record_registration(tx: Tx, fact: PostJudgedV1, sequence: int) -> None:
    """Keep whether a worker in a designated post is not registered, or registered with conditions (clause 7.1)."""
    conditions = fact.status in WITH_CONDITIONS
    await tx.queue(_REGISTRATION, fact.model_dump() | {"conditions": conditions, "sequence": sequence})


async def set_skills(tx: Tx, worker_id: UUID, skills: Sequence[str]) -> None:
    """Replace the skills that recommendations look at."""
    await tx.execute(_SKILLS, {"worker_id": worker_id, "skills": sorted(set(skills))})


async def list_workers_below(tx: Tx, org_unit_id: UUID) -> list[UUID]:
    """Everyone who belongs to a unit or below it, those who left included."""
    return [row["worker_id"] for row in await tx.fetch_all(_BELOW, {"unit": org_unit_id})]
