"""One measured figure, and how it is printed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio of ours to something known, from one run; ``reach`` is what we want it to be at least."""

    what: str
    beside: str
    ours: float
    theirs: float
    unit: str
    reach: float

    @property
    def ratio(self) -> float:
        """Ours divided by what it was measured beside."""
        return self.ours / self.theirs

    def line(self) -> str:
        """The figure as one line of text."""
        verdict = "reached" if self.ratio >= self.reach else "not reached"
        return (
            f"{self.what}: {self.ratio:.2f} of {self.beside} "
            f"({self.ours:,.0f} against {self.theirs:,.0f} {self.unit}; wanted {self.reach:.2f}, {verdict})"
        )


async def in_turns(
    ours: Callable[[], Awaitable[float]], theirs: Callable[[], Awaitable[float]], rounds: int = 3
) -> tuple[float, float]:
    """The medians of both, measured in turns, so that a slow minute of the machine falls on both."""
    measured: list[tuple[float, float]] = []
    for _ in range(rounds):
        known = await theirs()
        measured.append((await ours(), known))
    return median(m[0] for m in measured), median(m[1] for m in measured)
