"""Entitlements, requests for time and money, and what a year of them comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.cpd.queries.workers import Known
from services.cpd.rules.assessed_year import protected_hours
from services.cpd.rules.entitlement import (
    Balance,
    Entitlement,
    Request,
    balance,
    granted,
    in_force,
    refused_in_a_row,
    weekly_hours,
)
from services.cpd.rules.learning import year_end_of, year_start_of

_ENTITLEMENTS: LiteralString = """
select org_unit_id, effective_from, hours_per_year, budget_per_year, job_role, career_stage, pro_rata, full_time_hours
from entitlements where org_unit_id = any(%(units)s)
"""
_SHOWN: LiteralString = """
select e.* from entitlements e
where e.org_unit_id = any((select path from directory_units where org_unit_id = %(unit)s)::uuid[])
order by e.effective_from desc, e.org_unit_id, e.job_role nulls last, e.career_stage nulls last
"""
_REQUESTS: LiteralString = """
select worker_id, status, hours, cost, cause, closed_at, for_on from time_requests where worker_id = any(%(workers)s)
"""
_PROTECTED: LiteralString = """
select worker_id, protected_pct from assessed_years where worker_id = any(%(workers)s) and status = 'active'
"""
_LIST: LiteralString = """
select r.*, coalesce((select jsonb_object_agg(about, text) from notes where about_id = r.request_id), '{}') as texts
from time_requests r
where (%(worker)s::uuid is null or r.worker_id = %(worker)s)
    and (%(unit)s::uuid is null or exists (
        select from directory_workers d join directory_units u using (org_unit_id)
        where d.worker_id = r.worker_id and %(unit)s = any(u.path)))
    and (%(status)s::text is null or r.status = %(status)s)
    and (%(after)s::uuid is null or r.request_id < %(after)s)
order by r.request_id desc limit %(limit)s
"""
_ONE: LiteralString = "select * from time_requests where request_id = %(request)s for update"


@dataclass(frozen=True, slots=True)
class Year:
    """A worker's year of development, exact."""

    year_end: date
    entitlement: Entitlement | None
    balance: Balance
    refused_in_a_row: int
    protected_hours_per_week: Fraction


async def read_time(tx: Tx, known: Collection[Known], day: date) -> dict[UUID, Year]:
    """The year of development that a day belongs to, of each of some workers; nothing is left of it after they left."""
    workers = [one.worker_id for one in known]
    units = list({unit for one in known for unit in one.person.path})
    entitlements = [Entitlement(**row) for row in await tx.fetch_all(_ENTITLEMENTS, {"units": units})]
    requests: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in await tx.fetch_all(_REQUESTS, {"workers": workers}):
        requests[row["worker_id"]].append(row)
    rows = await tx.fetch_all(_PROTECTED, {"workers": workers})
    protected = {row["worker_id"]: row["protected_pct"] for row in rows}
    return {
        one.worker_id: _year(one, entitlements, requests[one.worker_id], protected.get(one.worker_id), day)
        for one in known
    }


def _year(
    one: Known, entitlements: Sequence[Entitlement], rows: Sequence[Row], protected_pct: Decimal | None, day: date
) -> Year:
    year_end = year_end_of(day)
    holding = in_force(entitlements, one.person, day) if one.person.employed_on(day) else None
    given = granted(entitlements, one.person, year_start_of(year_end), year_end)
    of_year = [_request(row) for row in rows if year_end_of(row["for_on"]) == year_end]
    weekly = weekly_hours(holding, one.person)
    if protected_pct is not None and one.person.employed_on(day):
        weekly = max(weekly, protected_hours(one.person.contracted_hours, protected_pct))
    return Year(year_end, holding, balance(given, of_year), refused_in_a_row(map(_request, rows)), weekly)


def _request(row: Mapping[str, object]) -> Request:
    return Request(**{name: row[name] for name in Request.__slots__})  # type: ignore[arg-type] # columns of these types


async def list_entitlements(tx: Tx, org_unit_id: UUID) -> list[Row]:
    """What is granted in a unit: by itself and by the units above, the latest first."""
    return await tx.fetch_all(_SHOWN, {"unit": org_unit_id})


async def list_requests(
    tx: Tx, worker_id: UUID | None, org_unit_id: UUID | None, status: str | None, after: UUID | None, limit: int
) -> list[Row]:
    """Requests of a worker or a unit, the latest first."""
    asked = {"worker": worker_id, "unit": org_unit_id, "status": status, "after": after, "limit": limit}
    return await tx.fetch_all(_LIST, asked)


async def lock_request(tx: Tx, request_id: UUID) -> Row | None:
    """One request, locked."""
    return await tx.fetch_one(_ONE, {"request": request_id})
