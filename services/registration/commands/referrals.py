"""Referrals to the regulator: deciding whether to, sending, following and co-operating (clauses 7.3 and 7.4).

Nothing of a referral is published: what travels is the change of status that the register shows in the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound, RuleBroken
from services.registration.commands.notes import write_note
from services.registration.queries.workers import must_be_known
from services.registration.rules.referrals import (
    Decision,
    Outcome,
    StepKind,
    day_problem,
    decision_problem,
    request_problem,
    sending_problem,
    step_problem,
)

_OPEN: LiteralString = """
insert into referrals (referral_id, worker_id, opened_on, serious)
values (%(referral)s, %(worker)s, %(today)s, %(serious)s)
"""
_NAME: LiteralString = """
insert into referral_members (referral_id, worker_id, named_by, named_at)
values (%(referral)s, %(person)s, %(actor)s, %(now)s) on conflict do nothing
"""
_UNNAME: LiteralString = "delete from referral_members where referral_id = %(referral)s and worker_id = %(person)s"
_COUNT: LiteralString = "select count(*) from referral_members where referral_id = %(referral)s"
_LOCK: LiteralString = "select * from referrals where referral_id = %(referral)s for update"
_DECIDE: LiteralString = """
update referrals set decision = %(decision)s, decided_on = %(today)s, decided_by_id = %(person)s, serious = %(serious)s,
    investigated_on = %(investigated_on)s, version = version + 1
where referral_id = %(referral)s
"""
_SEND: LiteralString = (
    "update referrals set sent_on = %(sent_on)s, version = version + 1 where referral_id = %(referral)s"
)
_CONCLUDE: LiteralString = """
update referrals set outcome = %(outcome)s, outcome_on = %(outcome_on)s, version = version + 1
where referral_id = %(referral)s
"""
_STEP: LiteralString = """
insert into referral_steps (step_id, referral_id, kind, happened_on, recorded_by, recorded_at)
values (%(step)s, %(referral)s, %(kind)s, %(happened_on)s, %(actor)s, %(now)s)
"""
_ASK: LiteralString = """
insert into referral_requests (request_id, referral_id, asked_on, due_on, recorded_by)
values (%(request)s, %(referral)s, %(asked_on)s, %(due_on)s, %(actor)s)
"""
_LOCK_REQUEST: LiteralString = """
select * from referral_requests where request_id = %(request)s and referral_id = %(referral)s for update
"""
_ANSWER: LiteralString = "update referral_requests set answered_on = %(answered_on)s where request_id = %(request)s"
_ERASE: LiteralString = """
delete from notes where about_id = %(referral)s
  or about_id in (select step_id from referral_steps where referral_id = %(referral)s)
  or about_id in (select request_id from referral_requests where referral_id = %(referral)s)
"""


@dataclass(frozen=True, slots=True)
class Decide:
    """Whether to refer, and why or why not; ``investigated_on`` = the day the employer's own investigation ended."""

    decision: Decision
    reasons: str
    serious: bool
    investigated_on: date | None


async def open_referral(tx: Tx, worker_id: UUID, opened_by: UUID, concern: str, *, serious: bool) -> UUID:
    """Begin to consider a referral; whoever opens it is the first who is named on it."""
    await must_be_known(tx, worker_id)
    referral = new_id()
    await tx.execute(_OPEN, {"referral": referral, "worker": worker_id, "today": tx.today, "serious": serious})
    await name_person(tx, referral, opened_by)
    await write_note(tx, referral, "concern", worker_id, concern)
    return referral


async def name_person(tx: Tx, referral: UUID, person: UUID) -> None:
    """From now on a person sees the referral."""
    await must_be_known(tx, person)
    await tx.execute(_NAME, {"referral": referral, "person": person, "actor": tx.actor, "now": tx.now})


async def unname_person(tx: Tx, referral: UUID, person: UUID) -> None:
    """A person sees the referral no longer; somebody always does."""
    await _locked(tx, referral)
    if await tx.fetch_value(_COUNT, {"referral": referral}) == 1:
        raise Conflict("last-person", "Name someone else first: a referral that nobody sees cannot be answered for.")
    await tx.execute(_UNNAME, {"referral": referral, "person": person})


