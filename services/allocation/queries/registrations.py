"""What registration has told of workers, and which cases have to find someone else because of it (clause 7.1)."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx

_MARKED: LiteralString = "select marked from case_marks where case_key = %(case_key)s"
_CONDITIONS: LiteralString = "select conditions from registrations where worker_id = %(worker)s"
_TO_REALLOCATE: LiteralString = """
select c.source, c.reference, c.case_type, c.complexity, c.org_unit_id, c.priority, c.worker_id, a.allocated_on
from registrations r
join workers w on w.worker_id = r.worker_id and w.is_social_worker
join allocations a on a.worker_id = r.worker_id and a.ended_on is null
join cases c using (case_id)
left join directory_units u on u.org_unit_id = c.org_unit_id
where r.refused
  and (%(unit)s::uuid is null or c.org_unit_id = %(unit)s or %(unit)s = any(u.path))
  and (%(bound)s::uuid is null or c.org_unit_id = %(bound)s or %(bound)s = any(u.path))
order by array_position(array['urgent', 'high', 'medium', 'low'], c.priority), a.allocated_on, c.source, c.reference
"""


async def list_notes_on(tx: Tx, worker_id: UUID, case_key: str) -> list[str]:
    """Codes of what a manager should read elsewhere before giving a worker a case."""
    notes = ["registration-conditions"] if await tx.fetch_value(_CONDITIONS, {"worker": worker_id}) else []
    return [*notes, "safety-incident"] if await tx.fetch_value(_MARKED, {"case_key": case_key}) else notes


async def list_cases_to_reallocate(tx: Tx, unit: UUID | None, bound: UUID | None) -> list[dict[str, Any]]:
    """Open cases held by social workers whom registration does not allow to hold any, most urgent first."""
    return await tx.fetch_all(_TO_REALLOCATE, {"unit": unit, "bound": bound})
