"""The shapes and permissions that several routes share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from chassis.permissions import AUTHORITY, OWN, UNIT, Allow

_EARLIEST = datetime(1950, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _within_reason(instant: datetime) -> datetime:
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError("must lie between 1950 and 2200")
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_within_reason)]
"""An instant with its offset."""
Day = Annotated[date, Field(ge=date(1950, 1, 1), lt=date(2200, 1, 1))]
"""A London date."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")]
Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)]
Hours = Annotated[Decimal, Field(ge=0, le=2000, max_digits=8, decimal_places=2)]
Money = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=10, decimal_places=2)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]

LEARNERS = Allow(practitioner=OWN, team_manager=UNIT, principal_social_worker=AUTHORITY)
"""The worker, the line, and the principal social worker: who writes and reads what was learned and is planned."""
DECIDERS = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY)
"""Who decides on time and money, and runs an assessed year."""
RECORDERS = Allow(team_manager=UNIT, principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
"""Who records what was completed."""
READERS = Allow(
    practitioner=OWN,
    team_manager=UNIT,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
)
"""Who sees what someone is entitled to, has been given and must complete."""
OVERSEERS = Allow(
    team_manager=UNIT, principal_social_worker=AUTHORITY, senior_leader=AUTHORITY, workforce_admin=AUTHORITY
)
"""Who sees how a team stands."""
SETTERS = Allow(principal_social_worker=AUTHORITY, workforce_admin=AUTHORITY)
"""Who sets what everyone is entitled to or must complete."""
EVERYONE = Allow(
    practitioner=AUTHORITY,
    team_manager=AUTHORITY,
    principal_social_worker=AUTHORITY,
    senior_leader=AUTHORITY,
    workforce_admin=AUTHORITY,
)
"""Everyone who works here: for what is open to all of an authority."""
IMPORTERS = Allow(workforce_admin=AUTHORITY, integration=AUTHORITY)
"""Who brings in what another system recorded."""


class YearReading(BaseModel):
    """How far a registration year has come; ``missing`` names what is still to do: pieces, peer_reflection."""

    registration_year_end: date
    ready: bool
    pieces: int
    with_peer_reflection: int
    missing: list[str]
