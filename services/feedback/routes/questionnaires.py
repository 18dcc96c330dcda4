"""Questionnaires over HTTP: data in versions, and the practitioner survey of the standards ready to use (clause 1.2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.database import Row
from chassis.pages import Page
from chassis.routing import Caller, Read, Routes, Write
from services.feedback.commands.questionnaires import add_questionnaire
from services.feedback.queries.questionnaires import list_questionnaires, reach_questionnaire
from services.feedback.routes.shapes import SEES, SETS_UP, In, Texts
from services.feedback.rules.practitioner_survey import survey
from services.feedback.rules.questionnaires import Kind

routes = Routes("feedback")

Short = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class ScaleIn(In):
    """The points of a scale from the least to the most; without values they lie evenly between 0 and 100."""

    labels: Annotated[list[Texts], Field(min_length=2, max_length=11)]
    values: Annotated[list[Annotated[int, Field(ge=0, le=100)]], Field(max_length=11)] | None = None


class OptionIn(In):
    """One option of a choice."""

    key: Short
    text: Texts


class QuestionIn(In):
    """One question. A scale counts towards the score of its standard; words are read by people."""

    key: Short
    kind: Kind
    text: Texts
    standard: Annotated[int, Field(ge=1, le=8)] | None = None
    scale: Short | None = None
    options: Annotated[list[OptionIn], Field(max_length=30)] = []


class QuestionnaireIn(In):
    """A questionnaire in one or more languages; the first is the one that every other falls back to."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Texts
    introduction: Texts = {}
    languages: Annotated[list[Annotated[str, StringConstraints(max_length=35)]], Field(min_length=1, max_length=40)]
    scales: Annotated[dict[Short, ScaleIn], Field(max_length=10)] = {}
    questions: Annotated[list[QuestionIn], Field(min_length=1, max_length=100)]


class OwnedQuestionnaireIn(QuestionnaireIn):
    """A questionnaire and the unit that asks it; those below may use it, too."""

    org_unit_id: UUID


class QuestionnaireOut(QuestionnaireIn):
    """A version of a questionnaire; it never changes."""

    questionnaire_id: UUID
    org_unit_id: UUID
    version: int
    made_on: date


@routes.get("/questionnaires/practitioner-survey", allow=SEES)
async def get_practitioner_survey(caller: Caller) -> QuestionnaireIn:
    """The survey of practitioners by the eight standards, to be sent back as a questionnaire as it is or changed."""
    caller.nothing_to_reach()
    return QuestionnaireIn.model_validate(survey())


@routes.post("/questionnaires", status_code=201, allow=SETS_UP)
async def post_questionnaire(body: OwnedQuestionnaireIn, tx: Write, caller: Caller) -> QuestionnaireOut:
    """Add a questionnaire, or a new version of the one with this key. The same again adds nothing."""
    await caller.reach_unit(tx, body.org_unit_id)
    content: dict[str, Any] = body.model_dump(mode="json", exclude={"org_unit_id", "key"})
    return _out(await add_questionnaire(tx, body.org_unit_id, body.key, content))


@routes.get("/questionnaires", allow=SEES)
async def get_questionnaires(tx: Read, caller: Caller) -> Page[QuestionnaireOut]:
    """The questionnaires of your unit, of those below and of those above, newest version first."""
    return Page(items=[_out(row) for row in await list_questionnaires(tx, caller)])


@routes.get("/questionnaires/{questionnaire_id}", allow=SEES)
async def get_one_questionnaire(questionnaire_id: UUID, tx: Read, caller: Caller) -> QuestionnaireOut:
    """One version of a questionnaire."""
    return _out(await reach_questionnaire(tx, caller, questionnaire_id))


def _out(row: Row) -> QuestionnaireOut:
    return QuestionnaireOut.model_validate({**row["content"], **{key: row[key] for key in row if key != "content"}})