async def decide(tx: Tx, referral: UUID, decided_by: UUID, wanted: Decide) -> None:
    """Decide to refer or not to; it may be decided anew until something was sent."""
    row = await _locked(tx, referral)
    if row["sent_on"]:
        raise Conflict("sent-already", f"The referral was sent on {row['sent_on']}. Record what came of it instead.")
    _refuse(
        decision_problem(wanted.decision, serious=wanted.serious, investigated_on=wanted.investigated_on),
        "decision",
    )
    if wanted.investigated_on is not None:
        _refuse(day_problem(wanted.investigated_on, None, tx.today), "investigated_on")
    values = {"decision": wanted.decision, "serious": wanted.serious, "investigated_on": wanted.investigated_on}
    await tx.execute(_DECIDE, {**values, "referral": referral, "person": decided_by, "today": tx.today})
    await write_note(tx, referral, "reasons", row["worker_id"], wanted.reasons)


async def send(tx: Tx, referral: UUID, sent_on: date, what: str) -> None:
    """Record what was sent to the regulator, and when."""
    row = await _locked(tx, referral)
    _refuse(sending_problem(row["decision"], row["sent_on"], sent_on, tx.today), "sent_on")
    await tx.execute(_SEND, {"referral": referral, "sent_on": sent_on})
    await write_note(tx, referral, "sent", row["worker_id"], what)


async def record_step(tx: Tx, referral: UUID, kind: StepKind, happened_on: date, words: str | None) -> UUID:
    """Record a step of the regulator."""
    row = await _locked(tx, referral)
    _refuse(step_problem(kind, row["sent_on"], happened_on, tx.today), "happened_on")
    step = new_id()
    values = {"step": step, "referral": referral, "kind": kind, "happened_on": happened_on}
    await tx.execute(_STEP, {**values, "actor": tx.actor, "now": tx.now})
    await write_note(tx, step, "step", row["worker_id"], words)
    return step


async def record_request(tx: Tx, referral: UUID, asked_on: date, due_on: date, asked_for: str) -> UUID:
    """Record what the regulator asks of the employer, and by when."""
    row = await _locked(tx, referral)
    _refuse(request_problem(asked_on, due_on, tx.today), "due_on")
    request = new_id()
    values = {"request": request, "referral": referral, "asked_on": asked_on, "due_on": due_on}
    await tx.execute(_ASK, {**values, "actor": tx.actor})
    await write_note(tx, request, "request", row["worker_id"], asked_for)
    return request


async def answer_request(tx: Tx, referral: UUID, request: UUID, answered_on: date, words: str | None) -> None:
    """Record that a request was answered; the same day again changes nothing."""
    row = await _locked(tx, referral)
    asked = await tx.fetch_one(_LOCK_REQUEST, {"request": request, "referral": referral})
    if asked is None:
        raise NotFound("request-not-known", "This referral has no request with this id.")
    if asked["answered_on"] not in (None, answered_on):
        raise Conflict("answered-already", f"It was answered on {asked['answered_on']}.")
    _refuse(day_problem(answered_on, asked["asked_on"], tx.today), "answered_on")
    await tx.execute(_ANSWER, {"request": request, "answered_on": answered_on})
    await write_note(tx, request, "answer", row["worker_id"], words)


async def conclude(tx: Tx, referral: UUID, outcome: Outcome, outcome_on: date, action: str) -> None:
    """Record how it ended and what the employer did about it."""
    row = await _locked(tx, referral)
    if row["sent_on"] is None:
        raise RuleBroken("nothing-sent", "A referral that was not sent has no outcome. Record the decision instead.")
    _refuse(day_problem(outcome_on, row["sent_on"], tx.today), "outcome_on")
    await tx.execute(_CONCLUDE, {"referral": referral, "outcome": outcome, "outcome_on": outcome_on})
    await write_note(tx, referral, "action", row["worker_id"], action)


async def erase_words(tx: Tx, referral: UUID) -> int:
    """Erase everything written about a referral; the dates and decisions stay."""
    return await tx.execute(_ERASE, {"referral": referral})


async def _locked(tx: Tx, referral: UUID) -> Row:
    row = await tx.fetch_one(_LOCK, {"referral": referral})
    if row is None:
        raise NotFound("referral-not-known", "No referral has this id.")
    return row


def _refuse(problem: str | None, field: str) -> None:
    if problem:
        raise RuleBroken("not-possible-yet", problem, field=field)
