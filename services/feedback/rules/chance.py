"""Whether two groups differ by more than chance: Welch's interval for the difference of two means (clause 1.3).

The interval holds 95 times of 100. Its quantile of Student's t is the expansion of Abramowitz and Stegun 26.7.5, exact to two
decimals from eight degrees of freedom on; smaller groups than that are not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
SMALLEST = 10
"""A group below this number is not compared."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What is needed of a group to compare it: how many, the sum of their scores, and the sum of the squares."""

    answers: int
    total: float
    squares: float

    @classmethod
    def of(cls, scores: Sequence[Fraction]) -> Spread:
        """The spread of some scores."""
        return cls(len(scores), float(sum(scores)), float(sum(score * score for score in scores)))

    @property
    def mean(self) -> float:
        """The mean score."""
        return self.total / self.answers

    @property
    def variance(self) -> float:
        """The variance of the scores, as estimated from these."""
        return max(0.0, (self.squares - self.total * self.total / self.answers) / (self.answers - 1))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of two means, the ends of its interval, and whether chance alone may explain it."""

    difference: float
    least: float
    most: float

    @property
    def within_chance(self) -> bool:
        """Whether no difference at all lies in the interval."""
        return self.least <= 0 <= self.most


def compare(one: Spread, other: Spread) -> Comparison | None:
    """``one`` minus ``other``; None when either group is too small to say anything."""
    if min(one.answers, other.answers) < SMALLEST:
        return None
    shares = (one.variance / one.answers, other.variance / other.answers)
    difference, error = one.mean - other.mean, sqrt(sum(shares))
    if error == 0:
        return Comparison(difference, difference, difference)
    freedom = sum(shares) ** 2 / sum(
        share**2 / (group.answers - 1) for share, group in zip(shares, (one, other), strict=True)
    )
    reach = error * student_quantile(freedom)
    return Comparison(difference, difference - reach, difference + reach)


def student_quantile(freedom: float) -> float:
    """The two-sided quantile of Student's t at 95 percent."""
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))
