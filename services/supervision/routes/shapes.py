"""The shapes that several answers share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from chassis.permissions import AUTHORITY, OWN, UNIT, Allow
from services.supervision.rules.periods import Period

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _within_reason(instant: datetime) -> datetime:
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError("must lie between 1900 and 2200")
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_within_reason)]
"""An instant with its offset."""
Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]
"""A London date."""
Rating = Annotated[int, Field(ge=1, le=5)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]

RECORDERS = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
"""Who records what happened in supervision."""
READERS = Allow(
    practitioner=OWN,
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
)
"""Who sees whether supervision happens."""
CONFIDANTS = Allow(practitioner=OWN, team_manager=UNIT, principal_social_worker=AUTHORITY)
"""Who sees what was agreed in supervision: the worker, the line, and the principal social worker."""
OVERSEERS = Allow(
    team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY, workforce_admin=AUTHORITY
)
"""Who sees how a team stands."""


class PeriodOut(BaseModel):
    """A required period: its first day, and the first day after it."""

    start: date
    end: date


def period_out(period: Period | None) -> PeriodOut | None:
    """A period as answers show it."""
    return None if period is None else PeriodOut(start=period.start, end=period.end)
