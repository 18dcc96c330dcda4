"""Answering without a token, as a program does it; what is known of a sender is nothing (clause 1.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Header, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Row, Tx
from chassis.pace import Allowance, Pace
from chassis.permissions import PUBLIC
from chassis.problems import RuleBroken, TooManyRequests
from chassis.routing import Read, Routes, Write
from services.feedback.commands.answers import KeepAnswers, erase_answers, keep_answers
from services.feedback.commands.keys import fresh_key, hash_of, in_fours
from services.feedback.queries.answers import find_own, get_own
from services.feedback.queries.campaigns import get_asked
from services.feedback.routes.shapes import AnswersOut, Contact, Given, In, Key, OptionOut, QuestionOut
from services.feedback.rules.answers import read_answers, unanswered
from services.feedback.rules.campaigns import answer_problem, state
from services.feedback.rules.questionnaires import Question, Questionnaire, best_language, in_language, read

routes = Routes("feedback")
Accepts = Annotated[str | None, Header(alias="accept-language", max_length=500)]
Lang = Annotated[str | None, Query(max_length=35)]

_answers = Allowance(Pace(per_second=1, burst=120))
"""Answers of one campaign: a full meeting room answers at once; a machine that sends without end does not get far."""
_looks = Allowance(Pace(per_second=4, burst=240))
"""Codes tried: eighty bits are not guessed at this pace."""


def take_answer(request: Request, now: datetime, campaign: object) -> None:
    """Count one answer, of whoever; TooManyRequests when a campaign gets too many, before anything is written."""
    _take(_answers, request, now, campaign)


def take_look(request: Request, now: datetime) -> None:
    """Count one code that was tried, by whoever; TooManyRequests when there were too many."""
    _take(_looks, request, now, None)


def _take(allowance: Allowance, request: Request, now: datetime, of: object) -> None:
    if wait := allowance.take((id(request.app), of), now.timestamp()):
        detail = f"Too many answers arrive at this moment. Yours was not kept. Send it again in {wait} s."
        raise TooManyRequests("too-many-answers", detail, headers={"Retry-After": str(wait)})


class AnswersIn(In):
    """Answers to keep. With the ``key`` of an earlier request these take the place of what it kept; once sent, they stay."""

    answers: Given
    send: bool = True
    key: Key | None = None
    contact: Contact | None = Field(default=None, description="where to tell what was done; tied to no answer")
    website: Annotated[str, StringConstraints(max_length=200)] = Field(default="", description="leave it empty")


class KeptOut(BaseModel):
    """Whether the answers are kept or sent, what is left, and the key that opens them; it is shown in this answer only."""

    state: Literal["draft", "sent", "sent_before"]
    key: str | None
    unanswered: list[str]


class AskedOut(BaseModel):
    """A questionnaire in one language."""

    title: str
    introduction: str
    language: str
    languages: list[str]
    open: bool
    questions: list[QuestionOut]


class KeyIn(In):
    """The key that opens one's own answers."""

    key: Key


class ErasedOut(BaseModel):
    """How many answers were erased."""

    erased: int


@routes.get("/answers/{token}", allow=PUBLIC)
async def get_questions(token: str, tx: Read, lang: Lang = None, accept_language: Accepts = None) -> AskedOut:
    """The questionnaire behind a link, in the best language there is."""
    asked = await get_asked(tx, token.lower(), hash_of(token))
    now = state(asked["opens_on"], asked["closes_on"], asked["closed_on"], tx.today)
    return _asked(read(asked["content"]), wishes(lang, accept_language), is_open=answer_problem(now) is None)


@routes.post("/answers/{token}", allow=PUBLIC)
async def post_answers(token: str, body: AnswersIn, tx: Write, request: Request) -> KeptOut:
    """Keep answers as begun (`send: false`) or send them. A single-use link is answered once, however often it is sent."""
    asked = await get_asked(tx, token.lower(), hash_of(token))
    take_answer(request, tx.now, asked["campaign_id"])
    if body.website:
        raise not_a_person()
    questionnaire = read(asked["content"])
    key = key_for(asked, token, body.key)
    answers = read_answers(questionnaire, body.answers)
    kept = await keep_answers(tx, asked, KeepAnswers(hash_of(key), answers, body.send, body.contact))
    return KeptOut(state=kept, key=shown_key(asked, key), unanswered=unanswered(questionnaire, answers.closed))


@routes.post("/own-answers", allow=PUBLIC)
async def post_key(body: KeyIn, tx: Read, request: Request) -> AnswersOut:
    """Read one's own answers. A POST, so that the key stands in no address line."""
    take_look(request, tx.now)
    return AnswersOut.model_validate(await get_own(tx, hash_of(body.key)))


@routes.post("/own-answers/erase", allow=PUBLIC)
async def post_erasure(body: KeyIn, tx: Write, request: Request) -> ErasedOut:
    """Erase one's own answers. Results made before name nobody and stay."""
    take_look(request, tx.now)
    await get_own(tx, hash_of(body.key))
    return ErasedOut(erased=await erase_answers(tx, body.key))


def not_a_person() -> RuleBroken:
    """The refusal of what fills in the field that people do not see."""
    return RuleBroken("not-taken", "Leave the field website empty. Nothing was kept.", field="website")


def key_for(asked: Row, token: str, given: str | None) -> str:
    """The key of an answer: the single-use link itself, the one of an earlier request, or a new one."""
    if asked["channel"] == "invitation":
        return token
    return given or fresh_key()


def shown_key(asked: Row, key: str) -> str | None:
    """The key as people read it; a kiosk shows none to the next person."""
    return None if asked["channel"] == "kiosk" else in_fours("".join(c for c in key.lower() if c.isalnum()))


def wishes(asked: str | None, accepted: str | None) -> list[str]:
    """The languages somebody wants, best first."""
    heard = [part.split(";")[0].strip() for part in (accepted or "").split(",")[:20]]
    return [*([asked] if asked else []), *(one for one in heard if one)]


async def own_so_far(tx: Tx, asked: Row, key: str) -> Row | None:
    """What was kept under a key of this campaign, sent or not."""
    return await find_own(tx, hash_of(key), asked["campaign_id"])


def _asked(questionnaire: Questionnaire, wanted: list[str], *, is_open: bool) -> AskedOut:
    language = best_language(wanted, questionnaire.languages)

    def say(texts: Any) -> str:
        return in_language(texts, language, questionnaire.languages)

    questions = [
        QuestionOut(key=one.key, kind=one.kind, text=say(one.text), options=_options(questionnaire, one, say))
        for one in questionnaire.questions
    ]
    head = {"title": say(questionnaire.title), "introduction": say(questionnaire.introduction or {"": ""})}
    languages = list(questionnaire.languages)
    return AskedOut(**head, language=language, languages=languages, open=is_open, questions=questions)


def _options(questionnaire: Questionnaire, question: Question, say: Any) -> list[OptionOut]:
    if question.kind == "scale":
        labels = questionnaire.scales[question.scale or ""].labels
        return [OptionOut(key=place, text=say(label)) for place, label in enumerate(labels)]
    return [OptionOut(key=key, text=say(text)) for key, text in question.options]
