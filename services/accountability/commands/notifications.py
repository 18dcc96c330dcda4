"""Keeps who is to be told of which alert at which level: each once, tried until it works or is given up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from services.accountability.arrays import plain, texts
from services.accountability.rules.alerts import Alert
from services.accountability.rules.line import Level
from services.accountability.rules.notices import GIVE_UP_AFTER, pause_before

_ENQUEUE: LiteralString = """
insert into notifications (notification_id, alert_id, level, recipient_id, status, attempts, created_at, next_attempt_at,
                           last_problem)
select *, 'pending', 0, %(now)s, %(now)s, ''
from unnest(%(ids)s::uuid[], %(alerts)s::uuid[], %(levels)s::text[], %(recipients)s::uuid[])
on conflict (alert_id, level, recipient_id) do nothing
"""
# Nobody is told of what has cleared, was taken on, or lies with somebody else by now.
_DROP: LiteralString = """
update notifications n set status = 'dropped', finished_at = %(now)s from alerts a
where n.status = 'pending' and a.alert_id = n.alert_id
  and (a.status <> 'open' or a.accountable_worker_id is distinct from n.recipient_id)
"""
_NEXT: LiteralString = """
select n.notification_id, n.recipient_id, n.attempts, a.alert_id, a.kind, a.standard, a.clause, a.level, a.due_at
from notifications n join alerts a using (alert_id)
where n.status = 'pending' and n.next_attempt_at <= %(now)s
order by n.next_attempt_at, n.notification_id limit 1 for update of n skip locked
"""
_CLAIM: LiteralString = """
update notifications set attempts = attempts + 1, next_attempt_at = %(now)s + %(pause)s
where notification_id = %(id)s
"""
_SENT: LiteralString = """
update notifications set status = 'sent', finished_at = %(now)s, last_problem = ''
where notification_id = %(id)s
"""
_FAILED: LiteralString = """
update notifications set last_problem = %(problem)s,
    status = case when %(final)s or created_at < %(now)s - %(give_up)s then 'dead' else status end,
    finished_at = case when %(final)s or created_at < %(now)s - %(give_up)s then %(now)s end
where notification_id = %(id)s returning status
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification whose turn has come."""

    notification_id: UUID
    recipient_id: UUID
    attempts: int
    alert_id: UUID
    kind: str
    standard: int
    clause: str
    level: Level
    due_at: datetime | None

    @property
    def about_id(self) -> UUID:
        """The alert it tells of."""
        return self.alert_id


async def enqueue(tx: Tx, alerts: Iterable[Alert]) -> None:
    """Let those who answer for ``alerts`` be told."""
    told = [alert for alert in alerts if alert.accountable_worker_id is not None]
    if told and not tx.silent:
        await tx.queue(
            _ENQUEUE,
            {
                "now": tx.now,
                "ids": plain([new_id() for _ in told]),
                "alerts": texts([alert.alert_id for alert in told]),
                "levels": texts([alert.level for alert in told]),
                "recipients": texts([alert.accountable_worker_id for alert in told]),
            },
        )


async def claim_next(tx: Tx) -> Notice | None:
    """The next notification to send, put off until after a pause in case this attempt is never heard of again."""
    await tx.execute(_DROP, {"now": tx.now})
    row = await tx.fetch_one(_NEXT, {"now": tx.now})
    if row is None:
        return None
    pause = pause_before(row["attempts"] + 1)
    await tx.execute(_CLAIM, {"id": row["notification_id"], "now": tx.now, "pause": pause})
    return Notice(**row)


async def mark_sent(tx: Tx, notification_id: UUID) -> None:
    """The mail server took it."""
    await tx.execute(_SENT, {"id": notification_id, "now": tx.now})


async def mark_failed(tx: Tx, notification_id: UUID, problem: str, *, final: bool) -> bool:
    """It was not taken: try again later, or give up when that cannot help or has been tried for days. Whether it gave up."""
    failure = {"problem": problem[:500], "final": final, "give_up": GIVE_UP_AFTER}
    return bool(await tx.fetch_value(_FAILED, {"id": notification_id, "now": tx.now, **failure}) == "dead")
