"""Cases as they stand: one by its reference, those of a worker, those that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound
from services.allocation.rules.load import Cases

_ONE: LiteralString = """
select c.*, a.allocation_id, a.allocated_on from cases c
left join allocations a on a.case_id = c.case_id and a.ended_on is null
where c.source = %(source)s and c.reference = %(reference)s
"""
# Locking and reading are two statements: what a lock waited for would show only half in one that joins.
_LOCK: LiteralString = """
select case_id from cases where source = %(source)s and reference = %(reference)s for no key update
"""
_UNIT: LiteralString = "select org_unit_id from cases where source = %(source)s and reference = %(reference)s"
_NAMED: LiteralString = """
select c.source, c.reference, c.case_type, c.complexity, c.org_unit_id, c.priority, c.received_on, c.skills, c.modifiers,
       coalesce(%(bound)s = any(u.path), %(bound)s::uuid is null) as within_reach
from cases c join unnest(%(sources)s::text[], %(references)s::text[]) as g (source, reference) using (source, reference)
left join directory_units u using (org_unit_id)
"""
_OF_WORKER: LiteralString = """
select c.*, a.allocation_id, a.allocated_on from allocations a join cases c using (case_id)
where a.worker_id = %(worker)s and a.ended_on is null order by a.allocated_on, c.source, c.reference
"""
_HISTORY: LiteralString = """
select a.*, n.words as reason, o.words as override_reason from allocations a
left join notes n on n.about_id = a.allocation_id and n.kind = 'reason'
left join notes o on o.about_id = a.allocation_id and o.kind = 'override_reason'
where a.case_id = %(case)s order by a.allocation_id
"""
# A unit and all below it; itself also where the directory does not know it yet. An array, so that an index finds its rows.
_BELOW: LiteralString = """any(array(
    select org_unit_id from directory_units where path @> array[%(unit)s]::uuid[] union select %(unit)s::uuid))"""
_BELOW_BOUND: LiteralString = """any(array(
    select org_unit_id from directory_units where path @> array[%(bound)s]::uuid[] union select %(bound)s::uuid))"""
# Most urgent first, within one priority oldest first; the case's id settles the rest, so that a cursor is exact.
_WAITING: LiteralString = f"""
select * from (
    select c.*, array_position(array['urgent', 'high', 'medium', 'low'], c.priority) as urgency from cases c
    where c.worker_id is null and c.closed_on is null
      and (%(unit)s::uuid is null or c.org_unit_id = {_BELOW})
      and (%(bound)s::uuid is null or c.org_unit_id = {_BELOW_BOUND})
) waiting
where %(urgency)s::int is null or (urgency, received_on, case_id) > (%(urgency)s, %(received_on)s::date, %(case_id)s::uuid)
order by urgency, received_on, case_id limit %(limit)s
"""
_COUNT_WAITING: LiteralString = f"""
select count(*) from cases c where c.worker_id is null and c.closed_on is null and c.org_unit_id = {_BELOW}
"""
_COUNT_WAITED: LiteralString = """
select count(*) from cases c left join directory_units u using (org_unit_id)
where c.received_on <= %(on)s and coalesce(c.closed_on > %(on)s, true)
  and (c.org_unit_id = %(unit)s or %(unit)s = any(u.path))
  and not exists (select from allocations a where a.case_id = c.case_id and a.allocated_on <= %(on)s
                  and coalesce(a.ended_on > %(on)s, true))
"""


@dataclass(frozen=True, slots=True)
class CaseName:
    """How the case-recording system names a case."""

    source: str
    reference: str

    def __str__(self) -> str:
        return f"{self.source} {self.reference}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of waiting cases goes on: after a case with this urgency, day and id."""

    urgency: int
    received_on: date
    case_id: UUID


async def get_case(tx: Tx, name: CaseName) -> dict[str, Any]:
    """One case with its open allocation, if any."""
    return _found(name, await tx.fetch_one(_ONE, {"source": name.source, "reference": name.reference}))


async def lock_case(tx: Tx, name: CaseName) -> dict[str, Any]:
    """One case, held until the transaction ends."""
    _found(name, await tx.fetch_one(_LOCK, {"source": name.source, "reference": name.reference}))
    return await get_case(tx, name)


async def list_named_cases(tx: Tx, names: Sequence[tuple[str, str]], bound: UUID | None) -> list[dict[str, Any]]:
    """What is known of those of many cases that are known at all, and whether they lie within a bound."""
    sources, references = zip(*names, strict=True) if names else ((), ())
    return await tx.fetch_all(_NAMED, {"sources": list(sources), "references": list(references), "bound": bound})


async def unit_of_case(tx: Tx, name: CaseName) -> UUID | None:
    """The unit that a case belongs to; None for a case that is not known."""
    unit: UUID | None = await tx.fetch_value(_UNIT, {"source": name.source, "reference": name.reference})
    return unit


def _found(name: CaseName, row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        raise NotFound("case-not-known", f"No case {name}. Send it with PUT first.")
    return row


def weighed(row: dict[str, Any]) -> Cases:
    """A case row as the rule's value, named by source and reference."""
    name = f"{row['source']} {row['reference']}"
    return Cases(row["case_type"], row["complexity"], tuple(row["modifiers"]), name=name)


async def list_cases_of_worker(tx: Tx, worker_id: UUID) -> list[dict[str, Any]]:
    """The cases that a worker holds, longest held first."""
    return await tx.fetch_all(_OF_WORKER, {"worker": worker_id})


async def list_allocations_of_case(tx: Tx, case_id: UUID) -> list[dict[str, Any]]:
    """Who held a case, from the first to the last."""
    return await tx.fetch_all(_HISTORY, {"case": case_id})


async def list_waiting_cases(
    tx: Tx, org_unit_id: UUID | None, bound: UUID | None, after: Place | None, limit: int
) -> Sequence[dict[str, Any]]:
    """Cases without a worker in a unit and below, most urgent first and the oldest of them first."""
    at: dict[str, Any] = {"urgency": None, "received_on": None, "case_id": None}
    if after is not None:
        at = {"urgency": after.urgency, "received_on": after.received_on, "case_id": after.case_id}
    return await tx.fetch_all(_WAITING, {"unit": org_unit_id, "bound": bound, "limit": limit, **at})


async def count_waiting_cases(tx: Tx, org_unit_id: UUID, on: date) -> int:
    """How many cases of a unit and below have no worker on a day."""
    sql = _COUNT_WAITING if on >= tx.today else _COUNT_WAITED
    return int(await tx.fetch_value(sql, {"unit": org_unit_id, "on": on}))
