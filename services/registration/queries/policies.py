"""The policy in force, for a unit or for many workers at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound
from services.registration.rules.policy import Policy, UnitPolicy, in_force

_PATH: LiteralString = "select path from directory_units where org_unit_id = %(unit)s"
_OF_UNITS: LiteralString = """
select org_unit_id, effective_from, lag_days, reminder_days, manager_from_days, at_risk_days from policies
where org_unit_id = any(%(units)s) order by effective_from, org_unit_id
"""


async def list_policies(tx: Tx, units: Collection[UUID]) -> list[UnitPolicy]:
    """Every policy that one of the units set for itself."""
    rows = await tx.fetch_all(_OF_UNITS, {"units": list(units)})
    return [
        UnitPolicy(
            row["org_unit_id"],
            row["effective_from"],
            Policy(row["lag_days"], tuple(row["reminder_days"]), row["manager_from_days"], row["at_risk_days"]),
        )
        for row in rows
    ]


async def get_path(tx: Tx, unit: UUID) -> Sequence[UUID]:
    """The units from the root to a unit; NotFound for one that is not known here."""
    path: Sequence[UUID] | None = await tx.fetch_value(_PATH, {"unit": unit})
    if path is None:
        raise NotFound("no-such-org-unit", "No org unit has this id, or registration has not heard of it yet.")
    return path


async def get_policy(tx: Tx, unit: UUID, day: date) -> tuple[Policy, list[UnitPolicy]]:
    """What binds a unit on a day, and every policy that it may come from."""
    path = await get_path(tx, unit)
    policies = await list_policies(tx, path)
    return in_force(path, policies, day), policies
