"""What goes over the wire: requests and answers of accountability."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.numbers import Number
from services.accountability.rules.line import Level
from services.accountability.rules.measures import Nature, Unit
from services.accountability.rules.periods import Grain

Delivery = Literal["pending", "sent", "dead", "dropped"]
Status = Literal["open", "acknowledged", "resolved"]
Hours = Annotated[Number, Field(ge=Decimal("0.25"), le=24 * 365, decimal_places=2)]


class Subject(BaseModel):
    """What an alert is about."""

    type: str
    id: str


class Accountable(BaseModel):
    """Who answers: a level of the line, and the worker on it; null while nobody at work is on the line."""

    role: Level
    worker_id: UUID | None


class AlertOut(BaseModel):
    """An alert as it stands. ``stream`` tells line from professional supervision; ``due_at`` is null once nothing runs out.

    ``worker_id`` is the worker whom it concerns, also where the subject is something else, such as a visit.
    """

    alert_id: UUID
    kind: str
    standard: int
    clause: str
    severity: str
    subject: Subject
    worker_id: UUID | None
    stream: str | None
    org_unit_id: UUID | None
    accountable: Accountable
    status: Status
    level: Level
    raised_at: datetime
    due_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_at: datetime | None
    event_ids: list[UUID]


class HistoryItem(BaseModel):
    """One of the alert's own events, at its position of the log."""

    position: int
    event_id: UUID
    type: str
    time: datetime
    data: dict[str, Any]


class NoteOut(BaseModel):
    """What someone wrote about an alert."""

    note_id: UUID
    written_by: str
    written_at: datetime
    note: str


class NotificationOut(BaseModel):
    """Who was to be told at which level, and whether that worked."""

    notification_id: UUID
    level: Level
    recipient_id: UUID
    status: Delivery
    attempts: int
    finished_at: datetime | None


class AlertStory(AlertOut):
    """An alert with everything that became of it."""

    history: list[HistoryItem]
    notes: list[NoteOut]
    notifications: list[NotificationOut]


class AcknowledgeIn(BaseModel):
    """What the person who takes an alert on writes: a first step, a plan."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(min_length=1, max_length=4000)]


class Erased(BaseModel):
    """How many texts were erased."""

    erased: int


class MeasureOut(BaseModel):
    """A measure of the catalogue: sums of the numerator's tallies over sums of the denominator's, over all units below."""

    measure: str
    title: str
    clause: str
    nature: Nature
    unit: Unit
    direction: Literal["higher", "lower", "within"]
    target: Number | None
    numerator: list[str]
    denominator: list[str]
    roll_up: str


class Catalogue(BaseModel):
    """Every measure."""

    items: list[MeasureOut]


class FigureOut(BaseModel):
    """One figure. ``value`` comes from the unrounded sums and is null without a denominator to divide by."""

    measure: str
    clause: str
    org_unit_id: UUID
    period_start: date
    grain: Grain
    numerator: Number
    denominator: Number | None
    value: float | None
    unit: Unit
    restated_at: datetime | None = None


class Figures(BaseModel):
    """Figures, measure by measure, the earliest first."""

    items: list[FigureOut]


class CountedEvent(BaseModel):
    """One event behind a figure, with what it adds."""

    position: int
    event_id: UUID
    type: str
    subject: str
    time: datetime
    org_unit_id: UUID
    counted_on: date
    numerator: Number
    denominator: Number | None


class LineStep(BaseModel):
    """One person on the line."""

    role: Level
    worker_id: UUID


class LineOut(BaseModel):
    """Who answers, the nearest first; ``nobody`` when the line is empty."""

    org_unit_id: UUID
    worker_id: UUID | None
    line: list[LineStep]
    nobody: bool


class HoursByLevel(BaseModel):
    """Hours to answer, level by level."""

    model_config = ConfigDict(extra="forbid")

    line_manager: Hours
    head_of_service: Hours
    principal_social_worker: Hours
    director: Hours


class ResponseTimesIn(BaseModel):
    """From a date on, how long each level has to answer alerts of a kind in an org unit and below."""

    model_config = ConfigDict(extra="forbid")

    org_unit_id: UUID
    kind: str
    effective_from: date
    hours: HoursByLevel


class ResponseTimesOut(BaseModel):
    """Times that an org unit set; without one (null) the defaults, which no source gives and any authority may replace."""

    org_unit_id: UUID | None
    kind: str
    effective_from: date | None
    hours: HoursByLevel


class ResponseTimes(BaseModel):
    """The defaults, and what org units set for themselves."""

    items: list[ResponseTimesOut]


class ChainOut(BaseModel):
    """Whether the chain of the log holds from one position to another; ``broken_at`` is the first place where it does not."""

    from_position: int
    to_position: int
    intact: bool
    broken_at: int | None


class UndeliveredOut(NotificationOut):
    """A notification that could not be delivered, and why."""

    alert_id: UUID
    last_problem: str
