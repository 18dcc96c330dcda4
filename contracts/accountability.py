"""Facts that accountability publishes about alerts and restated figures (Standard 1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

Severity = Literal["info", "warning", "serious"]
Level = Literal["line_manager", "head_of_service", "principal_social_worker", "director"]


class AlertRaisedV1(Event):
    """A condition that someone must answer for began."""

    TYPE: ClassVar[str] = "accountability.alert.raised.v1"
    SUBJECT: ClassVar[str] = "alert_id"

    alert_id: UUID
    kind: str
    standard: int
    clause: str
    severity: Severity
    subject_type: str
    subject_id: str
    org_unit_id: UUID | None
    accountable_role: Level | None
    accountable_worker_id: UUID | None
    due_at: datetime
    stream: str | None = None
    caused_by: tuple[UUID, ...] = ()
    worker_id: UUID | None = None


class AlertAcknowledgedV1(Event):
    """Someone took an alert on; what they wrote stays in accountability."""

    TYPE: ClassVar[str] = "accountability.alert.acknowledged.v1"
    SUBJECT: ClassVar[str] = "alert_id"

    alert_id: UUID
    kind: str
    subject_id: str
    org_unit_id: UUID | None
    acknowledged_by: str
    in_time: bool = False


class AlertEscalatedV1(Event):
    """An alert's time ran out and it moved one step up the line of accountability."""

    TYPE: ClassVar[str] = "accountability.alert.escalated.v1"
    SUBJECT: ClassVar[str] = "alert_id"

    alert_id: UUID
    kind: str
    subject_id: str
    org_unit_id: UUID | None
    level: Level
    accountable_worker_id: UUID | None
    due_at: datetime | None


class AlertReassignedV1(Event):
    """Someone else answers for an alert from now on, because the line of accountability changed."""

    TYPE: ClassVar[str] = "accountability.alert.reassigned.v1"
    SUBJECT: ClassVar[str] = "alert_id"

    alert_id: UUID
    kind: str
    subject_id: str
    org_unit_id: UUID | None
    level: Level
    accountable_worker_id: UUID | None
    due_at: datetime | None


class AlertExpiredV1(Event):
    """An alert's time ran out and nobody is left further up the line to pass it to."""

    TYPE: ClassVar[str] = "accountability.alert.expired.v1"
    SUBJECT: ClassVar[str] = "alert_id"

    alert_id: UUID
    kind: str
    subject_id: str
    org_unit_id: UUID | None
    level: Level


class AlertResolvedV1(Event):
    """The condition behind an alert cleared."""

    TYPE: ClassVar[str] = "accountability.alert.resolved.v1"
    SUBJECT: ClassVar[str] = "alert_id"

    alert_id: UUID
    kind: str
    subject_id: str
    org_unit_id: UUID | None
    in_time: bool = False
    caused_by: tuple[UUID, ...] = ()


class MeasureRestatedV1(Event):
    """A figure of a period that had been shown changed because of a late event."""

    TYPE: ClassVar[str] = "accountability.measure.restated.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    measure: str
    org_unit_id: UUID
    grain: Literal["day", "week", "month"]
    period_start: date
