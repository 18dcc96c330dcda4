"""One measured figure, and how it is printed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Measured(Protocol):
    """What a benchmark gives back: a line to read, and the plain values to keep."""

    @property
    def what(self) -> str:
        """What was measured, in a few words."""

    def line(self) -> str:
        """One line of text."""

    def outcome(self) -> Mapping[str, Any]:
        """What is kept: texts, numbers, truth."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio of ours to something known, from one run; ``reach`` is what we want it to be at least, where we want anything."""

    what: str
    beside: str
    ours: float
    theirs: float
    unit: str
    reach: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Ours divided by what it was measured beside."""
        return self.ours / self.theirs

    def line(self) -> str:
        """The figure as one line of text."""
        wanted = "" if self.reach is None else f"; wanted {self.reach:.2f}, {_verdict(self.ratio >= self.reach)}"
        more = "".join(f"; {name.replace('_', ' ')} {value}" for name, value in self.more.items())
        numbers = f"{_shown(self.ours)} against {_shown(self.theirs)} {self.unit}"
        return f"{self.what}: {self.ratio:.2f} of {self.beside} ({numbers}{wanted}{more})"

    def outcome(self) -> Mapping[str, Any]:
        """The figure as plain values."""
        kept: dict[str, Any] = {"what": self.what, "beside": self.beside, "ratio": round(self.ratio, 3)}
        if self.reach is not None:
            kept |= {"wanted": f"at least {self.reach:g}", "passed": self.ratio >= self.reach}
        return {**kept, "ours": self.ours, "theirs": self.theirs, "unit": self.unit, **self.more}


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """What cannot be measured here, and why."""

    what: str
    why: str

    def line(self) -> str:
        """The reason as one line of text."""
        return f"{self.what}: not measured: {self.why}"

    def outcome(self) -> Mapping[str, Any]:
        """Nothing: only what was measured is kept."""
        return {}


def _verdict(reached: bool) -> str:
    return "reached" if reached else "not reached"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


async def in_turns(
    ours: Callable[[], Awaitable[float]], theirs: Callable[[], Awaitable[float]], rounds: int = 5
) -> tuple[float, float]:
    """Both rates, measured in turns: those of the turn whose ratio is the median.

    Not the median of each: on a machine with a fast and a slow hour they could come from different ones.
    """
    measured = []
    for _ in range(rounds):
        known = await theirs()
        measured.append((await ours(), known))
    return sorted(measured, key=lambda turn: turn[0] / turn[1])[rounds // 2]
