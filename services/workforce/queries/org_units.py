"""The org tree with its names and the people accountable for each unit."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.problems import NotFound

_UNIT: LiteralString = """
select o.org_unit_id, o.parent_id, o.kind, o.name, o.version, cardinality(d.path) - 1 as depth, d.path,
    (select a.worker_id from accountable_people a
     where a.org_unit_id = o.org_unit_id and a.from_on <= %(today)s order by a.from_on desc limit 1)
    as accountable_worker_id
from org_units o join directory_units d using (org_unit_id)
"""
_ONE: LiteralString = _UNIT + "where o.org_unit_id = %(unit)s"
_TREE: LiteralString = (
    _UNIT
    + """
where (%(under)s::uuid is null or d.path @> array[%(under)s::uuid])
  and (%(limit_to)s::uuid is null or d.path @> array[%(limit_to)s::uuid])
  and (%(after)s::uuid is null or d.path > (select path from directory_units where org_unit_id = %(after)s))
order by d.path limit %(limit)s
"""
)
_ACCOUNTABLE: LiteralString = """
select worker_id, from_on,
    (lead(from_on) over (order by from_on) - 1) as to_on
from accountable_people where org_unit_id = %(unit)s order by from_on
"""
_PATHS: LiteralString = """
select d.org_unit_id, array_agg(o.org_unit_id order by step.place) as ids,
    array_agg(o.name order by step.place) as names, array_agg(o.kind order by step.place) as kinds
from directory_units d
cross join lateral unnest(d.path) with ordinality as step (org_unit_id, place)
join org_units o on o.org_unit_id = step.org_unit_id
where (%(limit_to)s::uuid is null or d.path @> array[%(limit_to)s::uuid])
  and (%(unit)s::uuid is null or d.org_unit_id = %(unit)s)
group by d.org_unit_id
"""


def unit_not_known(org_unit_id: UUID) -> NotFound:
    """The answer for an id that no unit has."""
    return NotFound("org-unit-not-known", f"No org unit has the id {org_unit_id}. List the units to find it.")


async def get_unit(tx: Tx, org_unit_id: UUID) -> Row:
    """One unit with its depth in the tree and who is accountable today."""
    row = await tx.fetch_one(_ONE, {"unit": org_unit_id, "today": tx.today})
    if row is None:
        raise unit_not_known(org_unit_id)
    return row


async def list_units(tx: Tx, under: UUID | None, limit_to: UUID | None, after: UUID | None, limit: int) -> list[Row]:
    """Units in the order of the tree, parents before children; at most one more than ``limit``."""
    values = {"under": under, "limit_to": limit_to, "after": after, "limit": limit + 1, "today": tx.today}
    return await tx.fetch_all(_TREE, values)


async def list_accountable(tx: Tx, org_unit_id: UUID) -> list[Row]:
    """Everyone accountable for a unit, with dates; the last has no end."""
    return await tx.fetch_all(_ACCOUNTABLE, {"unit": org_unit_id})


async def list_paths(tx: Tx, limit_to: UUID | None, unit: UUID | None = None) -> list[dict[str, Any]]:
    """Units with the ids, names and kinds from the top of the tree down to each."""
    return await tx.fetch_all(_PATHS, {"limit_to": limit_to, "unit": unit})
