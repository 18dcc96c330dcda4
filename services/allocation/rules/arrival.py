"""What becomes of a case that a case-recording system sends: new, unchanged, changed, or come back after it was closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

Priority = Literal["urgent", "high", "medium", "low"]
Arrival = Literal["received", "unchanged", "changed", "reopened", "refused"]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All that allocation knows of a case, apart from its name and who holds it."""

    case_type: str
    complexity: str
    org_unit_id: UUID
    priority: Priority
    received_on: date
    skills: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()


def arrival(known: CaseFacts | None, closed_on: date | None, sent: CaseFacts) -> Arrival:
    """The same again changes nothing. A closed case comes back only as a new referral: received later than before and
    not before it was closed; other news about it is refused, so that a nightly file cannot revive finished work."""
    if known is None:
        return "received"
    if known == sent:
        return "unchanged"
    if closed_on is None:
        return "changed"
    return "reopened" if sent.received_on > known.received_on and sent.received_on >= closed_on else "refused"


def problems_of(sent: CaseFacts, today: date, *, unit_is_known: bool) -> list[tuple[str, str]]:
    """What makes a case impossible to take, as (field, sentence)."""
    found = []
    if sent.received_on > today:
        found.append(("received_on", "A case cannot have been received in the future. Send the day on which it was."))
    if not unit_is_known:
        found.append(("org_unit_id", "No such org unit. Record it in workforce first, or correct the id."))
    return found


def weighs_otherwise(known: CaseFacts, sent: CaseFacts) -> bool:
    """Whether a change touches the points of a case."""
    return (known.case_type, known.complexity, known.modifiers) != (sent.case_type, sent.complexity, sent.modifiers)
