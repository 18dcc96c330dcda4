"""Whether a session meets the standard (clauses 5.5 and 5.8), and the London day that decides its period."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from services.supervision.rules.periods import Period
from services.supervision.rules.timeline import london_day

Stream = Literal["line", "professional"]
Kind = Literal["individual", "group", "case", "peer"]
Shortfall = Literal["too-short", "interrupted", "not-one-to-one", "supervisor-not-registered", "no-required-period"]


class Session(NamedTuple):
    """A session that was held. ``supervisor_registered``: a registered social worker, as far as was known then."""

    session_id: UUID
    stream: Stream
    held_at: datetime
    minutes: int
    uninterrupted: bool
    kind: Kind
    supervisor_registered: bool

    @property
    def held_on(self) -> date:
        """The London date on which it began, which decides its period."""
        return london_day(self.held_at)


def shortfalls(session: Session, period: Period | None) -> tuple[Shortfall, ...]:
    """Why a session does not meet the standard; nothing when it qualifies.

    It must be one to one, as long as the period's policy asks (ninety minutes), without interruption (clause 5.8);
    in the professional stream the supervisor must be a registered social worker (clause 5.5).
    """
    if period is None:
        return (*_in_itself(session, 0), "no-required-period")
    return _in_itself(session, period.minimum_minutes)


def _in_itself(session: Session, minimum_minutes: int) -> tuple[Shortfall, ...]:
    found: list[Shortfall] = []
    if session.minutes < minimum_minutes:
        found.append("too-short")
    if not session.uninterrupted:
        found.append("interrupted")
    if session.kind != "individual":
        found.append("not-one-to-one")
    if session.stream == "professional" and not session.supervisor_registered:
        found.append("supervisor-not-registered")
    return tuple(found)


def qualifies(session: Session, period: Period) -> bool:
    """Whether a session meets the period it falls into."""
    return session.held_on in period and not shortfalls(session, period)
