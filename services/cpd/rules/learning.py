"""The learning log and what it amounts to in a registration year (clauses 6.1, 7.2).

The regulator asks each year for two different pieces of learning, at least one of them with peer reflection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["formal", "informal"]
PeerRole: TypeAlias = Literal["peer", "manager", "supervisor", "practice_educator", "other_professional"]

PIECES_NEEDED = 2
WITH_PEER_NEEDED = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of learning: when it was done (a London date), and which learning it describes."""

    done_on: date
    fingerprint: str
    with_peer_reflection: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a registration year amounts to: different pieces, those of them with peer reflection, and whether it is enough."""

    pieces: int
    with_peer_reflection: int

    @property
    def ready(self) -> bool:
        """Two different pieces, one or more with peer reflection."""
        return self.pieces >= PIECES_NEEDED and self.with_peer_reflection >= WITH_PEER_NEEDED

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still to do."""
        short = ("pieces",) if self.pieces < PIECES_NEEDED else ()
        return (*short, "peer_reflection") if self.with_peer_reflection < WITH_PEER_NEEDED else short


def year_end_of(day: date) -> date:
    """The last day of the registration year that a day belongs to: 1 December to 30 November."""
    return date(day.year if day.month < 12 else day.year + 1, 11, 30)


def year_start_of(year_end: date) -> date:
    """The first day of the registration year that ends on a date."""
    return date(year_end.year - 1, 12, 1)


def is_year_end(day: date) -> bool:
    """Whether a registration year ends on a day."""
    return (day.month, day.day) == (11, 30)


def fingerprint(description: str) -> str:
    """The same for two descriptions that differ in case, spaces and punctuation only: such pieces are not different."""
    plain = "".join(letter for letter in description.casefold() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def reading(pieces: Collection[Piece], year_end: date) -> Reading:
    """What the pieces of a year amount to; the same learning described twice counts once."""
    inside = [piece for piece in pieces if year_end_of(piece.done_on) == year_end]
    different = {piece.fingerprint for piece in inside}
    with_peer = {piece.fingerprint for piece in inside if piece.with_peer_reflection}
    return Reading(len(different), len(with_peer))
