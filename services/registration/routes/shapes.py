"""What several doors share: who may pass, and the shapes of days and words."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Header, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.clients import Clients
from chassis.envelope import Cause
from chassis.pages import decode_cursor
from chassis.permissions import AUTHORITY, OWN, UNIT, Allow, Caller
from chassis.problems import BadRequest, Forbidden
from chassis.tracing import trace_of

Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]
"""A London date."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]
IfMatch = Annotated[str | None, Header(description="the ETag that you read")]

RECORDS = Allow(principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
"""Who records what the register says, and asks it."""
READS = Allow(
    practitioner=OWN,
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
)
"""Who sees a worker's registration, conditions in words included: a manager must know them before allocating."""
OVERSEES = Allow(
    team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY, workforce_admin=AUTHORITY
)
"""Who sees how a team stands."""
RENEWS = Allow(practitioner=OWN, team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
"""Who records the parts of a renewal."""
SETS_POLICY = Allow(principal_social_worker=AUTHORITY)
ERASES = Allow(workforce_admin=AUTHORITY)
OPENS_REFERRALS = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY)
NAMED_ONLY = Allow(
    practitioner=OWN, team_manager=OWN, principal_social_worker=OWN, senior_leader=OWN, workforce_admin=OWN
)
"""A role opens no referral: the bearer must be named on it."""


class In(BaseModel):
    """What requests have in common: nothing is taken that is not known."""

    model_config = ConfigDict(extra="forbid")


class Erased(BaseModel):
    """How many texts were erased."""

    erased: int


def clients_of(request: Request) -> Clients:
    """The other services of this deployment."""
    clients: Clients = request.app.state.clients
    return clients


def cause_of(request: Request, caller: Caller) -> Cause:
    """Who asks, for a route that opens its own transactions."""
    trace = trace_of(request.headers.get("traceparent"))
    return Cause(caller.subject, trace.trace_id, traceparent=trace.header)


def person_of(caller: Caller) -> UUID:
    """The worker who calls; Forbidden when the token names none."""
    if caller.worker_id is None:
        raise Forbidden("token-not-usable", "A referral is seen by people, and the token names no worker_id.")
    return caller.worker_id


def after_id(cursor: str | None) -> UUID | None:
    """The id after which a page begins; BadRequest when the cursor is none of ours."""
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it, or leave it out.") from None
