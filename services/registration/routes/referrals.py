"""Referrals to the regulator over HTTP: seen and written by those named on them, and by nobody else."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Tx
from chassis.pages import Page
from chassis.routing import Caller, Read, Routes, Write
from services.registration.commands import referrals as commands
from services.registration.queries.referrals import get_referral, list_referrals_of, must_be_named
from services.registration.routes.shapes import NAMED_ONLY, OPENS_REFERRALS, Day, Erased, In, Words, person_of
from services.registration.rules.referrals import Decision, Outcome, StepKind, is_overdue

routes = Routes("registration")


class ReferralIn(In):
    """A concern about a worker's fitness to practise."""

    worker_id: UUID
    concern: Words
    serious: bool = Field(
        default=False, description="so serious that the regulator must know before our investigation ends"
    )


class PersonIn(In):
    """Someone to name on a referral."""

    worker_id: UUID


class DecisionIn(In):
    """Whether to refer, with the reasons either way."""

    decision: Decision
    reasons: Words
    serious: bool = False
    investigated_on: Day | None = Field(default=None, description="the day on which our own investigation ended")


class SentIn(In):
    """What was sent to the regulator."""

    sent_on: Day
    what: Words


class StepIn(In):
    """A step of the regulator."""

    kind: StepKind
    happened_on: Day
    note: Words | None = None


class RequestIn(In):
    """What the regulator asks of the employer, and by when."""

    asked_on: Day
    due_on: Day
    asked_for: Words


class AnswerIn(In):
    """That a request was answered."""

    answered_on: Day
    note: Words | None = None


class OutcomeIn(In):
    """How it ended, and what the employer did about it."""

    outcome: Outcome
    outcome_on: Day
    employer_action: Words


class ReferralBrief(BaseModel):
    """A referral in a list."""

    referral_id: UUID
    worker_id: UUID
    opened_on: date
    decision: Decision | None
    sent_on: date | None
    outcome: Outcome | None


class StepOut(BaseModel):
    """A step of the regulator as recorded."""

    step_id: UUID
    kind: StepKind
    happened_on: date
    words: str | None


class RequestOut(BaseModel):
    """An entry of the log of co-operation."""

    request_id: UUID
    asked_on: date
    due_on: date
    answered_on: date | None
    overdue: bool
    asked_for: str | None
    answer: str | None


class ReferralOut(ReferralBrief):
    """A referral with everything that belongs to it; words that were erased are null."""

    serious: bool
    investigated_on: date | None
    decided_on: date | None
    decided_by_id: UUID | None
    outcome_on: date | None
    concern: str | None
    reasons: str | None
    sent: str | None
    employer_action: str | None
    people: list[UUID]
    steps: list[StepOut]
    requests: list[RequestOut]


@routes.post("/referrals", status_code=201, allow=OPENS_REFERRALS)
async def post_referral(body: ReferralIn, tx: Write, caller: Caller) -> ReferralOut:
    """Begin to consider a referral. You are the first who is named on it; name whoever else must see it."""
    await caller.reach_worker(tx, body.worker_id)
    me = person_of(caller)
    referral = await commands.open_referral(tx, body.worker_id, me, body.concern, serious=body.serious)
    return await _referral(tx, referral)


@routes.get("/referrals", allow=NAMED_ONLY)
async def get_referrals(tx: Read, caller: Caller) -> Page[ReferralBrief]:
    """The referrals on which you are named."""
    caller.nothing_to_reach()
    rows = await list_referrals_of(tx, person_of(caller))
    return Page(items=[ReferralBrief.model_validate(row) for row in rows])


@routes.get("/referrals/{referral_id}", allow=NAMED_ONLY)
async def get_one_referral(referral_id: UUID, tx: Read, caller: Caller) -> ReferralOut:
    """A referral on which you are named."""
    await must_be_named(tx, caller, referral_id)
    return await _referral(tx, referral_id)


@routes.post("/referrals/{referral_id}/people", allow=NAMED_ONLY)
async def post_person(referral_id: UUID, body: PersonIn, tx: Write, caller: Caller) -> ReferralOut:
    """Name someone, who from now on sees everything of the referral."""
    await must_be_named(tx, caller, referral_id)
    await commands.name_person(tx, referral_id, body.worker_id)
    return await _referral(tx, referral_id)


