"""How many answers a campaign takes at a time, without knowing from whom (clause 1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """``burst`` at once, then one each ``interval``; nothing is known of who sent them."""

    interval: timedelta
    burst: int

    def take(self, full_at: datetime | None, now: datetime) -> datetime | None:
        """When the allowance will be full again after one more; None when there is none left."""
        full_at = max(full_at or now, now)
        if full_at - now > (self.burst - 1) * self.interval:
            return None
        return full_at + self.interval

    def wait(self, full_at: datetime, now: datetime) -> int:
        """Seconds until there is room for one."""
        left = full_at - now - (self.burst - 1) * self.interval
        return max(1, -(-left // timedelta(seconds=1)))


ANSWERS = Pace(timedelta(seconds=1), 120)
"""A full meeting room answers at once; a machine that sends without end does not get far."""
LOOKS = Pace(timedelta(seconds=0.25), 240)
"""Codes tried: eighty bits are not guessed at this pace."""
