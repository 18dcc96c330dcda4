"""How much is taken at a time, for each caller or for all of them: a token bucket, kept in the memory of this process alone."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import NamedTuple


class Pace(NamedTuple):
    """``burst`` at once, then ``per_second`` (above 0)."""

    per_second: float
    burst: int

    @property
    def window_s(self) -> int:
        """Seconds in which an empty bucket fills up."""
        return max(1, math.ceil(self.burst / self.per_second))


class Allowance:
    """What is left of a pace for each whom it is counted for, as the moment at which its bucket would be full again (GCRA).

    At most ``kept`` are remembered: full buckets are the same as none at all, and of the others the emptiest stay.
    """

    def __init__(self, pace: Pace, *, kept: int = 20_000) -> None:
        self.pace = pace
        self._interval_s = 1.0 / pace.per_second
        self._ahead_s = (pace.burst - 1) * self._interval_s
        self._kept = kept
        self._full_at: dict[Hashable, float] = {}

    def take(self, of: Hashable, now: float) -> int:
        """Count one at ``now`` (seconds) and return 0; when none is left, the whole seconds to wait for."""
        full_at = max(self._full_at.get(of, now), now)
        wait = round(full_at - now - self._ahead_s, 6)  # below that, a moment of our time is no exact number
        if wait > 0:
            return math.ceil(wait)
        self._full_at[of] = full_at + self._interval_s
        if len(self._full_at) > self._kept:
            self._forget(now)
        return 0

    def _forget(self, now: float) -> None:
        emptier = sorted((item for item in self._full_at.items() if item[1] > now), key=lambda item: item[1])
        self._full_at = dict(emptier[-(self._kept // 2) :])