@routes.delete("/referrals/{referral_id}/people/{worker_id}", status_code=204, allow=NAMED_ONLY)
async def delete_person(referral_id: UUID, worker_id: UUID, tx: Write, caller: Caller) -> None:
    """Take someone off a referral; the last person stays."""
    await must_be_named(tx, caller, referral_id)
    await commands.unname_person(tx, referral_id, worker_id)


@routes.post("/referrals/{referral_id}/decision", allow=NAMED_ONLY)
async def post_decision(referral_id: UUID, body: DecisionIn, tx: Write, caller: Caller) -> ReferralOut:
    """Decide to refer, or not to. Our own investigation comes first unless the matter is serious (clause 7.4)."""
    await must_be_named(tx, caller, referral_id)
    await commands.decide(tx, referral_id, person_of(caller), commands.Decide(**body.model_dump()))
    return await _referral(tx, referral_id)


@routes.post("/referrals/{referral_id}/sent", allow=NAMED_ONLY)
async def post_sent(referral_id: UUID, body: SentIn, tx: Write, caller: Caller) -> ReferralOut:
    """Record what was sent to the regulator, and when."""
    await must_be_named(tx, caller, referral_id)
    await commands.send(tx, referral_id, body.sent_on, body.what)
    return await _referral(tx, referral_id)


@routes.post("/referrals/{referral_id}/steps", status_code=201, allow=NAMED_ONLY)
async def post_step(referral_id: UUID, body: StepIn, tx: Write, caller: Caller) -> ReferralOut:
    """Record a step of the regulator: triage, investigation, case examiners, hearing, interim order."""
    await must_be_named(tx, caller, referral_id)
    await commands.record_step(tx, referral_id, body.kind, body.happened_on, body.note)
    return await _referral(tx, referral_id)


@routes.post("/referrals/{referral_id}/requests", status_code=201, allow=NAMED_ONLY)
async def post_request(referral_id: UUID, body: RequestIn, tx: Write, caller: Caller) -> ReferralOut:
    """Record what the regulator asks for, and by when."""
    await must_be_named(tx, caller, referral_id)
    await commands.record_request(tx, referral_id, body.asked_on, body.due_on, body.asked_for)
    return await _referral(tx, referral_id)


@routes.post("/referrals/{referral_id}/requests/{request_id}/answer", allow=NAMED_ONLY)
async def post_request_answer(
    referral_id: UUID, request_id: UUID, body: AnswerIn, tx: Write, caller: Caller
) -> ReferralOut:
    """Record that a request of the regulator was answered."""
    await must_be_named(tx, caller, referral_id)
    await commands.answer_request(tx, referral_id, request_id, body.answered_on, body.note)
    return await _referral(tx, referral_id)


@routes.post("/referrals/{referral_id}/outcome", allow=NAMED_ONLY)
async def post_outcome(referral_id: UUID, body: OutcomeIn, tx: Write, caller: Caller) -> ReferralOut:
    """Record how it ended and what the employer did. A new status is recorded with the worker's entry, and travels alone."""
    await must_be_named(tx, caller, referral_id)
    await commands.conclude(tx, referral_id, body.outcome, body.outcome_on, body.employer_action)
    return await _referral(tx, referral_id)


@routes.delete("/referrals/{referral_id}/notes", allow=NAMED_ONLY)
async def delete_words(referral_id: UUID, tx: Write, caller: Caller) -> Erased:
    """Erase everything written in words about a referral; dates and decisions stay."""
    await must_be_named(tx, caller, referral_id)
    return Erased(erased=await commands.erase_words(tx, referral_id))


async def _referral(tx: Tx, referral_id: UUID) -> ReferralOut:
    found = await get_referral(tx, referral_id)
    requests = [{**row, "overdue": is_overdue(row["due_on"], row["answered_on"], tx.today)} for row in found.requests]
    words = {name: found.words.get(name) for name in ("concern", "reasons", "sent")}
    facts = {**found.facts, **words, "employer_action": found.words.get("action"), "people": found.people}
    return ReferralOut.model_validate({**facts, "steps": found.steps, "requests": requests})
