"""The policy in force, and the policies it comes from."""

from __future__ import annotations

from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound
from services.supervision.queries.records import POLICY_COLUMNS
from services.supervision.rules.policy import Policy, UnitPolicy, in_force

_PATH: LiteralString = "select path from directory_units where org_unit_id = %(unit)s"
_POLICIES: LiteralString = f"""
select org_unit_id, effective_from, {POLICY_COLUMNS} from policies
where org_unit_id = any(%(path)s) order by effective_from, org_unit_id
"""


async def get_policy(tx: Tx, org_unit_id: UUID, day: date) -> tuple[Policy, list[UnitPolicy]]:
    """What binds an org unit on a day, and every policy of the unit and of those above it."""
    path = await tx.fetch_value(_PATH, {"unit": org_unit_id})
    if path is None:
        raise NotFound("no-such-org-unit", "No org unit has this id, or supervision has not heard of it yet.")
    rows = await tx.fetch_all(_POLICIES, {"path": path})
    policies = [UnitPolicy(row.pop("org_unit_id"), row.pop("effective_from"), Policy(**row)) for row in rows]
    return in_force(path, policies, day), policies
