"""What a measure is: what it counts, for which clause, and how it adds up (clause 1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

Nature: TypeAlias = Literal["flow", "stock"]
Unit: TypeAlias = Literal["percent", "count", "score", "ratio"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: the sum of its numerator's tallies over the sum of its denominator's.

    A *flow* counts what happened in the period; a *stock* is the state at the period's end, carried forward while nothing
    changes. Both roll up as sums over the org units below, never as a mean of their values. ``target`` is empty because no
    source gives one: an authority sets its own.
    """

    id: str
    title: str
    clause: str
    nature: Nature
    unit: Unit
    direction: Literal["higher", "lower", "within"]
    numerator: tuple[str, ...]
    denominator: tuple[str, ...] = ()
    target: Decimal | None = None

    @property
    def tallies(self) -> tuple[str, ...]:
        """Every tally that the figure is made of, once each."""
        return tuple(dict.fromkeys((*self.numerator, *self.denominator)))
