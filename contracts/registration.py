"""Facts that registration publishes about registration status, renewal and designated posts (Standard 7).

Numbers, conditions in words and everything about referrals stay in registration: only the fact of a status change travels.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

RegistrationStatus = Literal[
    "registered",
    "conditions",
    "interim_conditions",
    "suspended",
    "interim_suspension",
    "removed",
    "not_renewed",
    "voluntary_removal",
    "not_found",
    "unknown",
]
RenewalPart = Literal["form", "fee", "cpd"]


class StatusChangedV1(Event):
    """What the register says of a worker changed; ``barred`` = the worker may not practise as a social worker."""

    TYPE: ClassVar[str] = "registration.status.changed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    status: RegistrationStatus
    previous: RegistrationStatus
    barred: bool
    has_conditions: bool
    changed_on: date


class CheckRecordedV1(Event):
    """The register was asked about a list of numbers and its answer was taken in: how many of what, never which."""

    TYPE: ClassVar[str] = "registration.check.recorded.v1"
    SUBJECT: ClassVar[str] = "check_id"

    check_id: UUID
    org_unit_id: UUID
    checked_on: date
    asked: int
    answered: int
    missing: int
    changed: int
    rejected: int
    name_mismatches: int


class PostJudgedV1(Event):
    """Whether a worker in designated posts is registered (clause 7.1); ``breach`` = in such a post and known not to be.

    ``posts`` counts the designated posts that the worker holds; a social worker of whom no post is recorded counts as one.
    """

    TYPE: ClassVar[str] = "registration.post.judged.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    status: RegistrationStatus
    posts: int
    registered: bool
    breach: bool


class RenewalChangedV1(Event):
    """Where a worker stands with the renewal of the year that ends on a date (clause 7.2)."""

    TYPE: ClassVar[str] = "registration.renewal.changed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    registration_year_end: date
    due: bool
    form: bool
    fee: bool
    cpd: bool
    renewed: bool
    ready: bool
    missing: tuple[RenewalPart, ...]
    at_risk: bool


class RenewalRemindedV1(Event):
    """A reminder of an unfinished renewal is due to a person: the worker, or the line manager after the worker."""

    TYPE: ClassVar[str] = "registration.renewal.reminded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    registration_year_end: date
    days_before: int
    recipient: Literal["worker", "line_manager"]
    recipient_id: UUID
    missing: tuple[RenewalPart, ...]


class PolicySetV1(Event):
    """How the register is read and when renewals are reminded of, in an org unit and below, from a date."""

    TYPE: ClassVar[str] = "registration.policy.set.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    policy_id: UUID
    org_unit_id: UUID
    effective_from: date
    lag_days: int
    reminder_days: tuple[int, ...]
    manager_from_days: int
    at_risk_days: int
