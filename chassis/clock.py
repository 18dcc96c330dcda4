"""Business time: what "now" and "today" mean, injected wherever a rule needs them."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london_date(instant: datetime) -> date:
    """The date in Europe/London at an aware instant."""
    return instant.astimezone(LONDON).date()


class Clock:
    """Real time, or time that runs on from a chosen start.

    ``start`` is the business instant at ``anchor``; both aware. Processes that share one start pass the same anchor, so that
    they agree on the business time to the accuracy of the machine's clock.
    """

    def __init__(self, start: datetime | None = None, anchor: datetime | None = None) -> None:
        self._offset = timedelta(0) if start is None else start - (anchor or datetime.now(UTC))

    def now(self) -> datetime:
        """The business instant, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def today(self) -> date:
        """The business date in Europe/London."""
        return london_date(self.now())


def monotonic() -> float:
    """Seconds on a clock that never goes back, for deadlines and progress."""
    return time.monotonic()
