"""Recording sessions, with the actions agreed in them and carried to the next (clauses 5.2, 5.6, 5.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, LiteralString, NamedTuple
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.permissions import Caller
from chassis.problems import Conflict, Forbidden, NotFound, RuleBroken
from contracts.supervision import SessionRecordedV1
from services.supervision.commands.judgement import judge_day
from services.supervision.queries.records import Known, lock_known
from services.supervision.rules.periods import Period
from services.supervision.rules.sessions import Kind, Session, Shortfall, Stream, shortfalls
from services.supervision.rules.timeline import london_day

ActionOutcome = Literal["done", "dropped"]

_SESSION: LiteralString = """
insert into sessions (session_id, worker_id, supervisor_id, stream, kind, held_at, held_on, minutes, uninterrupted,
    reflective, supervisor_registered, quality_by_worker, quality_by_supervisor, recorded_at, recorded_by)
values (%(session_id)s, %(worker_id)s, %(supervisor_id)s, %(stream)s, %(kind)s, %(held_at)s, %(held_on)s, %(minutes)s,
    %(uninterrupted)s, %(reflective)s, %(supervisor_registered)s, %(quality_by_worker)s, %(quality_by_supervisor)s,
    %(now)s, %(actor)s)
"""
_ACTION: LiteralString = """
insert into agreed_actions (action_id, worker_id, stream, session_id, place, due_on)
values (%(action_id)s, %(worker_id)s, %(stream)s, %(session_id)s, %(place)s, %(due_on)s)
"""
_CLOSE: LiteralString = """
update agreed_actions set closed_on = %(closed_on)s, closed_in_session_id = %(session_id)s, outcome = %(outcome)s
where action_id = %(action_id)s and worker_id = %(worker_id)s and closed_on is null
returning action_id
"""
NOTE: LiteralString = """
insert into notes (about_id, about, worker_id, text) values (%(about_id)s, %(about)s, %(worker_id)s, %(text)s)
"""
_AGREED: LiteralString = """
select 1 as agreed from agreements where worker_id = %(worker_id)s and supervisor_id = %(supervisor_id)s
    and stream = %(stream)s and ended_on is null
"""


@dataclass(frozen=True, slots=True)
class AgreedAction:
    """Something agreed in a session, to be looked at in the next."""

    text: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClosedAction:
    """An action of an earlier session that this one settled."""

    action_id: UUID
    outcome: ActionOutcome = "done"


class RecordSession(NamedTuple):
    """A session that was held."""

    worker_id: UUID
    supervisor_id: UUID
    held_at: datetime
    minutes: int
    uninterrupted: bool
    kind: Kind
    stream: Stream = "line"
    reflective: bool = False
    quality_by_worker: int | None = None
    quality_by_supervisor: int | None = None
    agreed_actions: Sequence[AgreedAction] = ()
    closed_actions: Sequence[ClosedAction] = ()


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """What a recorded session amounts to."""

    session_id: UUID
    problems: tuple[Shortfall, ...]
    period: Period | None


async def record_session(tx: Tx, wanted: RecordSession, caller: Caller) -> RecordedSession:
    """Record a session; when its period has ended already, that is judged again."""
    if wanted.held_at > tx.now:
        raise RuleBroken("held-in-future", "Record a session once it was held.", "held_at")
    if wanted.worker_id == wanted.supervisor_id:
        raise RuleBroken("own-supervisor", "Nobody supervises themselves. Name who led the session.", "supervisor_id")
    about = await lock_known(tx, wanted.worker_id, wanted.supervisor_id)
    await _reach(tx, wanted, about, caller)
    if about is None:
        raise NotFound("no-such-worker", "No worker has this id, or supervision has not heard of them yet.")
    session = _session(wanted, about)
    period = about.worker.period_on(session.stream, session.held_on)
    problems = shortfalls(session, period)
    await tx.queue(_SESSION, _row(tx, wanted, session))
    await _keep_actions(tx, wanted, session)
    tx.emit(_recorded(wanted, session, about, problems, period))
    if not problems and period is not None and period.end <= about.day(tx.today):
        await judge_day(tx, wanted.worker_id, session.stream, session.held_on)
    return RecordedSession(session.session_id, problems, period)


async def _reach(tx: Tx, wanted: RecordSession, about: Known | None, caller: Caller) -> None:
    """Within the caller's reach, or supervised by the caller under an agreement: a supervisor may be of another team."""
    limit = await caller.resolve(tx)
    if caller.unlimited:
        return
    try:
        caller.reach_row(about.place if about else None, limit)
    except Forbidden:
        agreed = {"worker_id": wanted.worker_id, "supervisor_id": wanted.supervisor_id, "stream": wanted.stream}
        if caller.worker_id != wanted.supervisor_id or not await tx.fetch_value(_AGREED, agreed):
            raise


