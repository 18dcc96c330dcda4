"""Who stands where: units, those below them, and who calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import RuleBroken

_BELOW: LiteralString = """
select org_unit_id from directory_units where org_unit_id = any(%(units)s::uuid[]) and %(unit)s = any(path)
"""
_KNOWN: LiteralString = "select 1 from directory_units where org_unit_id = %(unit)s"
_AT_WORK: LiteralString = """
select org_unit_id from directory_workers where worker_id = %(worker)s and (left_on is null or left_on >= %(today)s)
"""


async def check_units(tx: Tx, unit: UUID, units: Sequence[UUID]) -> None:
    """Make sure that a unit is known, and that the others lie in it."""
    if await tx.fetch_value(_KNOWN, {"unit": unit}) is None:
        raise RuleBroken("no-such-org-unit", "No org unit has this id.", field="org_unit_id")
    below = {row["org_unit_id"] for row in await tx.fetch_all(_BELOW, {"unit": unit, "units": list(units)})}
    if set(units) - below:
        raise RuleBroken("not-in-org-unit", "Name teams of the org unit that asks, or the unit itself.", field="units")


async def check_at_work(tx: Tx, worker: UUID, field: str) -> None:
    """Make sure that somebody works here now."""
    if await tx.fetch_value(_AT_WORK, {"worker": worker, "today": tx.today}) is None:
        raise RuleBroken("no-such-worker", "No worker at work here has this id.", field=field)
