"""A fact as the rules see it: what happened, about whom, when, and at which place of the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Fact(NamedTuple):
    """One event of the log; ``data`` holds plain JSON values."""

    position: int
    event_id: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, Any]

    @property
    def happened_on(self) -> date:
        """The date in London at which the fact was stated."""
        return self.time.astimezone(LONDON).date()


def normal_id(text: str) -> str:
    """An id in the one spelling that the database gives back; ValueError when it is none."""
    return text.lower() if len(text) == 36 else str(UUID(text))
