"""When a campaign asks, when it has closed, and when what was done may be told (clauses 1.2 and 1.3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, TypeAlias

Audience: TypeAlias = Literal["service_users", "carers", "practitioners"]
State: TypeAlias = Literal["planned", "open", "closed"]

LONGEST = timedelta(days=366)


def state(opens_on: date, closes_on: date, closed_on: date | None, today: date) -> State:
    """Whether answers are taken today: from the first day to the last, both included, unless it was closed before."""
    if closed_on is not None or today > closes_on:
        return "closed"
    return "open" if today >= opens_on else "planned"


def span_problem(opens_on: date, closes_on: date, today: date) -> str | None:
    """Why a campaign cannot run like this."""
    if closes_on < opens_on:
        return "A campaign closes on or after the day on which it opens."
    if closes_on < today:
        return "That day has passed. Choose a later one."
    if closes_on - opens_on > LONGEST:
        return "A campaign lasts at most a year. Begin a new one after that."
    return None


def answer_problem(now: State) -> str | None:
    """Why no answer is taken; None when it is."""
    return {
        "planned": "This questionnaire is not open yet. Come back later.",
        "closed": "This questionnaire has closed. Thank you for wanting to answer.",
        "open": None,
    }[now]
