"""Sessions over HTTP: record, read, cancel, rate."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from chassis.bodies import In
from chassis.pages import Cursor, Limit, Page
from chassis.permissions import ANY, AUTHORITY, UNIT, Allow
from chassis.routing import Caller, Read, Routes, Write
from services.supervision.commands.session_changes import CancelReason, CancelSession, cancel_session, rate_session
from services.supervision.commands.sessions import (
    ActionOutcome,
    AgreedAction,
    ClosedAction,
    RecordSession,
    record_session,
)
from services.supervision.queries.sessions import get_session, list_sessions
from services.supervision.routes.shapes import (
    CONFIDANTS,
    RECORDERS,
    Day,
    Instant,
    PeriodOut,
    Rating,
    Words,
    period_out,
)
from services.supervision.rules.sessions import Kind, Shortfall, Stream

routes = Routes("supervision")


class ActionIn(In):
    """Something agreed, and by when."""

    text: Words
    due_on: Day | None = None


class ClosedActionIn(In):
    """An open action of an earlier session, settled in this one."""

    action_id: UUID
    outcome: ActionOutcome = "done"


class SessionIn(In):
    """A session that was held. ``agreed_actions`` are texts, or objects with a date."""

    worker_id: UUID
    supervisor_id: UUID
    held_at: Instant
    minutes: int = Field(ge=1, le=1440)
    uninterrupted: bool
    kind: Kind
    stream: Stream = "line"
    reflective: bool = False
    quality_by_worker: Rating | None = None
    quality_by_supervisor: Rating | None = None
    agreed_actions: list[Words | ActionIn] = Field(default=[], max_length=50)
    closed_actions: list[ClosedActionIn] = Field(default=[], max_length=100)

    def command(self) -> RecordSession:
        """What it asks for."""
        return RecordSession(
            **{name: getattr(self, name) for name in _PLAIN},
            agreed_actions=[_agreed(action) for action in self.agreed_actions],
            closed_actions=[ClosedAction(closed.action_id, closed.outcome) for closed in self.closed_actions],
        )


_PLAIN = tuple(name for name in SessionIn.model_fields if name not in ("agreed_actions", "closed_actions"))


def _agreed(action: str | ActionIn) -> AgreedAction:
    return AgreedAction(action) if isinstance(action, str) else AgreedAction(action.text, action.due_on)


class SessionRecorded(BaseModel):
    """Whether the session meets the standard, why not, and the required period it falls into."""

    session_id: UUID
    qualifies: bool
    problems: list[Shortfall]
    period: PeriodOut | None


@routes.post("/sessions", status_code=201, allow=RECORDERS)
async def post_session(body: SessionIn, tx: Write, caller: Caller) -> SessionRecorded:
    """Record a supervision session that was held, and learn whether it meets the standard (clauses 5.7, 5.8).

    A supervisor from elsewhere may record it too, under an agreement with the worker.
    """
    done = await record_session(tx, body.command(), caller)
    return SessionRecorded(
        session_id=done.session_id,
        qualifies=not done.problems,
        problems=list(done.problems),
        period=period_out(done.period),
    )


class SessionOut(BaseModel):
    """A session as it was recorded, and how it stands against the standard now."""

    session_id: UUID
    worker_id: UUID
    supervisor_id: UUID
    stream: Stream
    kind: Kind
    held_at: datetime
    minutes: int
    uninterrupted: bool
    reflective: bool
    quality_by_worker: int | None
    quality_by_supervisor: int | None
    recorded_at: datetime
    recorded_by: str
    cancelled_at: datetime | None
    cancel_reason: CancelReason | None
    rebooked_for: datetime | None
    qualifies: bool
    problems: list[Shortfall]
    period: PeriodOut | None


@routes.get("/sessions", allow=CONFIDANTS)
async def get_sessions(
    tx: Read,
    caller: Caller,
    worker_id: UUID | None = None,
    org_unit_id: UUID | None = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    to: Day | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[SessionOut]:
    """Sessions of a worker, or of an org unit and below, the latest first; cancelled ones say why."""
    found, after = await list_sessions(tx, caller, worker_id, org_unit_id, first, to, cursor, limit)
    return Page[SessionOut].model_validate({"items": found, "next": after})


@routes.get("/sessions/{session_id}", allow=CONFIDANTS)
async def get_one_session(session_id: UUID, tx: Read, caller: Caller) -> SessionOut:
    """One session."""
    return SessionOut.model_validate(await get_session(tx, caller, session_id))


class CancelIn(In):
    """Why a session did not take place: one of the codes, or your own words (kept with the code ``other``)."""

    reason: CancelReason | Words
    rebooked_for: Instant | None = None

    def command(self, session_id: UUID) -> CancelSession:
        """What it asks for."""
        if self.reason in CANCEL_REASONS:
            return CancelSession(session_id, self.reason, None, self.rebooked_for)  # type: ignore[arg-type] # just checked
        return CancelSession(session_id, "other", self.reason, self.rebooked_for)


CANCEL_REASONS = frozenset(CancelReason.__args__)  # type: ignore[attr-defined] # a Literal's values


class Cancelled(BaseModel):
    """A cancelled session."""

    session_id: UUID
    cancel_reason: CancelReason
    rebooked_for: datetime | None


@routes.post("/sessions/{session_id}/cancel", allow=RECORDERS)
async def post_cancel(session_id: UUID, body: CancelIn, tx: Write, caller: Caller) -> Cancelled:
    """Cancel a session that did not take place after all; the period it had met is judged again (clause 5.6)."""
    return Cancelled.model_validate(await cancel_session(tx, body.command(session_id), caller), from_attributes=True)


class RatingIn(In):
    """How good the session was, from 1 to 5."""

    rating: Rating


class Rated(BaseModel):
    """What both sides said."""

    session_id: UUID
    quality_by_worker: int | None
    quality_by_supervisor: int | None


@routes.put(
    "/sessions/{session_id}/rating", allow=Allow(practitioner=ANY, team_manager=UNIT, principal_social_worker=AUTHORITY)
)
async def put_rating(session_id: UUID, body: RatingIn, tx: Write, caller: Caller) -> Rated:
    """Say how good a session was, as its worker or its supervisor; the other side's rating stays (clause 5.9)."""
    return Rated.model_validate(await rate_session(tx, session_id, body.rating, caller))
