"""Raises and resolves alerts as conditions begin and end, each exactly once, in the order of the log."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from contracts import Event
from contracts.accountability import AlertRaisedV1, AlertResolvedV1
from services.accountability.commands.notifications import enqueue
from services.accountability.queries.alerts import AlertKey, columns_of, list_unresolved
from services.accountability.queries.known import list_judgements
from services.accountability.queries.line import Matter, asking_gone, asking_lines
from services.accountability.queries.response_times import Question, asking_times
from services.accountability.rules import alerts as rules
from services.accountability.rules.alerts import KINDS, Alert
from services.accountability.rules.conditions import (
    CONDITIONAL,
    Condition,
    Outcome,
    conditions_of,
    outcome_of,
    supervision_condition,
)
from services.accountability.rules.facts import Fact
from services.accountability.rules.line import LEVELS, Answerable, Level

NOBODY = "accountability.nobody"

_WRITE: LiteralString = """
insert into alerts select * from jsonb_populate_recordset(null::alerts, %(alerts)s::jsonb)
on conflict (alert_id) do update set status = excluded.status, level = excluded.level,
    accountable_worker_id = excluded.accountable_worker_id, due_at = excluded.due_at, event_ids = excluded.event_ids,
    acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by,
    resolved_at = excluded.resolved_at
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A condition after a fact, and where it lies."""

    condition: Condition
    org_unit_id: str | None
    event_ids: tuple[UUID, ...]

    @property
    def key(self) -> AlertKey:
        """What the alert would be about."""
        return AlertKey(self.condition.kind, self.condition.subject_id, self.condition.stream)

    @property
    def subject_worker(self) -> str | None:
        """The worker, where an alert of this kind is about one: nothing is asked of who has left."""
        return self.condition.subject_id if KINDS[self.condition.kind].subject_type == "worker" else None

    @property
    def matter(self) -> Matter:
        """Whose line of accountability it concerns."""
        return Matter(self.org_unit_id, self.condition.worker_id or self.subject_worker)

    @property
    def question(self) -> Question:
        """What decides how long each level has to answer it."""
        return Question(self.org_unit_id, self.condition.kind)

    @property
    def nobody(self) -> AlertKey:
        """What a second alert would be about, if nobody answers for this one."""
        return AlertKey(NOBODY, self.org_unit_id or "", "")


async def list_turns(tx: Tx, facts: Sequence[Fact]) -> list[Turn]:
    """The conditions that ``facts`` begin and end. Ask before they are counted: it matters what was judged until now."""
    facts = [fact for fact in facts if fact.type in CONDITIONAL]
    judged = await _judged_before(tx, facts)
    turns = []
    for fact in facts:
        outcome = outcome_of(fact)
        conditions = conditions_of(fact) if outcome is None else (_judge(fact, outcome, judged),)
        turns += [Turn(one, fact.data.get("org_unit_id"), (UUID(fact.event_id),)) for one in conditions]
    return turns


def _stream_key(fact: Fact) -> str:
    return f"{fact.data['worker_id']}|{fact.data['stream']}"


async def _judged_before(tx: Tx, facts: Sequence[Fact]) -> dict[str, dict[str, Outcome]]:
    """An excusal can uncover any earlier judgement; without one, the latest of the stream is enough."""
    judging = {_stream_key(fact) for fact in facts if outcome_of(fact)}
    uncovering = {_stream_key(fact) for fact in facts if outcome_of(fact) == "excused"}
    latest = await list_judgements(tx, judging - uncovering, whole=False)
    return latest | await list_judgements(tx, uncovering, whole=True)


def _judge(fact: Fact, outcome: Outcome, judged: dict[str, dict[str, Outcome]]) -> Condition:
    periods = judged.setdefault(_stream_key(fact), {})
    periods[fact.data["period_start"]] = outcome
    return supervision_condition(fact.data["worker_id"], fact.data["stream"], periods)


async def turn(tx: Tx, turns: Sequence[Turn]) -> None:
    """Open what holds and is not open, resolve what is open and holds no longer. The head of the log must be locked."""
    if not turns:
        return
    unresolved = await list_unresolved(tx, {one.key for one in turns} | {one.nobody for one in turns})
    opening = _may_open(turns, unresolved.keys())
    gone, lines, times = await _who_and_by_when(tx, opening)
    changed: dict[str, Alert] = {}
    for one in turns:
        alert = unresolved.get(one.key)
        if one.condition.holds and alert is None and one.subject_worker not in gone:
            alert = _raise(tx, one, lines[one.matter], times[one.question])
            unresolved[one.key] = changed[alert.alert_id] = alert
        elif alert is not None and not one.condition.holds:
            changed[alert.alert_id] = resolve(tx, alert, one.event_ids)
            del unresolved[one.key]
    await write(tx, changed.values())
    still_open = [alert for alert in changed.values() if alert.status != "resolved"]
    await enqueue(tx, still_open)
    await raise_nobody(tx, still_open, unresolved.keys())


async def _who_and_by_when(
    tx: Tx, opening: Sequence[Turn]
) -> tuple[set[str], dict[Matter, tuple[Answerable, ...]], dict[Question, dict[Level, timedelta]]]:
    """Who has left, who answers for each matter, and how long each level has."""
    if not opening:
        return set(), {}, {}
    return await tx.answers(
        asking_gone({one.subject_worker for one in opening if one.subject_worker}, tx.today),
        asking_lines([one.matter for one in opening], tx.today),
        asking_times({one.question for one in opening}, tx.today),
    )


def _may_open(turns: Sequence[Turn], open_now: Collection[AlertKey]) -> list[Turn]:
    """The turns that may raise an alert: what holds and is not open now, or clears in between."""
    clearing = {one.key for one in turns if not one.condition.holds}
    return [one for one in turns if one.condition.holds and (one.key not in open_now or one.key in clearing)]


def _raise(tx: Tx, one: Turn, line: Sequence[Answerable], within: dict[Level, timedelta]) -> Alert:
    first = line[0] if line else None
    kind = KINDS[one.condition.kind]
    event = AlertRaisedV1(
        alert_id=new_id(),
        kind=kind.id,
        standard=kind.standard,
        clause=kind.clause,
        severity=kind.severity,
        subject_type=kind.subject_type,
        subject_id=one.condition.subject_id,
        org_unit_id=None if one.org_unit_id is None else UUID(one.org_unit_id),
        accountable_role=first.role if first else None,
        accountable_worker_id=UUID(first.worker_id) if first else None,
        due_at=tx.now + within[first.role if first else LEVELS[0]],
        stream=one.condition.stream or None,
        caused_by=one.event_ids,
        worker_id=UUID(one.matter.worker_id) if one.matter.worker_id else None,
    )
    tx.emit(event)
    return rules.raised(event.model_dump(mode="json"), tx.now)


def resolve(tx: Tx, alert: Alert, caused_by: tuple[UUID, ...] = ()) -> Alert:
    """Publish that the condition behind ``alert`` cleared; the alert as it is then."""
    event = AlertResolvedV1(**about(alert), in_time=rules.answered_in_time(alert, tx.now), caused_by=caused_by)
    return apply(tx, alert, event)


def about(alert: Alert) -> dict[str, UUID | str | None]:
    """What every later event of an alert says of it."""
    return {
        "alert_id": UUID(alert.alert_id),
        "kind": alert.kind,
        "subject_id": alert.subject_id,
        "org_unit_id": None if alert.org_unit_id is None else UUID(alert.org_unit_id),
    }


def apply(tx: Tx, alert: Alert, event: Event) -> Alert:
    """Publish an alert's own event; the alert after it, exactly as a rebuild from the log will see it."""
    tx.emit(event)
    return rules.after(alert, event.TYPE, event.model_dump(mode="json"), tx.now)


