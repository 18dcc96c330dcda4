"""Lists that were put to a register, and the answers that came back."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.problems import NotFound

_LIST: LiteralString = "select * from check_lists where list_id = %(list)s"
_CHECK: LiteralString = """
select c.*, l.org_unit_id, l.source, cardinality(l.numbers) as asked from checks c join check_lists l using (list_id)
where c.check_id = %(check)s
"""


async def get_check_list(tx: Tx, list_id: UUID) -> Row:
    """One list of numbers; NotFound for an unknown one."""
    row = await tx.fetch_one(_LIST, {"list": list_id})
    if row is None:
        raise NotFound("list-not-known", "No list has this id. Make the lists of a unit first.")
    return row


async def get_check(tx: Tx, check_id: UUID) -> Row:
    """What became of one answer; NotFound for an unknown one."""
    row = await tx.fetch_one(_CHECK, {"check": check_id})
    if row is None:
        raise NotFound("check-not-known", "No check has this id. It is in the answer to the file that was sent.")
    return row
