"""What a notification says, and how often it is tried: no name of anyone concerned, and not for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.accountability.rules.alerts import KINDS
from services.accountability.rules.facts import LONDON

GIVE_UP_AFTER = timedelta(days=3)
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=2)


def pause_before(attempt: int) -> timedelta:
    """How long to wait after the ``attempt``-th try (from 1) before the next: a minute, then twice as long each time."""
    doublings: int = min(attempt - 1, 10)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def subject_line(kind: str) -> str:
    """The subject of the message: what it is about, and nobody's name."""
    return f"Alert: {KINDS[kind].title}"


def body(greeting: str, kind: str, standard: int, clause: str, due_at: datetime | None, link: str) -> str:
    """The text of the message. Who is concerned is shown to those who may see it, behind the link."""
    due = "" if due_at is None else f"Please answer by {_in_london(due_at)}; after that it is passed on.\n"
    return (
        f"{greeting},\n\n{KINDS[kind].title}.\nYou answer for this under standard {standard}, clause {clause}, "
        f"of the Standards for Employers of Social Workers.\n{due}\nWhat happened, and where you can take it on:\n{link}\n"
    )


def _in_london(instant: datetime) -> str:
    local = instant.astimezone(LONDON)
    return f"{local.hour:02}:{local.minute:02} on {local.day} {local:%B %Y}"


_PARTS = {"form": "the application form", "fee": "the fee", "cpd": "continuing professional development"}


def reminder_subject(days_before: int) -> str:
    """The subject of a reminder: what is unfinished, and nobody's name."""
    return f"Registration renewal: {days_before} {'day' if days_before == 1 else 'days'} left or fewer"


def reminder_body(greeting: str, recipient: str, missing: Sequence[str], link: str) -> str:
    """The text of a reminder to a worker, or to the line manager after the worker (clause 7.2)."""
    whose = "Your registration" if recipient == "worker" else "The registration of someone whom you manage"
    left = "; ".join(_PARTS[part] for part in missing)
    return (
        f"{greeting},\n\n{whose} is not ready to be renewed. It ends on 30 November.\nStill to be done: {left}.\n"
        f"All three parts count: whoever has paid and filed CPD without the form is not renewed.\n\nWhere it stands:\n{link}\n"
    )
