"""Incidents, the measures agreed after them, and where they gather."""

from __future__ import annotations

from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import OWN, Caller, outside_reach
from services.safety.queries.people import person_of

_ONE: LiteralString = "select * from incidents where incident_id = %(incident)s"
_LOCKED: LiteralString = "select * from incidents where incident_id = %(incident)s for update"
_LIST: LiteralString = """
select i.* from incidents i join directory_units u using (org_unit_id)
where (%(own)s::uuid is null or i.worker_id = %(own)s) and (%(limit)s::uuid is null or %(limit)s = any(u.path))
    and (%(under)s::uuid is null or %(under)s = any(u.path)) and (%(open)s = false or i.closed_on is null)
order by i.occurred_on desc, i.incident_id limit 500
"""
_MEASURES: LiteralString = """
select m.*, a.words, r.words as review from protective_measures m
left join notes a on a.about_id = m.measure_id and a.kind = 'measure'
left join notes r on r.about_id = m.measure_id and r.kind = 'review'
where m.incident_id = %(incident)s order by m.measure_id
"""
_OPEN_MEASURES: LiteralString = """
select count(*) from protective_measures where incident_id = %(incident)s and ended_on is null
"""
_CASE_OPEN: LiteralString = "select exists (select 1 from incidents where case_key = %(key)s and closed_on is null)"
_HOTSPOTS: LiteralString = """
select i.org_unit_id, i.place, count(*) as incidents, count(*) filter (where i.kind = any(%(violent)s)) as violent
from incidents i join directory_units u using (org_unit_id)
where %(unit)s = any(u.path) and i.occurred_on >= %(first)s and i.occurred_on < %(end)s
group by i.org_unit_id, i.place order by incidents desc, i.org_unit_id, i.place
"""


async def reach_incident(tx: Tx, caller: Caller, incident: UUID, *, locked: bool = False) -> Row:
    """An incident within the caller's reach: the worker's own, or of the unit."""
    row = await tx.fetch_one(_LOCKED if locked else _ONE, {"incident": incident})
    if row is None:
        caller.nothing_to_reach()
        raise outside_reach()
    if caller.scope is OWN:
        await caller.reach_worker(tx, row["worker_id"])
    else:
        await caller.reach_unit(tx, row["org_unit_id"])
    return row


async def list_incidents(tx: Tx, caller: Caller, under: UUID | None, *, open_only: bool) -> list[Row]:
    """Incidents of a unit and below, or of the worker who asks."""
    own = person_of(caller) if caller.scope is OWN else None
    if own is not None:
        caller.nothing_to_reach()
    limit = None if own else await caller.bound(tx)
    return await tx.fetch_all(_LIST, {"own": own, "limit": limit, "under": under, "open": open_only})


async def list_measures(tx: Tx, incident: UUID) -> list[Row]:
    """The measures agreed after an incident."""
    return await tx.fetch_all(_MEASURES, {"incident": incident})


async def count_open_measures(tx: Tx, incident: UUID) -> int:
    """How many measures of an incident are in force."""
    found: int = await tx.fetch_value(_OPEN_MEASURES, {"incident": incident})
    return found


async def is_case_open(tx: Tx, key: str) -> bool:
    """Whether an incident of a case is open."""
    return bool(await tx.fetch_value(_CASE_OPEN, {"key": key}))


async def list_hotspots(tx: Tx, unit: UUID, first: date, end: date, violent: list[str]) -> list[Row]:
    """Where incidents gather, by team and place, most first."""
    return await tx.fetch_all(_HOTSPOTS, {"unit": unit, "first": first, "end": end, "violent": violent})
