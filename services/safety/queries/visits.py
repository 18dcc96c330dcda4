"""Lone visits and what is known of addresses."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import OWN, Caller, outside_reach
from services.safety.queries.people import person_of
from services.safety.rules.visits import plain

_ONE: LiteralString = "select * from visits where visit_id = %(visit)s for update"
_ADDRESS: LiteralString = "select address from addresses where about_id = %(about)s"
_LIST: LiteralString = """
select v.* from visits v join directory_units u using (org_unit_id)
where (%(own)s::uuid is null or v.worker_id = %(own)s or %(own)s = any(v.chain))
    and (%(limit)s::uuid is null or %(limit)s = any(u.path)) and (%(state)s::text is null or v.state = %(state)s)
order by v.expected_back_at desc, v.visit_id limit 500
"""
_MARKERS_AT: LiteralString = """
select m.* from address_markers m join addresses a on a.about_id = m.marker_id
join directory_units u on u.org_unit_id = m.org_unit_id
where a.plain = %(plain)s and m.ended_on is null and (%(root)s::uuid is null or u.path[1] = %(root)s)
order by m.marker_id
"""
_ROOT: LiteralString = "select path[1] from directory_units where org_unit_id = %(unit)s"
_MARKERS: LiteralString = """
select m.*, a.address, n.words from address_markers m join directory_units u using (org_unit_id)
left join addresses a on a.about_id = m.marker_id left join notes n on n.about_id = m.marker_id and n.kind = 'marker'
where %(unit)s = any(u.path) and m.ended_on is null order by m.review_on, m.marker_id
"""
_MARKER: LiteralString = "select * from address_markers where marker_id = %(marker)s and ended_on is null for update"


async def reach_visit(tx: Tx, caller: Caller, visit: UUID) -> Row:
    """A visit that the caller makes, is a contact of, or answers for."""
    row = await tx.fetch_one(_ONE, {"visit": visit})
    if row is None:
        caller.nothing_to_reach()
        raise outside_reach()
    if caller.worker_id is not None and caller.worker_id in (row["worker_id"], *row["chain"]):
        caller.nothing_to_reach()
    else:
        await caller.reach_worker(tx, row["worker_id"])
    return row


async def get_address(tx: Tx, about: UUID) -> str | None:
    """The address of a visit or a marker, until it is erased."""
    found: str | None = await tx.fetch_value(_ADDRESS, {"about": about})
    return found


async def list_visits(tx: Tx, caller: Caller, state: str | None) -> list[Row]:
    """The visits of a unit and below; for a worker, their own and those they are a contact of."""
    own = person_of(caller) if caller.scope is OWN else None
    if own is not None:
        caller.nothing_to_reach()
    limit = None if own else await caller.bound(tx)
    return await tx.fetch_all(_LIST, {"own": own, "limit": limit, "state": state})


async def list_markers_at(tx: Tx, address: str, unit: UUID | None) -> list[Row]:
    """What is marked at an address within the authority of a unit."""
    root = await tx.fetch_value(_ROOT, {"unit": unit}) if unit else None
    return await tx.fetch_all(_MARKERS_AT, {"plain": plain(address), "root": root})


async def list_markers(tx: Tx, unit: UUID) -> list[Row]:
    """The markers of a unit and below, the one to review first at the top."""
    return await tx.fetch_all(_MARKERS, {"unit": unit})


async def reach_marker(tx: Tx, caller: Caller, marker: UUID) -> Row:
    """A marker in force within reach."""
    row = await tx.fetch_one(_MARKER, {"marker": marker})
    if row is None:
        caller.nothing_to_reach()
        raise outside_reach()
    await caller.reach_unit(tx, row["org_unit_id"])
    return row
