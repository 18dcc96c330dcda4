"""Facts that supervision publishes about agreements, sessions and required periods (Standard 5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

Stream = Literal["line", "professional"]
Cadence = Literal["weekly", "fortnightly", "monthly"]
SessionKind = Literal["individual", "group", "case", "peer"]


class AgreementRecordedV1(Event):
    """A worker and a supervisor agreed how supervision is done between them."""

    TYPE: ClassVar[str] = "supervision.agreement.recorded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    agreement_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    supervisor_id: UUID
    stream: Stream
    agreed_on: date
    review_due_on: date | None


class SessionRecordedV1(Event):
    """A supervision session took place; whether it meets the standard, and for which period."""

    TYPE: ClassVar[str] = "supervision.session.recorded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    session_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    supervisor_id: UUID
    stream: Stream
    kind: SessionKind
    held_at: datetime
    minutes: int
    uninterrupted: bool
    reflective: bool
    qualifies: bool
    problems: tuple[str, ...]
    period_start: date | None
    period_end: date | None
    quality_by_worker: int | None = None
    quality_by_supervisor: int | None = None


class SessionRatedV1(Event):
    """The worker or the supervisor said how good a session was (clause 5.9), from 1 to 5."""

    TYPE: ClassVar[str] = "supervision.session.rated.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    session_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    stream: Stream
    held_at: datetime
    quality_by_worker: int | None
    quality_by_supervisor: int | None


class SessionCancelledV1(Event):
    """A session was cancelled or withdrawn; the reason's words stay in supervision."""

    TYPE: ClassVar[str] = "supervision.session.cancelled.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    session_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    stream: Stream
    held_at: datetime
    qualified: bool
    rebooked_for: datetime | None


class PeriodMetV1(Event):
    """A required period that has ended was met; published at its end, or later when a session restates it."""

    TYPE: ClassVar[str] = "supervision.period.met.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    stream: Stream
    cadence: Cadence
    period_start: date
    period_end: date
    session_id: UUID
    restates: bool


class PeriodMissedV1(Event):
    """A required period ended without a qualifying session and without excuse."""

    TYPE: ClassVar[str] = "supervision.period.missed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    stream: Stream
    cadence: Cadence
    period_start: date
    period_end: date
    restates: bool = False


class PeriodExcusedV1(Event):
    """A required period asks for nothing: absent on every working day of it, or (``reason``) not required after all."""

    TYPE: ClassVar[str] = "supervision.period.excused.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    stream: Stream
    cadence: Cadence
    period_start: date
    period_end: date
    restates: bool = False
    reason: Literal["absent", "no_longer_required"] = "absent"


class TrainingRecordedV1(Event):
    """A supervisor completed training in supervision (clause 5.3); without an end when no policy sets a validity."""

    TYPE: ClassVar[str] = "supervision.training.recorded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    training_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    completed_on: date
    current_until: date | None


class CadenceChangedV1(Event):
    """The cadence that a worker's current period asks for changed; allocation protects its time."""

    TYPE: ClassVar[str] = "supervision.cadence.changed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    cadence: Cadence
    from_on: date
    minutes_per_session: int


class PolicySetV1(Event):
    """How often and how long supervision is required in an org unit and below, from a date; never less than the standard."""

    TYPE: ClassVar[str] = "supervision.policy.set.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    policy_id: UUID
    org_unit_id: UUID
    effective_from: date
    weekly_days: int
    weekly_weeks: int
    fortnightly_days: int
    fortnightly_until_months: int
    monthly_days: int | None
    minimum_minutes: int
    training_valid_months: int | None
