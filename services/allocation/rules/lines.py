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
    """The sum of one side."""
    return sum((line.points for line in lines if line.side == side), Fraction(0))