def _session(wanted: RecordSession, about: Known) -> Session:
    supervisor = about.supervisor.on(london_day(wanted.held_at))
    if supervisor is None:
        raise RuleBroken(
            "no-such-supervisor", "No worker has this id. Record the supervisor in workforce first.", "supervisor_id"
        )
    return Session(
        session_id=new_id(),
        stream=wanted.stream,
        held_at=wanted.held_at,
        minutes=wanted.minutes,
        uninterrupted=wanted.uninterrupted,
        kind=wanted.kind,
        supervisor_registered=supervisor.registered_social_worker,
    )


def _row(tx: Tx, wanted: RecordSession, session: Session) -> dict[str, Any]:
    return {
        "session_id": session.session_id,
        "worker_id": wanted.worker_id,
        "supervisor_id": wanted.supervisor_id,
        "stream": wanted.stream,
        "kind": wanted.kind,
        "held_at": wanted.held_at,
        "held_on": session.held_on,
        "minutes": wanted.minutes,
        "uninterrupted": wanted.uninterrupted,
        "reflective": wanted.reflective,
        "supervisor_registered": session.supervisor_registered,
        "quality_by_worker": wanted.quality_by_worker,
        "quality_by_supervisor": wanted.quality_by_supervisor,
        "now": tx.now,
        "actor": tx.actor,
    }


async def _keep_actions(tx: Tx, wanted: RecordSession, session: Session) -> None:
    given = [(new_id(), place, action) for place, action in enumerate(wanted.agreed_actions)]
    common = {"worker_id": wanted.worker_id, "stream": wanted.stream, "session_id": session.session_id}
    await tx.execute_many(
        _ACTION, [{**common, "action_id": i, "place": place, "due_on": a.due_on} for i, place, a in given]
    )
    await tx.execute_many(NOTE, [{**common, "about_id": i, "about": "action", "text": a.text} for i, _, a in given])
    for place, closed in enumerate(wanted.closed_actions):
        closing = {"action_id": closed.action_id, "outcome": closed.outcome, "closed_on": session.held_on}
        if await tx.fetch_value(_CLOSE, {**common, **closing}) is None:
            raise Conflict(
                "action-not-open",
                f"closed_actions.{place}: this worker has no open action with this id. Read the open actions again.",
            )


def _recorded(
    wanted: RecordSession, session: Session, about: Known, problems: tuple[Shortfall, ...], period: Period | None
) -> SessionRecordedV1:
    return SessionRecordedV1(
        session_id=session.session_id,
        worker_id=wanted.worker_id,
        org_unit_id=unit_of(about, session.held_on),
        supervisor_id=wanted.supervisor_id,
        stream=wanted.stream,
        kind=wanted.kind,
        held_at=wanted.held_at,
        minutes=wanted.minutes,
        uninterrupted=wanted.uninterrupted,
        reflective=wanted.reflective,
        qualifies=not problems,
        problems=problems,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        quality_by_worker=wanted.quality_by_worker,
        quality_by_supervisor=wanted.quality_by_supervisor,
    )


def unit_of(about: Known, day: date) -> UUID:
    """The unit that a worker's facts of a day are counted for."""
    unit = about.worker.unit_on(day)
    if unit is None:
        raise NotFound("no-such-worker", "Supervision has not heard of this worker's team yet. Try again shortly.")
    return unit
