"""Moves alerts along the line of accountability: up when time runs out, and to whoever answers once the line changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from contracts.accountability import AlertEscalatedV1, AlertExpiredV1, AlertReassignedV1
from services.accountability.commands.alerts import NOBODY, about, apply, raise_nobody, resolve, write
from services.accountability.commands.log import lock_head
from services.accountability.commands.notifications import enqueue
from services.accountability.queries.alerts import (
    list_all_unresolved,
    list_due,
    list_orphaned,
    list_unresolved_by_id,
)
from services.accountability.queries.line import Matter, list_lines
from services.accountability.queries.response_times import Question, list_response_times
from services.accountability.rules.alerts import Alert
from services.accountability.rules.facts import Fact
from services.accountability.rules.line import Answerable, Level, next_after, replacement

BATCH = 200
CHANGES_THE_LINE = frozenset(
    {"workforce.worker.recorded.v1", "workforce.accountable.changed.v1", "workforce.org_unit.recorded.v1"}
)

_ANSWERED_AGAIN: LiteralString = """
select n.alert_id from alerts n
where n.kind = %(nobody)s and n.status <> 'resolved' and not exists (
    select 1 from alerts a where a.org_unit_id = n.org_unit_id and a.status <> 'resolved'
      and a.accountable_worker_id is null and a.kind <> %(nobody)s)
"""

Times = Mapping[Question, Mapping[Level, timedelta]]
Lines = Mapping[Matter, Sequence[Answerable]]


def _matter(alert: Alert) -> Matter:
    return Matter(alert.org_unit_id, alert.worker_id)


async def pass_on_overdue(tx: Tx) -> int:
    """Pass each alert whose time ran out to the next on the line; at its end, say that nobody is left. How many there were."""
    await lock_head(tx)
    due = await list_due(tx, BATCH)
    lines = await list_lines(tx, [_matter(alert) for alert in due])
    times = await list_response_times(tx, {Question(alert.org_unit_id, alert.kind) for alert in due})
    moved = [_pass_on(tx, alert, lines, times) for alert in due]
    await write(tx, moved)
    await enqueue(tx, [alert for alert in moved if alert.due_at is not None])
    return len(due)


def _pass_on(tx: Tx, alert: Alert, lines: Lines, times: Times) -> Alert:
    following = next_after(lines[_matter(alert)], alert.level, alert.accountable_worker_id)
    if following is None:
        return apply(tx, alert, AlertExpiredV1(**about(alert), level=alert.level))
    due_at = tx.now + times[Question(alert.org_unit_id, alert.kind)][following.role]
    return apply(
        tx,
        alert,
        AlertEscalatedV1(
            **about(alert),
            level=following.role,
            accountable_worker_id=UUID(following.worker_id),
            due_at=due_at,
        ),
    )


async def follow_the_line(tx: Tx) -> int:
    """Let every unresolved alert lie with someone who answers for it today. How many changed.

    A manager who left, or for whose unit another answers by now, is replaced by who stands at the same level, else by the
    nearest; the new person gets the whole time of that level. Where nobody is left, that is itself an alert.
    """
    return await _follow(tx, await list_all_unresolved(tx)) + await _resolve_answered_again(tx)


async def find_answerers(tx: Tx, facts: Sequence[Fact]) -> None:
    """When ``facts`` tell who works where or answers for what, look at once for those who answer for what nobody answers for.

    Events of different services come in any order: an alert may be raised before it is known who manages the worker.
    """
    if any(fact.type in CHANGES_THE_LINE for fact in facts):
        orphaned = await list_orphaned(tx)
        if orphaned:
            await _follow(tx, orphaned)
            await _resolve_answered_again(tx)


async def _follow(tx: Tx, alerts: Sequence[Alert]) -> int:
    lines = await list_lines(tx, [_matter(alert) for alert in alerts])
    misplaced = [alert.alert_id for alert in alerts if _answers(alert, lines) != _as_it_is(alert)][:BATCH]
    if misplaced:
        await _reassign(tx, misplaced, lines)
    return len(misplaced)


def _answers(alert: Alert, lines: Lines) -> tuple[Level, str | None]:
    one = replacement(lines[_matter(alert)], alert.level, alert.accountable_worker_id)
    return (alert.level, None) if one is None else (one.role, one.worker_id)


def _as_it_is(alert: Alert) -> tuple[Level, str | None]:
    return alert.level, alert.accountable_worker_id


async def _reassign(tx: Tx, misplaced: Sequence[str], lines: Lines) -> None:
    await lock_head(tx)
    alerts = [
        alert for alert in await list_unresolved_by_id(tx, misplaced) if _answers(alert, lines) != _as_it_is(alert)
    ]
    times = await list_response_times(tx, {Question(alert.org_unit_id, alert.kind) for alert in alerts})
    moved = [_move(tx, alert, lines, times) for alert in alerts]
    await write(tx, moved)
    await enqueue(tx, moved)
    await raise_nobody(tx, moved)


def _move(tx: Tx, alert: Alert, lines: Lines, times: Times) -> Alert:
    level, worker_id = _answers(alert, lines)
    within = times[Question(alert.org_unit_id, alert.kind)][level]
    event = AlertReassignedV1(
        **about(alert),
        level=level,
        accountable_worker_id=None if worker_id is None else UUID(worker_id),
        due_at=_due_at(tx, alert, within),
    )
    return apply(tx, alert, event)


def _due_at(tx: Tx, alert: Alert, within: timedelta) -> datetime | None:
    """An alert that someone took on stays so; one that ran out at the end of the line runs anew for a new person."""
    return None if alert.status == "acknowledged" else tx.now + within


async def _resolve_answered_again(tx: Tx) -> int:
    rows = await tx.fetch_all(_ANSWERED_AGAIN, {"nobody": NOBODY})
    if not rows:
        return 0
    await lock_head(tx)
    alerts = await list_unresolved_by_id(tx, [str(row["alert_id"]) for row in rows])
    await write(tx, [resolve(tx, alert) for alert in alerts])
    return len(alerts)
