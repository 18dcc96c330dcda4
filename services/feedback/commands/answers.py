"""Keeping what somebody answers: begun, gone on with, sent once (clause 1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from chassis.database import Row, Tx
from chassis.problems import Conflict, FieldProblem, RuleBroken
from services.feedback.commands.keys import hash_of
from services.feedback.rules.answers import Answers, anything
from services.feedback.rules.campaigns import answer_problem, state

Kept = Literal["draft", "sent", "sent_before"]

# Whoever closes the campaign waits for those who are answering, or they for it: no answer is taken and left out of the results.
_CLOSED_ON: LiteralString = "select closed_on from campaigns where campaign_id = %(campaign)s for share"
# What was sent is not written over: of two requests with one key, only the first has an effect.
_KEEP: LiteralString = """
insert into responses (response_id, campaign_id, org_unit_id, channel, key_hash, state, closed, kept_on)
values (%(response)s, %(campaign)s, %(unit)s, %(channel)s, %(hash)s, %(state)s, %(closed)s, %(today)s)
on conflict (campaign_id, key_hash) do update set state = excluded.state, closed = excluded.closed, kept_on = excluded.kept_on
    where responses.state = 'draft'
returning response_id
"""
_FORGET: LiteralString = "delete from comments where response_id = %(response)s"
_COMMENT: LiteralString = """
insert into comments (comment_id, response_id, question, words) values (%(comment)s, %(response)s, %(question)s, %(words)s)
"""
_CONTACT: LiteralString = """
insert into contacts (contact_id, campaign_id, address) values (%(contact)s, %(campaign)s, %(address)s) on conflict do nothing
"""
_ERASE: LiteralString = "delete from responses where key_hash = %(hash)s"
_ERASE_WORDS: LiteralString = """
delete from comments where response_id in (select response_id from responses where key_hash = %(hash)s)
"""


@dataclass(frozen=True, slots=True)
class KeepAnswers:
    """Answers to keep under the hash of a key; ``contact`` = where to tell what was done, tied to no answer."""

    key_hash: bytes
    answers: Answers
    send: bool = True
    contact: str | None = None


async def keep_answers(tx: Tx, asked: Row, wanted: KeepAnswers) -> Kept:
    """Keep answers as begun or as sent. What was sent before stays as it is, and the same answer is given again."""
    _check(wanted)
    closed_on = await tx.fetch_value(_CLOSED_ON, {"campaign": asked["campaign_id"]})
    problem = answer_problem(state(asked["opens_on"], asked["closes_on"], closed_on, tx.today))
    if problem:
        raise Conflict("not-open", problem)
    about = {"campaign": asked["campaign_id"], "unit": asked["org_unit_id"], "channel": asked["channel"]}
    kept = {"state": "sent" if wanted.send else "draft", "closed": Jsonb(wanted.answers.closed)}
    row = {**about, **kept, "response": uuid4(), "hash": wanted.key_hash, "today": tx.today}
    response: UUID | None = await tx.fetch_value(_KEEP, row)
    if response is None:
        return "sent_before"
    await _keep_words(tx, response, wanted.answers.words)
    if wanted.send and wanted.contact:
        await tx.execute(_CONTACT, {**about, "contact": uuid4(), "address": wanted.contact.lower()})
    return "sent" if wanted.send else "draft"


def _check(wanted: KeepAnswers) -> None:
    if wanted.answers.problems:
        fields = [FieldProblem(question, problem) for question, problem in wanted.answers.problems]
        raise RuleBroken("answers-not-taken", "Correct what `errors` names. Nothing was kept.", fields=fields)
    if wanted.send and not anything(wanted.answers):
        raise RuleBroken("nothing-answered", "Answer at least one question before you send.", field="answers")


async def _keep_words(tx: Tx, response: UUID, words: dict[str, str]) -> None:
    await tx.execute(_FORGET, {"response": response})
    await tx.execute_many(
        _COMMENT,
        [{"comment": uuid4(), "response": response, "question": key, "words": text} for key, text in words.items()],
    )


async def erase_answers(tx: Tx, key: str) -> int:
    """Erase what was answered under a key; results that were made before stay, and name nobody. How many answers."""
    about = {"hash": hash_of(key)}
    await tx.execute(_ERASE_WORDS, about)
    return await tx.execute(_ERASE, about)
