"""What a team's work needs: rooms, tools, transport, welfare, advice and support (clauses 4.1 and 4.6 to 4.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

Item: TypeAlias = Literal[
    "quiet_room",
    "confidential_room",
    "room_safety",
    "equipment",
    "information_technology",
    "internet",
    "mobile_phone",
    "transport",
    "welfare_services",
    "legal_advisers",
    "translators",
    "interpreters",
    "administrative_support",
]
State: TypeAlias = Literal["met", "partly", "missing"]
AttestedClause: TypeAlias = Literal["4.6", "4.8", "4.9"]

CLAUSE_OF: dict[Item, str] = {
    "quiet_room": "4.1",
    "confidential_room": "4.1",
    "room_safety": "4.1",
    "equipment": "4.7",
    "information_technology": "4.7",
    "internet": "4.7",
    "mobile_phone": "4.7",
    "transport": "4.7",
    "welfare_services": "4.6",
    "legal_advisers": "4.8",
    "translators": "4.8",
    "interpreters": "4.8",
    "administrative_support": "4.9",
}
"""The checklist, and the clause each item serves."""


def gaps(states: Mapping[Item, State]) -> list[Item]:
    """What a team lacks or has in part; what nobody has looked at is no gap and not met either."""
    return [item for item in CLAUSE_OF if states.get(item) in ("partly", "missing")]


def validity_problem(attested_on: date, valid_to: date) -> str | None:
    """Why a statement cannot hold until then: it is made anew at least once a year."""
    if not attested_on <= valid_to <= attested_on.replace(year=attested_on.year + 1, day=min(attested_on.day, 28)):
        return "A statement holds from today for at most a year."
    return None