async def write(tx: Tx, alerts: Iterable[Alert]) -> None:
    """Keep alerts as they are, in the order in which they came to be."""
    rows = [columns_of(alert) for alert in alerts]
    if rows:
        await tx.queue(_WRITE, {"alerts": json.dumps(rows)})


async def raise_nobody(tx: Tx, alerts: Iterable[Alert], open_now: Collection[AlertKey] = ()) -> None:
    """An alert for which nobody answers is itself something to answer for, once for each org unit (clause 1.4)."""
    orphaned: dict[str, list[Alert]] = {}
    for alert in alerts:
        if alert.accountable_worker_id is None and alert.org_unit_id is not None and alert.kind != NOBODY:
            orphaned.setdefault(alert.org_unit_id, []).append(alert)
    orphaned = {unit: of for unit, of in orphaned.items() if AlertKey(NOBODY, unit, "") not in open_now}
    if orphaned:
        await turn(tx, [_nobody(unit, of) for unit, of in orphaned.items()])


def _nobody(org_unit_id: str, of: Sequence[Alert]) -> Turn:
    event_ids = dict.fromkeys(chain.from_iterable(alert.event_ids for alert in of))
    return Turn(Condition(NOBODY, org_unit_id, "", holds=True), org_unit_id, tuple(UUID(one) for one in event_ids))
