"""Facts that cpd publishes about entitlement, learning, the assessed year and career (Standard 6).

What was learned, why something was refused and everything else in words stays in cpd; dates, hours and counts travel.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

LearningKind = Literal["formal", "informal"]
TimeStatus = Literal["requested", "agreed", "taken", "refused", "cancelled"]
TimeCause = Literal["workload", "cover", "budget", "not_relevant", "own_wish", "other"]
PauseCause = Literal["sickness", "bereavement", "parental_leave", "lack_of_support", "other_leave"]
ReviewOutcome = Literal["on_time", "late", "missed", "withdrawn"]
PanelOutcome = Literal["passed", "failed", "withdrawn"]


class LearningRecordedV1(Event):
    """A worker wrote down a piece of learning, or changed it: when it was done, and whether a peer reflected on it."""

    TYPE: ClassVar[str] = "cpd.learning.recorded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    learning_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    kind: LearningKind
    done_on: date
    with_peer_reflection: bool


class LearningWithdrawnV1(Event):
    """A piece of learning was taken out of the log again."""

    TYPE: ClassVar[str] = "cpd.learning.withdrawn.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    learning_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    done_on: date


class ReadinessChangedV1(Event):
    """How far a worker's learning of a registration year goes: different pieces, and those with peer reflection."""

    TYPE: ClassVar[str] = "cpd.readiness.changed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    registration_year_end: date
    ready: bool
    pieces: int
    with_peer_reflection: int


class TrainingCompletedV1(Event):
    """A worker completed a course that someone may have to complete; without an end when it does not expire."""

    TYPE: ClassVar[str] = "cpd.training.completed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    completion_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    course_code: str
    completed_on: date
    expires_on: date | None


class EntitlementSetV1(Event):
    """What an org unit and below gives each year for professional development, from a date (clauses 6.1, 6.2)."""

    TYPE: ClassVar[str] = "cpd.entitlement.set.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    entitlement_id: UUID
    org_unit_id: UUID
    effective_from: date
    job_role: str | None
    career_stage: str | None
    hours_per_year: Decimal
    budget_per_year: Decimal
    pro_rata: bool


class TimeChangedV1(Event):
    """A request for time or money for development was made, agreed, taken, refused or cancelled, with the kind of cause."""

    TYPE: ClassVar[str] = "cpd.time.changed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    request_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    status: TimeStatus
    cause: TimeCause | None
    on_date: date
    hours: Decimal
    cost: Decimal


class BalanceChangedV1(Event):
    """A worker's year of development in hours: entitled, taken, still wanted, not given; unrounded.

    ``refused_in_a_row`` counts requests refused or cancelled for workload or cover since time was last taken;
    ``repeatedly_refused`` = so many that someone must answer for it.
    """

    TYPE: ClassVar[str] = "cpd.balance.changed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    as_of: date
    year_end: date
    entitled_hours: Decimal
    taken_hours: Decimal
    wanted_hours: Decimal
    withheld_hours: Decimal
    refused_in_a_row: int
    repeatedly_refused: bool


class ProtectedTimeChangedV1(Event):
    """Hours a week kept free for a worker's development, from a date: by entitlement or assessed year, whichever is more."""

    TYPE: ClassVar[str] = "cpd.protected_time.changed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    from_on: date
    hours_per_week: Decimal


class AssessedYearAgreedV1(Event):
    """The support and assessment agreement of an assessed year was made (clauses 6.4, 8.8)."""

    TYPE: ClassVar[str] = "cpd.assessed_year.agreed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    assessed_year_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    programme: str
    assessor_id: UUID
    started_on: date
    ends_on: date
    limit_on: date
    protected_pct: Decimal
    workload_pct: Decimal


class AssessedYearPausedV1(Event):
    """An assessed year stands still from a date; the words behind the cause stay in cpd."""

    TYPE: ClassVar[str] = "cpd.assessed_year.paused.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    assessed_year_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    from_on: date
    cause: PauseCause


class AssessedYearResumedV1(Event):
    """An assessed year goes on; its end has moved by the days of the pause."""

    TYPE: ClassVar[str] = "cpd.assessed_year.resumed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    assessed_year_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    resumed_on: date
    ends_on: date
    beyond_limit: bool


class AssessedYearEndedV1(Event):
    """The panel decided, or the year was given up; ``on_time`` = within the limit of the programme."""

    TYPE: ClassVar[str] = "cpd.assessed_year.ended.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    assessed_year_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    ended_on: date
    outcome: PanelOutcome
    on_time: bool


class ReviewJudgedV1(Event):
    """A review of an assessed year was held in time, late or not yet; told again when a pause moves it.

    ``overdue_reviews`` = how many required reviews of this worker are overdue after this.
    """

    TYPE: ClassVar[str] = "cpd.review.judged.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    assessed_year_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    month: int
    due_on: date
    held_on: date | None
    outcome: ReviewOutcome
    overdue_reviews: int


class AttestationMadeV1(Event):
    """A named person stated, with evidence, how a clause is kept; the words stay in cpd (clauses 1.11, 6.5, 6.6)."""

    TYPE: ClassVar[str] = "cpd.attestation.made.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    attestation_id: UUID
    org_unit_id: UUID
    clause: str
    stated_by: UUID
    stated_on: date
    review_due_on: date
