"""Notes who is to be told of which alert at which level: each once, however often it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString

from chassis.database import Tx
from chassis.ids import new_id
from services.accountability.arrays import plain, texts
from services.accountability.rules.alerts import Alert

_ENQUEUE: LiteralString = """
insert into notifications (notification_id, alert_id, level, recipient_id, status)
select *, 'pending' from unnest(%(ids)s::uuid[], %(alerts)s::uuid[], %(levels)s::text[], %(recipients)s::uuid[])
on conflict (alert_id, level, recipient_id) do nothing
"""


async def enqueue(tx: Tx, alerts: Iterable[Alert]) -> None:
    """Let those who answer for ``alerts`` be told."""
    told = [alert for alert in alerts if alert.accountable_worker_id is not None]
    if told and not tx.silent:
        await tx.execute(
            _ENQUEUE,
            {
                "ids": plain([new_id() for _ in told]),
                "alerts": texts([alert.alert_id for alert in told]),
                "levels": texts([alert.level for alert in told]),
                "recipients": texts([alert.accountable_worker_id for alert in told]),
            },
        )
