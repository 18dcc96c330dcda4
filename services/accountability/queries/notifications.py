"""Notifications as a list, so that those that could not be delivered are seen."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.accountability.queries.reach import Reach

_LIST: LiteralString = """
select n.notification_id, n.alert_id, n.level, n.recipient_id, n.status, n.attempts, n.finished_at, n.last_problem
from notifications n join alerts a using (alert_id) left join directory_units u on u.org_unit_id = a.org_unit_id
where (%(everything)s or u.path @> array[%(reach_unit)s]::uuid[])
  and (%(status)s::text is null or n.status = %(status)s)
  and (%(after)s::uuid is null or n.notification_id < %(after)s)
order by n.notification_id desc limit %(limit)s
"""


# What was published about an alert a moment ago may not be in the log yet; a reminder is told of by its own event.
_TRACE: LiteralString = """
select coalesce(
    (select traceparent from log where subject = %(about)s::text and type ^@ 'accountability.alert.'
        order by position desc limit 1),
    (select attributes::json->>'ce_traceparent' from outbox where key = %(about)s::text order by id desc limit 1),
    (select traceparent from log where event_id = %(about)s), '')
"""


async def get_traceparent(tx: Tx, about: UUID) -> str:
    """The trace in which an alert last changed, or a reminder was made; empty when it is not known."""
    return str(await tx.fetch_value(_TRACE, {"about": about}))


async def list_notifications(tx: Tx, reach: Reach, status: str | None, after: UUID | None, limit: int) -> list[Row]:
    """Notifications within reach, the newest first."""
    return await tx.fetch_all(_LIST, {**reach.params, "status": status, "after": after, "limit": limit})
