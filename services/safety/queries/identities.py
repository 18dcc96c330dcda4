"""What the guardian sees: who asks for identities, what was decided, and who looked."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller, outside_reach
from services.safety.queries.people import person_of

_REQUESTS: LiteralString = """
select r.*, a.words as reason, d.words as decision from identity_requests r join concerns c using (concern_id)
join directory_units u on u.org_unit_id = c.org_unit_id
left join notes a on a.about_id = r.request_id and a.kind = 'reason'
left join notes d on d.about_id = r.request_id and d.kind = 'decision'
where (%(limit)s::uuid is null or %(limit)s = any(u.path)) and (%(asker)s::uuid is null or r.asked_by_id = %(asker)s)
order by r.request_id
"""
_LOOKS: LiteralString = "select * from identity_looks where concern_id = %(concern)s order by look_id"
_UNIT: LiteralString = """
select c.org_unit_id from identity_requests r join concerns c using (concern_id) where r.request_id = %(request)s
"""


async def list_requests(tx: Tx, caller: Caller) -> list[Row]:
    """Every request in the guardian's reach; for others, their own."""
    limit = await caller.bound(tx)
    asker = None if "concerns_guardian" in caller.roles else person_of(caller)
    return await tx.fetch_all(_REQUESTS, {"limit": limit, "asker": asker})


async def reach_request(tx: Tx, caller: Caller, request: UUID) -> None:
    """Make sure that a request lies within the guardian's reach."""
    caller.nothing_to_reach()
    unit = await tx.fetch_value(_UNIT, {"request": request})
    if unit is None:
        raise outside_reach()
    await caller.reach_unit(tx, unit)


async def list_looks(tx: Tx, concern: UUID) -> list[Row]:
    """Everyone who looked, and when."""
    return await tx.fetch_all(_LOOKS, {"concern": concern})
