"""Questionnaires in their versions."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller, outside_reach

_ONE: LiteralString = "select * from questionnaires where questionnaire_id = %(id)s"
# What an authority asks may be asked by each of its parts: those of the units above are seen, too.
_LIST: LiteralString = """
select q.* from questionnaires q join directory_units u using (org_unit_id)
where %(limit)s::uuid is null or %(limit)s = any(u.path)
    or q.org_unit_id = any(array(select unnest(path) from directory_units where org_unit_id = %(limit)s))
order by q.key, q.version desc, q.questionnaire_id limit 500
"""


async def list_questionnaires(tx: Tx, caller: Caller) -> list[Row]:
    """The questionnaires that the caller may use."""
    return await tx.fetch_all(_LIST, {"limit": await caller.bound(tx)})


async def reach_questionnaire(tx: Tx, caller: Caller, questionnaire: UUID) -> Row:
    """A questionnaire that the caller may use."""
    found = [row for row in await list_questionnaires(tx, caller) if row["questionnaire_id"] == questionnaire]
    if not found:
        raise outside_reach()
    return found[0]


async def get_questionnaire(tx: Tx, questionnaire: UUID) -> Row:
    """A version of a questionnaire."""
    return await tx.fetch_one(_ONE, {"id": questionnaire}) or {}
