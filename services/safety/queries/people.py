"""Who stands where: the line above a person, the units around one, and who answers for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.permissions import Caller
from chassis.problems import Forbidden, NotFound, RuleBroken
from services.safety.rules.concerns import Answerable

_LINE: LiteralString = """
with recursive line as (
    select worker_id, line_manager_id from directory_workers where worker_id = %(worker)s
    union
    select w.worker_id, w.line_manager_id from directory_workers w join line on w.worker_id = line.line_manager_id
)
select worker_id from line
"""
_BELOW: LiteralString = """
with recursive below as (
    select worker_id from directory_workers where worker_id = %(worker)s
    union
    select w.worker_id from directory_workers w join below on w.line_manager_id = below.worker_id
)
select worker_id from below
"""
_UNIT_OF: LiteralString = """
select org_unit_id from directory_workers where worker_id = %(worker)s and (left_on is null or left_on >= %(today)s)
"""
_PATH: LiteralString = "select path from directory_units where org_unit_id = %(unit)s"
# An accountable person who has left answers for nothing.
_ANSWERABLE: LiteralString = """
select step.org_unit_id, a.worker_id from directory_units u,
    unnest(u.path) with ordinality as step (org_unit_id, place),
    lateral (select worker_id from directory_accountable d where d.org_unit_id = step.org_unit_id and d.from_on <= %(day)s
             order by d.from_on desc limit 1) a
    left join directory_workers w on w.worker_id = a.worker_id
where u.org_unit_id = %(unit)s and (w.left_on is null or w.left_on >= %(day)s) order by step.place desc
"""


async def list_line(tx: Tx, worker_id: UUID | None) -> list[UUID]:
    """A worker and everyone above, nearest first."""
    rows = await tx.fetch_all(_LINE, {"worker": worker_id}) if worker_id else []
    found = [row["worker_id"] for row in rows]
    return found or ([worker_id] if worker_id else [])


async def list_below(tx: Tx, worker_id: UUID | None) -> list[UUID]:
    """A worker and everyone who reports to them, however indirectly."""
    rows = await tx.fetch_all(_BELOW, {"worker": worker_id}) if worker_id else []
    return [worker_id, *(row["worker_id"] for row in rows)] if worker_id else []


async def get_unit_of(tx: Tx, worker_id: UUID) -> UUID:
    """The unit in which a worker works now."""
    unit: UUID | None = await tx.fetch_value(_UNIT_OF, {"worker": worker_id, "today": tx.today})
    if unit is None:
        raise NotFound("worker-not-known", "No worker at work here has this id, or safety has not heard of them yet.")
    return unit


async def get_path(tx: Tx, unit: UUID) -> Sequence[UUID]:
    """The units from the root to a unit."""
    path: Sequence[UUID] | None = await tx.fetch_value(_PATH, {"unit": unit})
    if path is None:
        raise RuleBroken(
            "no-such-org-unit", "No org unit has this id. Ask for the link of your team.", field="org_unit_id"
        )
    return path


async def list_answerable(tx: Tx, unit: UUID, day: date) -> list[Answerable]:
    """Who answers for a unit and for those above it, nearest first."""
    rows = await tx.fetch_all(_ANSWERABLE, {"unit": unit, "day": day})
    return [Answerable(row["worker_id"], row["org_unit_id"]) for row in rows]


def person_of(caller: Caller) -> UUID:
    """The worker who calls; Forbidden when the token names none."""
    if caller.worker_id is None:
        raise Forbidden("token-not-usable", "This is done by a person, and the token names no worker_id.")
    return caller.worker_id
