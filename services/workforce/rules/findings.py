"""How a rule says what is wrong: the field, and a sentence with the remedy."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

EARLIEST = date(1950, 1, 1)
LATEST = date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with what was sent."""

    field: str
    problem: str


def kept(findings: Iterable[Finding | None]) -> list[Finding]:
    """The findings without the gaps that satisfied checks leave."""
    return [finding for finding in findings if finding is not None]


def text_finding(field: str, value: str, longest: int) -> Finding | None:
    """Text must say something, fit, and hold only characters that can be stored and shown."""
    if not value.strip():
        return Finding(field, "is empty; give a value")
    if len(value) > longest:
        return Finding(field, f"has {len(value)} characters; shorten it to {longest} at most")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        return Finding(field, "holds a character that cannot be shown; remove control characters and line breaks")
    return None


def date_finding(field: str, value: date | None) -> Finding | None:
    """A date must lie in the years that employment records can cover."""
    if value is None or EARLIEST <= value <= LATEST:
        return None
    return Finding(field, f"is {value.isoformat()}; give a date from {EARLIEST.isoformat()} to {LATEST.isoformat()}")


def order_finding(start_field: str, start: date, end_field: str, end: date | None) -> Finding | None:
    """A stretch of time must not end before it begins."""
    if end is None or end >= start:
        return None
    return Finding(
        end_field,
        f"is {end.isoformat()}, before {start_field} {start.isoformat()}; give the same day or a later one",
    )
