"""Workers as those who may see them see them; the only place from which names leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.problems import NotFound

_WORKER: LiteralString = """
select w.worker_id, w.name, w.employee_ref, w.email, w.org_unit_id, w.line_manager_id, w.job_role, w.career_stage,
    w.newly_qualified, w.is_social_worker, w.registration_number, w.is_agency, w.contracted_hours,
    w.employment_started_on, w.employment_ended_on, w.employer_id, w.version,
    greatest(w.employment_started_on, coalesce(w.monitored_from, w.employment_started_on)) as monitored_from
from workers w
"""
_ONE: LiteralString = _WORKER + "where w.worker_id = %(worker)s"
_LIST: LiteralString = (
    _WORKER
    + """
join directory_units u using (org_unit_id)
where (%(everyone)s or u.path @> array[%(limit_to)s::uuid] or w.worker_id = %(self)s
       or (%(reports)s and w.line_manager_id = %(self)s))
  and (%(unit)s::uuid is null or u.path @> array[%(unit)s::uuid])
  and (%(employee_ref)s::text is null or w.employee_ref = %(employee_ref)s)
  and (%(left_too)s or w.employment_ended_on is null or w.employment_ended_on >= %(today)s)
  and (%(after)s::uuid is null or w.worker_id > %(after)s)
order by w.worker_id limit %(limit)s
"""
)
_CONTACT: LiteralString = "select name, email, registration_number from workers where worker_id = %(worker)s"
_EMPLOYED: LiteralString = """
select worker_id, org_unit_id from workers
where employee_ref = %(employee_ref)s and (employment_ended_on is null or employment_ended_on >= %(today)s) limit 2
"""
_ABSENCES: LiteralString = """
select a.absence_id, a.worker_id, a.from_on, a.to_on, a.kind, a.version, n.text as reason
from absences a left join notes n on n.about_id = a.absence_id
where a.worker_id = %(worker)s and (%(since)s::date is null or a.to_on >= %(since)s)
order by a.from_on desc, a.absence_id
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a caller may see: everyone, a unit and below, themselves, and those they manage."""

    everyone: bool
    limit_to: UUID | None
    self: UUID | None
    reports: bool


def worker_not_known(worker_id: UUID) -> NotFound:
    """The answer for an id that no worker has."""
    return NotFound("worker-not-known", f"No worker has the id {worker_id}. List the workers to find it.")


async def get_worker(tx: Tx, worker_id: UUID) -> Row:
    """The whole record of one worker."""
    row = await tx.fetch_one(_ONE, {"worker": worker_id})
    if row is None:
        raise worker_not_known(worker_id)
    return row


async def get_employed(tx: Tx, employee_ref: str) -> Row:
    """The one worker who is employed today under a reference; no guess is made when two employers use the same."""
    rows = await tx.fetch_all(_EMPLOYED, {"employee_ref": employee_ref, "today": tx.today})
    if len(rows) != 1:
        raise NotFound("employee-not-known", "Not exactly one person who is employed today has this reference.")
    return rows[0]


async def list_workers(tx: Tx, reach: Reach, limit: int, **filters: Any) -> list[Row]:
    """Workers within reach in the order in which they were recorded; at most one more than ``limit``.

    ``filters``: unit (and everything below it), employee_ref, left_too, after (an id).
    """
    values = {
        "everyone": reach.everyone,
        "limit_to": reach.limit_to,
        "self": reach.self,
        "reports": reach.reports,
        "today": tx.today,
        "limit": limit + 1,
        **filters,
    }
    return await tx.fetch_all(_LIST, values)


async def get_contact(tx: Tx, worker_id: UUID) -> Row:
    """Name, address and registration number of a worker, for the service that needs them at this moment."""
    row = await tx.fetch_one(_CONTACT, {"worker": worker_id})
    if row is None:
        raise worker_not_known(worker_id)
    return row


async def list_absences(tx: Tx, worker_id: UUID, since: Any = None) -> list[Row]:
    """A worker's absences, latest first, with the reasons that were not erased."""
    return await tx.fetch_all(_ABSENCES, {"worker": worker_id, "since": since})
