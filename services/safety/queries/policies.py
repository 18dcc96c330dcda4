"""The policy in force for a unit."""

from __future__ import annotations

from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from services.safety.queries.people import get_path
from services.safety.rules.policy import Policy, UnitPolicy, in_force

_OF_UNITS: LiteralString = """
select org_unit_id, effective_from, acknowledge_days, assess_days, answer_days, grace_minutes, ladder_minutes
from policies where org_unit_id = any(%(units)s)
"""
_NUMBERS = ("acknowledge_days", "assess_days", "answer_days", "grace_minutes", "ladder_minutes")


async def get_policy(tx: Tx, unit: UUID, day: date) -> Policy:
    """What binds a unit on a day."""
    path = await get_path(tx, unit)
    rows = await tx.fetch_all(_OF_UNITS, {"units": list(path)})
    set_by_units = [
        UnitPolicy(row["org_unit_id"], row["effective_from"], Policy(*(row[name] for name in _NUMBERS))) for row in rows
    ]
    return in_force(path, set_by_units, day)
