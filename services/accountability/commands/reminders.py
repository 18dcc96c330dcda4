"""Keeps whom to remind of an unfinished renewal of registration: each reminder once, and none that has grown old (clause 7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from services.accountability.arrays import plain, texts
from services.accountability.rules.facts import Fact
from services.accountability.rules.notices import GIVE_UP_AFTER, pause_before

REMINDED = "registration.renewal.reminded.v1"

# A reminder is told like an alert: what it is about is the event of the log that reminds.
_ENQUEUE: LiteralString = """
insert into notifications (notification_id, alert_id, level, recipient_id, status, attempts, created_at, next_attempt_at,
                           last_problem)
select *, 'pending', 0, %(now)s, %(now)s, ''
from unnest(%(ids)s::uuid[], %(events)s::uuid[], %(levels)s::text[], %(recipients)s::uuid[])
on conflict (alert_id, level, recipient_id) do nothing
"""
# "Fourteen days are left" is not said three days later.
_DROP: LiteralString = """
update notifications n set status = 'dropped', finished_at = %(now)s from log l
where n.status = 'pending' and l.event_id = n.alert_id and l.type = %(type)s and n.created_at < %(now)s - %(too_old)s
"""
_NEXT: LiteralString = """
select n.notification_id, n.recipient_id, n.attempts, n.alert_id, l.data::jsonb as data
from notifications n join log l on l.event_id = n.alert_id
where n.status = 'pending' and l.type = %(type)s and n.next_attempt_at <= %(now)s
order by n.next_attempt_at, n.notification_id limit 1 for update of n skip locked
"""
_CLAIM: LiteralString = """
update notifications set attempts = attempts + 1, next_attempt_at = %(now)s + %(pause)s where notification_id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder whose turn has come."""

    notification_id: UUID
    recipient_id: UUID
    worker_id: str
    recipient: str
    days_before: int
    missing: tuple[str, ...]
    about_id: UUID


async def enqueue_reminders(tx: Tx, facts: Sequence[Fact]) -> None:
    """Let those be reminded whom ``facts`` name."""
    reminding = [fact for fact in facts if fact.type == REMINDED]
    if reminding and not tx.silent:
        await tx.execute(
            _ENQUEUE,
            {
                "now": tx.now,
                "ids": plain([new_id() for _ in reminding]),
                "events": texts([fact.event_id for fact in reminding]),
                "levels": texts([fact.data["recipient"] for fact in reminding]),
                "recipients": texts([fact.data["recipient_id"] for fact in reminding]),
            },
        )


async def claim_next_reminder(tx: Tx) -> Reminder | None:
    """The next reminder to send, put off until after a pause in case this attempt is never heard of again."""
    about = {"now": tx.now, "type": REMINDED}
    await tx.execute(_DROP, {**about, "too_old": GIVE_UP_AFTER})
    row = await tx.fetch_one(_NEXT, about)
    if row is None:
        return None
    await tx.execute(_CLAIM, {"id": row["notification_id"], "now": tx.now, "pause": pause_before(row["attempts"] + 1)})
    data = row["data"]
    return Reminder(
        row["notification_id"],
        row["recipient_id"],
        data["worker_id"],
        data["recipient"],
        data["days_before"],
        tuple(data["missing"]),
        row["alert_id"],
    )
