"""Concerns over HTTP: raised by name or in confidence, dealt with by those who answer for the unit (clauses 4.2 to 4.4)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel

from chassis.database import Row, Tx
from chassis.pages import Cursor, Limit, Page, decode_cursor, encode_cursor
from chassis.problems import BadRequest
from chassis.routing import Caller, Read, Routes, Write
from services.safety.commands import answering
from services.safety.commands.concerns import raise_by_worker, write_message
from services.safety.commands.notes import erase_words
from services.safety.queries import concerns as queries
from services.safety.queries.people import person_of
from services.safety.routes.shapes import EVERYONE, GUARDS, HANDLES, READS, Erased, In, MessageOut, Words
from services.safety.rules.concerns import Mode, Outcome, Risk, Topic
from services.safety.rules.follow_ups import FollowUpOutcome

routes = Routes("safety")


class ConcernIn(In):
    """A concern of your own. In confidence: the guardian alone knows that it is yours."""

    mode: Literal["named", "confidential"]
    topic: Topic
    words: Words
    subject_id: UUID | None = None


class MessageIn(In):
    """A message in the conversation."""

    words: Words


class AssessmentIn(In):
    """The risk behind a concern, and why."""

    risk: Risk
    words: Words | None = None


class AnswerIn(In):
    """What was done, in words to whoever raised it."""

    outcome: Outcome
    words: Words


class FollowUpIn(In):
    """What the reporter says some months later."""

    outcome: FollowUpOutcome
    words: Words | None = None


class ConcernBrief(BaseModel):
    """A concern in a list; who raised it in confidence stands nowhere here."""

    concern_id: UUID
    mode: Mode
    topic: Topic
    org_unit_id: UUID
    reporter_id: UUID | None
    handler_id: UUID | None
    level: int
    received_on: date
    waiting_for: str
    due_on: date | None
    overdue: bool


class FollowUpOut(BaseModel):
    """When the reporter is asked again, and what they said."""

    months: int
    due_on: date
    made_on: date | None
    outcome: FollowUpOutcome | None


class ConcernOut(ConcernBrief):
    """A concern with everything that belongs to it; words that were erased are null."""

    subject_id: UUID | None
    words: str | None
    acknowledged_on: date | None
    assessed_on: date | None
    answered_on: date | None
    risk: Risk | None
    assessment: str | None
    outcome: Outcome | None
    messages: list[MessageOut]
    follow_ups: list[FollowUpOut]


class DueFollowUp(BaseModel):
    """A follow-up that is due."""

    concern_id: UUID
    org_unit_id: UUID
    mode: Mode
    months: int
    due_on: date


@routes.post("/concerns", status_code=201, allow=EVERYONE)
async def post_concern(body: ConcernIn, tx: Write, caller: Caller) -> ConcernOut:
    """Raise a concern in your own unit, by name or in confidence (clause 4.3). It goes past whoever it is about."""
    caller.nothing_to_reach()
    me = person_of(caller)
    concern = await raise_by_worker(tx, me, body.mode, body.topic, body.words, body.subject_id)
    return await _whole(tx, await queries.reach_own_concern(tx, me, concern))


@routes.get("/concerns/mine", allow=EVERYONE)
async def get_own_concerns(tx: Read, caller: Caller) -> Page[ConcernOut]:
    """What you raised by name or in confidence, with its answers."""
    caller.nothing_to_reach()
    rows = await queries.list_mine(tx, person_of(caller))
    return Page(items=[await _whole(tx, row) for row in rows])


@routes.post("/concerns/mine/{concern_id}/messages", status_code=201, allow=EVERYONE)
async def post_own_message(concern_id: UUID, body: MessageIn, tx: Write, caller: Caller) -> ConcernOut:
    """Write to whoever deals with your concern."""
    caller.nothing_to_reach()
    concern = await queries.reach_own_concern(tx, person_of(caller), concern_id)
    await write_message(tx, concern_id, body.words, from_reporter=True)
    return await _whole(tx, concern)


@routes.get("/concerns", allow=READS)
async def get_concerns(
    tx: Read,
    caller: Caller,
    org_unit_id: UUID | None = None,
    topic: Topic | None = None,
    open_only: bool = True,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[ConcernBrief]:
    """The concerns of your unit and below, without those about you or anyone above you."""
    if org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    after = _after(cursor)
    rows = await queries.list_concerns(tx, caller, org_unit_id, topic, open_only=open_only, after=after, rows=limit + 1)
    following = encode_cursor(rows[limit - 1]["concern_id"]) if len(rows) > limit else None
    return Page(items=[ConcernBrief.model_validate(_brief(tx, row)) for row in rows[:limit]], next=following)


@routes.get("/concerns/{concern_id}", allow=READS)
async def get_concern(concern_id: UUID, tx: Read, caller: Caller) -> ConcernOut:
    """A concern with its conversation."""
    return await _whole(tx, await queries.reach_concern(tx, caller, concern_id))


@routes.post("/concerns/{concern_id}/acknowledge", allow=HANDLES)
async def post_acknowledgement(concern_id: UUID, tx: Write, caller: Caller) -> ConcernOut:
    """Say that the concern arrived and is being looked at."""
    await answering.acknowledge(tx, await queries.reach_concern(tx, caller, concern_id, locked=True))
    return await _again(tx, concern_id)


@routes.post("/concerns/{concern_id}/assess", allow=HANDLES)
async def post_assessment(concern_id: UUID, body: AssessmentIn, tx: Write, caller: Caller) -> ConcernOut:
    """State the risk behind the concern (clause 4.4)."""
    concern = await queries.reach_concern(tx, caller, concern_id, locked=True)
    await answering.assess(tx, concern, body.risk, body.words)
    return await _again(tx, concern_id)


@routes.post("/concerns/{concern_id}/answer", allow=HANDLES)
async def post_answer(concern_id: UUID, body: AnswerIn, tx: Write, caller: Caller) -> ConcernOut:
    """Say what was done about it; the words go to whoever raised it. Follow-ups are planned after 1, 3 and 6 months."""
    concern = await queries.reach_concern(tx, caller, concern_id, locked=True)
    await answering.answer(tx, concern, body.outcome, body.words)
    return await _again(tx, concern_id)


@routes.post("/concerns/{concern_id}/messages", status_code=201, allow=HANDLES)
async def post_message(concern_id: UUID, body: MessageIn, tx: Write, caller: Caller) -> ConcernOut:
    """Write to whoever raised the concern, known or not."""
    await queries.reach_concern(tx, caller, concern_id, locked=True)
    await write_message(tx, concern_id, body.words, from_reporter=False)
    return await _again(tx, concern_id)


@routes.get("/follow-ups", allow=HANDLES)
async def get_follow_ups(tx: Read, caller: Caller) -> Page[DueFollowUp]:
    """Whom to ask now whether raising a concern did them harm."""
    rows = await queries.list_due_follow_ups(tx, caller)
    return Page(items=[DueFollowUp.model_validate(row) for row in rows])


@routes.post("/concerns/{concern_id}/follow-ups/{months}", allow=HANDLES)
async def post_follow_up(
    concern_id: UUID, months: Annotated[int, Path(ge=1, le=6)], body: FollowUpIn, tx: Write, caller: Caller
) -> ConcernOut:
    """Record whether raising the concern did harm to whoever raised it (clause 4.3)."""
    concern = await queries.reach_concern(tx, caller, concern_id, locked=True)
    await answering.follow_up(tx, concern, months, body.outcome, body.words)
    return await _again(tx, concern_id)


@routes.delete("/concerns/{concern_id}/words", allow=GUARDS)
async def delete_words(concern_id: UUID, tx: Write, caller: Caller) -> Erased:
    """Erase everything written about a concern; days and outcomes stay."""
    await queries.reach_concern(tx, caller, concern_id, locked=True)
    return Erased(erased=await erase_words(tx, concern_id))


def _after(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it, or leave it out.") from None


def _brief(tx: Tx, row: Row) -> Row:
    due_on = row["step_due_on"]
    return {**row, "waiting_for": row["step"], "due_on": due_on, "overdue": due_on is not None and due_on < tx.today}


async def _again(tx: Tx, concern_id: UUID) -> ConcernOut:
    return await _whole(tx, await queries.get_concern(tx, concern_id))


async def _whole(tx: Tx, row: Row) -> ConcernOut:
    words = await queries.map_words(tx, row["concern_id"])
    more = {
        "words": words.get("concern"),
        "assessment": words.get("assessment"),
        "messages": await queries.list_messages(tx, row["concern_id"]),
        "follow_ups": await queries.list_follow_ups(tx, row["concern_id"]),
    }
    return ConcernOut.model_validate({**_brief(tx, row), **more})
