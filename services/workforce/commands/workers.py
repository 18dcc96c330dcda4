"""Recording workers and changing what is known of them (clause 2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, LiteralString, cast
from uuid import UUID

from psycopg.errors import UniqueViolation

from chassis import directory
from chassis.database import Row, Tx
from chassis.etags import check_etag
from chassis.ids import new_id
from chassis.problems import Conflict
from contracts.workforce import CareerStage, WorkerRecordedV1
from services.workforce.commands.checks import employer_of_unit, lock_line, refuse
from services.workforce.queries.workers import worker_not_known
from services.workforce.rules.findings import Finding, kept
from services.workforce.rules.workers import WorkerFacts, manager_finding, worker_findings

_LOCK: LiteralString = "select * from workers where worker_id = %(worker)s for update"
_SAVE: LiteralString = """
insert into workers (worker_id, employer_id, employee_ref, name, email, org_unit_id, line_manager_id, job_role,
    career_stage, newly_qualified, is_social_worker, registration_number, is_agency, contracted_hours,
    employment_started_on, employment_ended_on, monitored_from, version, recorded_at)
values (%(worker_id)s, %(employer_id)s, %(employee_ref)s, %(name)s, %(email)s, %(org_unit_id)s, null, %(job_role)s,
    %(career_stage)s, %(newly_qualified)s, %(is_social_worker)s, %(registration_number)s, %(is_agency)s,
    %(contracted_hours)s, %(employment_started_on)s, %(employment_ended_on)s, %(monitored_from)s, %(version)s, %(now)s)
on conflict (worker_id) do update set employee_ref = excluded.employee_ref, name = excluded.name,
    email = excluded.email, org_unit_id = excluded.org_unit_id, job_role = excluded.job_role,
    career_stage = excluded.career_stage, newly_qualified = excluded.newly_qualified,
    is_social_worker = excluded.is_social_worker, registration_number = excluded.registration_number,
    is_agency = excluded.is_agency, contracted_hours = excluded.contracted_hours,
    employment_started_on = excluded.employment_started_on, employment_ended_on = excluded.employment_ended_on,
    monitored_from = excluded.monitored_from, version = excluded.version,
    left_announced_on = case when excluded.employment_ended_on is not null then workers.left_announced_on end
"""
# After all rows stand: within one file a manager may come later than those who are managed.
_SAVE_MANAGER: LiteralString = (
    "update workers set line_manager_id = %(line_manager_id)s where worker_id = %(worker_id)s"
)
_SAVE_TERMS: LiteralString = """
insert into worker_terms (worker_id, from_on, org_unit_id, contracted_hours, is_agency, is_social_worker)
values (%(worker_id)s, %(today)s, %(org_unit_id)s, %(contracted_hours)s, %(is_agency)s, %(is_social_worker)s)
on conflict (worker_id, from_on) do update set org_unit_id = excluded.org_unit_id,
    contracted_hours = excluded.contracted_hours, is_agency = excluded.is_agency,
    is_social_worker = excluded.is_social_worker
