"""One line of the sum behind a workload figure: every figure is the sum of its lines and of nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, NamedTuple

Side = Literal["available", "load"]


class Line(NamedTuple):
    """A part of what a worker has to give, or of what the worker carries."""

    side: Side
    kind: str
    description: str
    points: Fraction


def total(lines: Iterable[Line], side: Side) -> Fraction:
    """The sum of one side: numerators are added as they are, and only what has another denominator is brought to one."""
    sums: dict[int, int] = {}
    for line in lines:
        if line.side == side:
            numerator, denominator = line.points.as_integer_ratio()
            sums[denominator] = sums.get(denominator, 0) + numerator
    return sum((Fraction(numerator, denominator) for denominator, numerator in sums.items()), Fraction(0))
