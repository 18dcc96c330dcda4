"""Judging required periods: the one place where met, missed and excused are written down and told (clauses 5.6, 5.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from contracts.event import Event
from contracts.supervision import CadenceChangedV1, PeriodExcusedV1, PeriodMetV1, PeriodMissedV1
from services.supervision.queries.evidence import Judged, load_evidence, load_judged
from services.supervision.queries.records import Known, load_known
from services.supervision.rules.judgement import Ruling, judge_all, judge_one, rulings
from services.supervision.rules.record import WorkerRecord
from services.supervision.rules.sessions import Stream

_KEEP: LiteralString = """
insert into judgements (worker_id, stream, period_start, period_end, cadence, minimum_minutes, org_unit_id, outcome,
    session_id, judged_at)
values (%(worker_id)s, %(stream)s, %(period_start)s, %(period_end)s, %(cadence)s, %(minimum_minutes)s, %(org_unit_id)s,
    %(outcome)s, %(session_id)s, %(now)s)
on conflict (worker_id, stream, period_start) do update set period_end = excluded.period_end,
    cadence = excluded.cadence, minimum_minutes = excluded.minimum_minutes, outcome = excluded.outcome,
    session_id = excluded.session_id, restated_at = excluded.judged_at
"""
_LOCK: LiteralString = """
select worker_id from standings where worker_id = any(%(workers)s) order by worker_id for update
"""
_STAND: LiteralString = """
update standings set next_look_on = %(next_look_on)s, judged_on = %(judged_on)s,
    cadence = coalesce(%(cadence)s, cadence), minutes = coalesce(%(minutes)s, minutes)
where worker_id = %(worker_id)s
"""


async def judge_workers(tx: Tx, worker_ids: Sequence[UUID]) -> None:
    """Judge every ended period of workers, tell what differs from before, and note when to look again.

    Locked first and read after, so that two judgements of one worker never work from different facts.
    """
    await tx.fetch_all(_LOCK, {"workers": list(worker_ids)})
    known = await load_known(tx, worker_ids)
    evidence = await load_evidence(tx, known)
    judged = await load_judged(tx, known)
    kept = []
    for worker_id, about in known.items():
        wanted = judge_all(about.worker, evidence[worker_id], about.day(tx.today))
        standing = {key: old for key, old in judged[worker_id].standing.items() if not about.worker.settled(old.period)}
        kept += _rule(tx, about.worker, judged[worker_id], rulings(standing, wanted))
    await tx.execute_many(_KEEP, kept)
    await tx.execute_many(_STAND, [_standing(tx, about) for about in known.values()])


async def judge_day(tx: Tx, worker_id: UUID, stream: Stream, day: date) -> None:
    """Judge the period of a day again, of a worker whose standing is locked: its sessions are others than before."""
    about = (await load_known(tx, [worker_id]))[worker_id]
    period = about.worker.period_on(stream, day)
    if period is None:
        return
    evidence = await load_evidence(tx, [worker_id], period.start, period.last_day)
    judged = (await load_judged(tx, [worker_id], stream, period.start))[worker_id]
    wanted = judge_one(about.worker, stream, period, evidence[worker_id], about.day(tx.today))
    await tx.execute_many(_KEEP, _rule(tx, about.worker, judged, rulings(judged.standing, wanted)))


def _rule(tx: Tx, worker: WorkerRecord, judged: Judged, made: Sequence[Ruling]) -> list[dict[str, Any]]:
    """Tell of rulings; the rows that keep them. A restatement is told for the unit that was told before."""
    kept = []
    for ruling in made:
        judgement, period = ruling.judgement, ruling.judgement.period
        unit = judged.units.get((judgement.stream, period.start)) or worker.unit_on(period.last_day)
        told = {
            "worker_id": worker.worker_id,
            "org_unit_id": unit,
            "stream": judgement.stream,
            "cadence": period.cadence,
            "period_start": period.start,
            "period_end": period.end,
        }
        tx.emit(_event(ruling, told))
        more = {"minimum_minutes": period.minimum_minutes, "outcome": judgement.outcome}
        kept.append({**told, **more, "session_id": judgement.session_id, "now": tx.now})
    return kept


def _event(ruling: Ruling, told: Mapping[str, Any]) -> Event:
    outcome = ruling.judgement.outcome
    if outcome == "met":
        return PeriodMetV1(**told, session_id=ruling.judgement.session_id, restates=ruling.restates)
    if outcome == "missed":
        return PeriodMissedV1(**told, restates=ruling.restates)
    reason = "absent" if outcome == "excused" else "no_longer_required"
    return PeriodExcusedV1(**told, restates=ruling.restates, reason=reason)


def _standing(tx: Tx, about: Known) -> dict[str, Any]:
    """Where a worker stands after being judged; tells of the cadence when it is another than the one last told of."""
    worker, today = about.worker, about.day(tx.today)
    current, unit = worker.current(today), worker.unit_on(today)
    if current is not None and unit is not None and about.tells(current):
        tx.emit(
            CadenceChangedV1(
                worker_id=worker.worker_id,
                org_unit_id=unit,
                cadence=current.cadence,
                from_on=current.from_on,
                minutes_per_session=current.minutes,
            )
        )
    return {
        "worker_id": worker.worker_id,
        "next_look_on": worker.next_look_on(today),
        "judged_on": today,
        "cadence": current.cadence if current else None,
        "minutes": current.minutes if current else None,
    }
