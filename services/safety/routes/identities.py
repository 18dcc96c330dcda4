"""The guardian's door: who raised a concern in confidence, asked for, granted or refused, and looked at (clause 4.3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from chassis.pages import Page
from chassis.routing import Caller, Read, Routes, Write
from services.safety.commands.identities import ask_for_identity, decide_request, look
from services.safety.queries.concerns import reach_concern
from services.safety.queries.identities import list_looks, list_requests, reach_request
from services.safety.queries.people import person_of
from services.safety.routes.shapes import GUARDS, HANDLES, In, Words

routes = Routes("safety")


class ReasonIn(In):
    """Why the identity must be known."""

    reason: Words


class DecisionIn(ReasonIn):
    """Whether to grant a request, and why."""

    granted: bool


class RequestMade(BaseModel):
    """A request that waits for the guardian."""

    request_id: UUID


class IdentityRequestOut(RequestMade):
    """A request with its reasons; words that were erased are null."""

    concern_id: UUID
    asked_by_id: UUID
    asked_at: datetime
    reason: str | None
    granted: bool | None
    decided_at: datetime | None
    decision: str | None


class IdentityOut(BaseModel):
    """Who raised the concern. That you looked is written down."""

    concern_id: UUID
    reporter_id: UUID


class LookOut(BaseModel):
    """That someone looked, and when."""

    look_id: UUID
    request_id: UUID | None
    looked_by: str
    looked_by_id: UUID | None
    looked_at: datetime


@routes.post("/concerns/{concern_id}/identity-requests", status_code=201, allow=HANDLES)
async def post_identity_request(concern_id: UUID, body: ReasonIn, tx: Write, caller: Caller) -> RequestMade:
    """Ask the guardian who raised a concern in confidence, with your reason."""
    concern = await reach_concern(tx, caller, concern_id)
    return RequestMade(request_id=await ask_for_identity(tx, concern, person_of(caller), body.reason))


@routes.get("/identity-requests", allow=HANDLES)
async def get_identity_requests(tx: Read, caller: Caller) -> Page[IdentityRequestOut]:
    """Every request for the guardian; your own for you."""
    rows = await list_requests(tx, caller)
    return Page(items=[IdentityRequestOut.model_validate(row) for row in rows])


@routes.post("/identity-requests/{request_id}/decision", status_code=204, allow=GUARDS)
async def post_identity_decision(request_id: UUID, body: DecisionIn, tx: Write, caller: Caller) -> None:
    """Grant a request or refuse it, with your reason. To the subject of the concern and their line it cannot be granted."""
    await reach_request(tx, caller, request_id)
    await decide_request(tx, request_id, body.reason, granted=body.granted)


@routes.post("/concerns/{concern_id}/identity/looks", status_code=201, allow=HANDLES)
async def post_look(concern_id: UUID, tx: Write, caller: Caller) -> IdentityOut:
    """See who raised the concern, once the guardian granted it. A POST, because the look itself is recorded."""
    concern = await reach_concern(tx, caller, concern_id)
    return IdentityOut(concern_id=concern_id, reporter_id=await look(tx, concern, caller))


@routes.get("/concerns/{concern_id}/identity/looks", allow=GUARDS)
async def get_looks(concern_id: UUID, tx: Read, caller: Caller) -> Page[LookOut]:
    """Everyone who looked at the identity, and when."""
    await reach_concern(tx, caller, concern_id)
    return Page(items=[LookOut.model_validate(row) for row in await list_looks(tx, concern_id)])