"""
_MANAGER: LiteralString = """
select employer_id, employment_ended_on from workers where worker_id = %(manager)s
"""
_LINE_ABOVE: LiteralString = """
with recursive above as (
    select worker_id, line_manager_id from workers where worker_id = %(manager)s
    union select w.worker_id, w.line_manager_id from workers w join above a on w.worker_id = a.line_manager_id
) select worker_id, line_manager_id from above
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A worker as they are to stand: identity, employer, version and all facts."""

    worker_id: UUID
    employer_id: UUID
    version: int
    facts: WorkerFacts


async def record_worker(tx: Tx, facts: WorkerFacts) -> UUID:
    """A new worker; 409 `employee-ref-taken` when the employer has someone with this reference."""
    refuse(worker_findings(facts))
    await lock_line(tx, shared=True)
    employer = await employer_of_unit(tx, facts.org_unit_id)
    refuse(await _manager_findings(tx, None, employer, facts.line_manager_id))
    worker_id = new_id()
    await _save_one(tx, Standing(worker_id, employer, 1, facts))
    return worker_id


async def change_worker(tx: Tx, worker_id: UUID, changes: Mapping[str, Any], if_match: str | None) -> None:
    """Change any facts of a worker; what stays as it was is no change and publishes nothing."""
    await lock_line(tx, shared="line_manager_id" not in changes)
    row = await tx.fetch_one(_LOCK, {"worker": worker_id})
    if row is None:
        raise worker_not_known(worker_id)
    check_etag(if_match, row["version"])
    before = facts_of(row)
    after = replace(before, **changes)
    if after == before:
        return
    refuse(worker_findings(after))
    await _check_place(tx, row, before, after)
    await _save_one(tx, Standing(worker_id, row["employer_id"], row["version"] + 1, after))


async def save_workers(tx: Tx, workers: Sequence[Standing]) -> None:
    """Write workers that have passed every check, with their terms from today, and publish them."""
    rows = [
        {
            "worker_id": worker.worker_id,
            "employer_id": worker.employer_id,
            "version": worker.version,
            "now": tx.now,
            "today": tx.today,
            **asdict(worker.facts),
        }
        for worker in workers
    ]
    await tx.execute_many(_SAVE, rows)
    await tx.execute_many(_SAVE_MANAGER, rows)
    await tx.execute_many(_SAVE_TERMS, rows)
    for worker in workers:
        facts = worker.facts
        await directory.record_worker(
            tx, worker.worker_id, facts.org_unit_id, facts.line_manager_id, facts.employment_ended_on, worker.version
        )
        tx.emit(recorded_event(worker.worker_id, facts))


def facts_of(row: Row) -> WorkerFacts:
    """The facts in a row of workers."""
    return WorkerFacts(**{name: row[name] for name in WorkerFacts.__dataclass_fields__})


def recorded_event(worker_id: UUID, facts: WorkerFacts) -> WorkerRecordedV1:
    """What others may know of a worker."""
    return WorkerRecordedV1(
        worker_id=worker_id,
        org_unit_id=facts.org_unit_id,
        line_manager_id=facts.line_manager_id,
        job_role=facts.job_role,
        career_stage=cast("CareerStage", facts.career_stage),
        newly_qualified=facts.newly_qualified,
        is_social_worker=facts.is_social_worker,
        has_registration_number=facts.registration_number is not None,
        is_agency=facts.is_agency,
        contracted_hours=facts.contracted_hours,
        employment_started_on=facts.employment_started_on,
        employment_ended_on=facts.employment_ended_on,
        monitored_from=facts.monitored_on,
    )


async def _save_one(tx: Tx, worker: Standing) -> None:
    try:
        await save_workers(tx, [worker])
        await tx.settle()
    except UniqueViolation as taken:
        raise Conflict(
            "employee-ref-taken",
            f"The employer has a worker with the reference {worker.facts.employee_ref!r} already. "
            "Change that worker, or choose another reference.",
            field="employee_ref",
        ) from taken


async def _check_place(tx: Tx, row: Row, before: WorkerFacts, after: WorkerFacts) -> None:
    if after.org_unit_id != before.org_unit_id:
        employer = await employer_of_unit(tx, after.org_unit_id)
        if employer != row["employer_id"]:
            refuse([Finding("org_unit_id", "belongs to another employer; end this employment and record a new worker")])
    if after.line_manager_id != before.line_manager_id:
        refuse(await _manager_findings(tx, row["worker_id"], row["employer_id"], after.line_manager_id))


async def _manager_findings(
    tx: Tx, worker_id: UUID | None, employer_id: UUID, manager_id: UUID | None
) -> list[Finding]:
    if manager_id is None:
        return []
    manager = await tx.fetch_one(_MANAGER, {"manager": manager_id})
    if manager is None or manager["employer_id"] != employer_id:
        problem = f"{manager_id} is not a worker of this employer; record the manager first or correct the id"
        return [Finding("line_manager_id", problem)]
    if manager["employment_ended_on"] is not None and manager["employment_ended_on"] < tx.today:
        return [Finding("line_manager_id", "has left; name the manager who took over")]
    if worker_id is None:
        return []
    line = await tx.fetch_all(_LINE_ABOVE, {"manager": manager_id})
    above = {step["worker_id"]: step["line_manager_id"] for step in line}
    return kept((manager_finding(worker_id, above, manager_id),))
