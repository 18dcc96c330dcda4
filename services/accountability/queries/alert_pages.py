"""Alerts as people read them: lists within reach, and one alert with its history and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.accountability.queries.reach import Reach

# Whoever the alert is about, and whoever answers for it, may see it wherever they sit.
_WITHIN_REACH: LiteralString = """
(%(everything)s or u.path @> array[%(reach_unit)s]::uuid[] or a.accountable_worker_id = %(reach_worker)s
 or a.worker_id = %(reach_worker)s)
"""
# Each way of being within reach has an index of its own; joined by `or` they would have none, and every alert would be read.
_REACHED: LiteralString = """(
    select a.* from alerts a join directory_units u using (org_unit_id) where u.path @> array[%(reach_unit)s]::uuid[]
    union
    select * from alerts where accountable_worker_id = %(reach_worker)s
    union
    select * from alerts where worker_id = %(reach_worker)s
)"""
_CONDITIONS: LiteralString = """
where (%(status)s::text is null or a.status = %(status)s)
  and (%(kind)s::text is null or a.kind = %(kind)s)
  and (%(subject_id)s::text is null or a.subject_id = %(subject_id)s or a.worker_id::text = %(subject_id)s)
  and (%(org_unit_id)s::uuid is null
       or a.org_unit_id in (select org_unit_id from directory_units where path @> array[%(org_unit_id)s]::uuid[]))
  and (%(after_time)s::timestamptz is null or (a.raised_at, a.alert_id) < (%(after_time)s, %(after_id)s::uuid))
order by a.raised_at desc, a.alert_id desc limit %(limit)s
"""
_ALL: LiteralString = f"select a.* from alerts a {_CONDITIONS}"
_LIST: LiteralString = f"select a.* from {_REACHED} a {_CONDITIONS}"
_ONE: LiteralString = f"""
select a.* from alerts a left join directory_units u on u.org_unit_id = a.org_unit_id
where a.alert_id = %(alert_id)s and {_WITHIN_REACH}
"""
_HISTORY: LiteralString = """
select position, event_id, type, time, data from log
where subject = %(alert_id)s::text and type ^@ 'accountability.alert.' order by position
"""
_NOTES: LiteralString = """
select note_id, written_by, written_at, note from alert_notes where alert_id = %(alert_id)s order by written_at, note_id
"""
_TOLD: LiteralString = """
select notification_id, level, recipient_id, status, attempts, finished_at from notifications
where alert_id = %(alert_id)s order by created_at, notification_id
"""


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts a list is about; None asks for any."""

    status: str | None = None
    kind: str | None = None
    org_unit_id: UUID | None = None
    subject_id: str | None = None

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of the list's statement."""
        return {
            "status": self.status,
            "kind": self.kind,
            "org_unit_id": self.org_unit_id,
            "subject_id": self.subject_id,
        }


async def list_alerts(
    tx: Tx, reach: Reach, asked: AlertFilter, after: tuple[datetime, UUID] | None, limit: int
) -> list[Row]:
    """Alerts within reach, the newest first."""
    after_time, after_id = after or (None, None)
    page = {"after_time": after_time, "after_id": after_id, "limit": limit}
    return await tx.fetch_all(_ALL if reach.everything else _LIST, {**reach.params, **asked.params, **page})


async def get_alert(tx: Tx, reach: Reach, alert_id: UUID) -> Row | None:
    """One alert, None when there is none within reach."""
    return await tx.fetch_one(_ONE, {**reach.params, "alert_id": alert_id})


async def get_alert_story(tx: Tx, alert_id: UUID) -> Mapping[str, list[Row]]:
    """What became of an alert: its own events from the log, what people wrote, and who was told."""
    asked = {"alert_id": alert_id}
    return {
        "history": await tx.fetch_all(_HISTORY, asked),
        "notes": await tx.fetch_all(_NOTES, asked),
        "notifications": await tx.fetch_all(_TOLD, asked),
    }
