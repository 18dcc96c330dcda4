"""What several doors share: who may pass, and the shapes of days and words."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chassis.permissions import AUTHORITY, OWN, UNIT, Allow
from services.safety.rules.words import words_problem

MOST_WORDS = 10_000


def _plain(words: str) -> str:
    problem = words_problem(words)
    if problem:
        raise ValueError(problem)
    return words


Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]
"""A London date."""
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_WORDS), AfterValidator(_plain)
]
"""Plain words of at most 10,000 characters."""
ShortWords = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_plain)
]

EVERYONE = Allow(
    practitioner=OWN,
    team_manager=OWN,
    principal_social_worker=OWN,
    senior_leader=OWN,
    workforce_admin=OWN,
    concerns_guardian=OWN,
)
"""Anyone who works here, for themselves."""
HANDLES = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, concerns_guardian=AUTHORITY)
"""Who deals with concerns."""
READS = Allow(
    team_manager=UNIT, principal_social_worker=AUTHORITY, concerns_guardian=AUTHORITY, senior_leader=AUTHORITY
)
GUARDS = Allow(concerns_guardian=AUTHORITY)
SETS_POLICY = Allow(principal_social_worker=AUTHORITY)
REPORTS = Allow(practitioner=OWN, team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
"""Who records what happened to a worker or where a worker goes: the worker, or someone for them."""
MANAGES = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
OVERSEES = Allow(
    team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY, workforce_admin=AUTHORITY
)


class In(BaseModel):
    """What requests have in common: nothing is taken that is not known."""

    model_config = ConfigDict(extra="forbid")


class Erased(BaseModel):
    """How many texts were erased."""

    erased: int


class MessageOut(BaseModel):
    """One message of a conversation; of its time no more than the day is kept."""

    number: int
    from_reporter: bool
    words: str
    sent_on: date
