"""What several doors share: who may pass, and the shapes of words and answers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chassis.permissions import AUTHORITY, OWN, UNIT, Allow, Caller
from chassis.problems import Forbidden
from services.feedback.rules.questionnaires import Kind
from services.feedback.rules.words import words_problem


def _plain(words: str) -> str:
    problem = words_problem(words)
    if problem:
        raise ValueError(problem)
    return words


def _texts_plain(texts: dict[str, str]) -> dict[str, str]:
    return {language: _plain(text) for language, text in texts.items()}


Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]
"""A London date."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(_plain)]
"""Plain words of at most 4,000 characters."""
ShortWords = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_plain)
]
Texts = Annotated[
    dict[Annotated[str, StringConstraints(max_length=35)], Annotated[str, StringConstraints(max_length=2000)]],
    Field(max_length=40, description="words by language: en, cy, or easy words as en-x-easy"),
    AfterValidator(_texts_plain),
]
Key = Annotated[str, StringConstraints(max_length=60, pattern=r"^[A-Za-z0-9](?:[ -]?[A-Za-z0-9]){7,39}$")]
Contact = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=254, pattern=r"^[^\s@<>\",;]{1,64}@[^\s@<>\",;]+\.[A-Za-z0-9-]{2,63}$"
    ),
]
Given = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=60)],
        int | Annotated[str, StringConstraints(max_length=20_000)] | None,
    ],
    Field(
        max_length=200, description="answers by question: a place on the scale from 0, an option, a number, or words"
    ),
]

SETS_UP = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
"""Who asks: writes questionnaires, runs campaigns, puts texts under themes, agrees on actions."""
SEES = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY, senior_leader=AUTHORITY)
COLLECTS = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY, integration=AUTHORITY)
"""Who brings in answers: staff with a paper form, and survey tools."""
OWNS = Allow(
    practitioner=OWN,
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    workforce_admin=AUTHORITY,
    senior_leader=AUTHORITY,
)
"""Who may own an action."""


class In(BaseModel):
    """What requests have in common: nothing is taken that is not known."""

    model_config = ConfigDict(extra="forbid")


class OptionOut(BaseModel):
    """One option of a choice, or one point of a scale, in one language."""

    key: str | int
    text: str


class QuestionOut(BaseModel):
    """One question in one language."""

    key: str
    kind: Kind
    text: str
    options: list[OptionOut]


class AnswersOut(BaseModel):
    """Somebody's own answers."""

    title: str
    state: str
    kept_on: date
    answers: dict[str, Any]


def person_of(caller: Caller) -> UUID:
    """The worker who calls; Forbidden when the token names none."""
    if caller.worker_id is None:
        raise Forbidden("token-not-usable", "This is done by a person, and the token names no worker_id.")
    return caller.worker_id
