"""What happens to a session after it was recorded: cancelled with a reason, or rated (clauses 5.6, 5.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller, outside_reach
from chassis.problems import Conflict, Forbidden, NotFound, RuleBroken
from contracts.supervision import SessionCancelledV1, SessionRatedV1
from services.supervision.commands.judgement import judge_day
from services.supervision.commands.sessions import NOTE, unit_of
from services.supervision.queries.evidence import session_of
from services.supervision.queries.records import Known, load_known
from services.supervision.rules.sessions import Session, shortfalls

CancelReason = Literal[
    "worker_absent", "supervisor_absent", "urgent_work", "no_room", "recorded_in_error", "left", "other"
]

_LOCKED: LiteralString = """
select s.* from sessions s join standings st using (worker_id) where s.session_id = %(session_id)s for update
"""
_CANCEL: LiteralString = """
update sessions set cancelled_at = %(now)s, cancelled_by = %(actor)s, cancel_reason = %(reason)s,
    rebooked_for = %(rebooked_for)s
where session_id = %(session_id)s
"""
_RATE: LiteralString = """
update sessions set quality_by_worker = %(quality_by_worker)s, quality_by_supervisor = %(quality_by_supervisor)s
where session_id = %(session_id)s
"""


@dataclass(frozen=True, slots=True)
class CancelSession:
    """A session that was recorded and did not take place after all, and when it will instead."""

    session_id: UUID
    reason: CancelReason
    words: str | None = None
    rebooked_for: datetime | None = None


async def cancel_session(tx: Tx, wanted: CancelSession, caller: Caller) -> Row:
    """Cancel a session; a period that it had met is judged again."""
    row = await _locked(tx, wanted.session_id, caller)
    if row["cancelled_at"] is not None:
        raise Conflict("already-cancelled", "This session was cancelled before. Nothing is left to do.")
    if wanted.rebooked_for is not None and wanted.rebooked_for <= row["held_at"]:
        raise RuleBroken("rebooked-before-held", "Rebook for a later time than the session had.", "rebooked_for")
    about = (await load_known(tx, [row["worker_id"]]))[row["worker_id"]]
    session = session_of(row)
    period = about.worker.period_on(session.stream, session.held_on)
    qualified = not shortfalls(session, period)
    change = {"reason": wanted.reason, "rebooked_for": wanted.rebooked_for, "session_id": wanted.session_id}
    await tx.queue(_CANCEL, {**change, "now": tx.now, "actor": tx.actor})
    if wanted.words:
        note = {"about_id": wanted.session_id, "about": "cancellation", "text": wanted.words}
        await tx.queue(NOTE, {**note, "worker_id": row["worker_id"]})
    tx.emit(_cancelled(row, about, session, qualified, wanted))
    if period is not None and period.end <= about.day(tx.today):
        await judge_day(tx, row["worker_id"], session.stream, session.held_on)
    return {**row, "cancel_reason": wanted.reason, "rebooked_for": wanted.rebooked_for}


def _cancelled(
    row: Mapping[str, Any], about: Known, session: Session, qualified: bool, wanted: CancelSession
) -> SessionCancelledV1:
    return SessionCancelledV1(
        session_id=session.session_id,
        worker_id=row["worker_id"],
        org_unit_id=unit_of(about, session.held_on),
        stream=session.stream,
        held_at=session.held_at,
        qualified=qualified,
        rebooked_for=wanted.rebooked_for,
    )


async def rate_session(tx: Tx, session_id: UUID, rating: int, caller: Caller) -> Row:
    """Keep how good the caller found a session: as its worker or as its supervisor (clause 5.9)."""
    row = await tx.fetch_one(_LOCKED, {"session_id": session_id})
    caller.nothing_to_reach()
    side = _side(row, caller)
    if row is None or side is None:
        raise Forbidden("not-in-session", "Only the worker and the supervisor of a session rate it.")
    if row["cancelled_at"] is not None:
        raise Conflict("session-cancelled", "This session was cancelled, so there is nothing to rate.")
    rated = {**row, side: rating}
    await tx.queue(_RATE, rated)
    about = (await load_known(tx, [row["worker_id"]]))[row["worker_id"]]
    tx.emit(SessionRatedV1(**rated, org_unit_id=unit_of(about, row["held_on"])))
    return rated


def _side(row: Mapping[str, Any] | None, caller: Caller) -> str | None:
    if row is None or caller.worker_id is None:
        return None
    sides = {row["worker_id"]: "quality_by_worker", row["supervisor_id"]: "quality_by_supervisor"}
    return sides.get(caller.worker_id)


async def _locked(tx: Tx, session_id: UUID, caller: Caller) -> Row:
    row = await tx.fetch_one(_LOCKED, {"session_id": session_id})
    if row is None:
        if not caller.unlimited:
            raise outside_reach()
        raise NotFound("no-such-session", "No session has this id.")
    if caller.worker_id == row["supervisor_id"]:
        caller.nothing_to_reach()
    else:
        await caller.reach_worker(tx, row["worker_id"])
    return row
