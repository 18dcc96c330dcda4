"""Scores from 0 to 100 and their bands, as the health check of the standards has them (clauses 1.2 and 1.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias

Band: TypeAlias = Literal["low", "moderate", "high"]

MODERATE_FROM, HIGH_FROM = 51, 75
"""Whole scores: 0 to 50 are low, 51 to 74 moderate, 75 to 100 high."""


def even_values(points: int) -> tuple[Fraction, ...]:
    """The values of a scale whose points lie evenly between 0 and 100: five points are 0, 25, 50, 75 and 100."""
    return tuple(Fraction(100 * place, points - 1) for place in range(points))


def scale_problem(values: Sequence[Fraction]) -> str | None:
    """Why a scale cannot be used: it rises from 0 to 100 in at least two points."""
    if len(values) < 2:
        return "A scale has at least two points."
    if values[0] != 0 or values[-1] != 100:
        return "A scale begins at 0 and ends at 100."
    if any(later <= earlier for earlier, later in pairwise(values)):
        return "The values of a scale rise from point to point."
    return None


def mean(values: Iterable[Fraction | None]) -> Fraction | None:
    """The mean of values; None when there are none, or one of them is missing: incomplete is never a zero."""
    found = list(values)
    if not found or any(value is None for value in found):
        return None
    return sum((value for value in found if value is not None), Fraction(0)) / len(found)


def shown(score: Fraction) -> int:
    """A score as it is shown: a whole number, half up."""
    return int(score + Fraction(1, 2))


def band(score: Fraction) -> Band:
    """The band of a score, decided on the whole number that is shown.

    The published bands speak of whole numbers and leave gaps between 50 and 51 and between 74 and 75. Rounding first closes
    them in one way: 50.5 is 51 and moderate, 74.5 is 75 and high, and no page shows a number beside a band it is not in.
    """
    whole = shown(score)
    if whole >= HIGH_FROM:
        return "high"
    return "moderate" if whole >= MODERATE_FROM else "low"


def rate(answered: int, asked: int | None) -> Fraction | None:
    """Answers of those asked, in percent; None when nobody knows how many were asked, or more answered than were asked."""
    if not asked or answered > asked:
        return None
    return Fraction(100 * answered, asked)
