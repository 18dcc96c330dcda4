"""Facts that safety publishes about concerns, incidents, lone visits and provision (Standard 4).

Who raised a concern, whom it is about, what happened and where somebody lives stay in safety. Facts about a concern raised in
confidence or without a name are published with those of a whole day, so that order and time say nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

ConcernTopic = Literal["resources", "operations", "workload", "own_skills", "own_capacity", "conduct", "other"]
ConcernMode = Literal["named", "confidential", "anonymous"]
ConcernStep = Literal["acknowledge", "assess", "answer"]
Risk = Literal["low", "medium", "high"]
IncidentKind = Literal[
    "physical_violence", "threat", "verbal_abuse", "harassment", "bullying", "sexual_harassment", "property_damage"
]
Place = Literal["home_visit", "office", "public_place", "court", "vehicle", "telephone", "online", "other"]
StatutoryCategory = Literal["report_without_delay", "report_within_15_days", "record", "none"]
ProvisionItem = Literal[
    "quiet_room",
    "confidential_room",
    "room_safety",
    "equipment",
    "information_technology",
    "internet",
    "mobile_phone",
    "transport",
    "welfare_services",
    "legal_advisers",
    "translators",
    "interpreters",
    "administrative_support",
]


class ConcernRaisedV1(Event):
    """A concern came in (clause 4.3); ``org_unit_id`` = the unit in whose line it is dealt with."""

    TYPE: ClassVar[str] = "safety.concern.raised.v1"
    SUBJECT: ClassVar[str] = "concern_id"

    concern_id: UUID
    org_unit_id: UUID
    topic: ConcernTopic
    mode: ConcernMode
    raised_on: date
    acknowledge_by: date
    assess_by: date
    answer_by: date


class ConcernAcknowledgedV1(Event):
    """Whoever raised a concern was told that it arrived; ``days`` since it was raised."""

    TYPE: ClassVar[str] = "safety.concern.acknowledged.v1"
    SUBJECT: ClassVar[str] = "concern_id"

    concern_id: UUID
    org_unit_id: UUID
    topic: ConcernTopic
    acknowledged_on: date
    days: int
    in_time: bool


class ConcernAssessedV1(Event):
    """The risk behind a concern was assessed (clause 4.4)."""

    TYPE: ClassVar[str] = "safety.concern.assessed.v1"
    SUBJECT: ClassVar[str] = "concern_id"

    concern_id: UUID
    org_unit_id: UUID
    topic: ConcernTopic
    assessed_on: date
    risk: Risk
    days: int
    in_time: bool


class ConcernAnsweredV1(Event):
    """A concern was answered and so closed (clause 4.4)."""

    TYPE: ClassVar[str] = "safety.concern.answered.v1"
    SUBJECT: ClassVar[str] = "concern_id"

    concern_id: UUID
    org_unit_id: UUID
    topic: ConcernTopic
    answered_on: date
    outcome: Literal["acted_on", "partly_acted_on", "explained", "referred_on"]
    days: int
    in_time: bool


class ConcernEscalatedV1(Event):
    """A step of a concern was not taken in time, and the next person up the line deals with it."""

    TYPE: ClassVar[str] = "safety.concern.escalated.v1"
    SUBJECT: ClassVar[str] = "concern_id"

    concern_id: UUID
    org_unit_id: UUID
    step: ConcernStep
    due_on: date
    level: int


class FollowUpMadeV1(Event):
    """Some months after a concern was closed, its reporter was asked whether raising it had done harm (clause 4.3)."""

    TYPE: ClassVar[str] = "safety.follow_up.made.v1"
    SUBJECT: ClassVar[str] = "concern_id"

    concern_id: UUID
    org_unit_id: UUID
    months: int
    outcome: Literal["no_detriment", "detriment", "no_answer"]
    made_on: date


class IncidentRecordedV1(Event):
    """Violence, threats, harassment or bullying happened to a worker, or what is known of it changed (clause 4.5)."""

    TYPE: ClassVar[str] = "safety.incident.recorded.v1"
    SUBJECT: ClassVar[str] = "incident_id"

    incident_id: UUID
    org_unit_id: UUID
    kind: IncidentKind
    place: Place
    occurred_on: date
    violent: bool
    category: StatutoryCategory
    report_by: date | None


class IncidentAssessedV1(Event):
    """The risk behind an incident was assessed (clause 4.5)."""

    TYPE: ClassVar[str] = "safety.incident.assessed.v1"
    SUBJECT: ClassVar[str] = "incident_id"

    incident_id: UUID
    org_unit_id: UUID
    risk: Risk
    assessed_on: date
    days: int


class IncidentReportedV1(Event):
    """An incident was reported to the enforcing authority."""

    TYPE: ClassVar[str] = "safety.incident.reported.v1"
    SUBJECT: ClassVar[str] = "incident_id"

    incident_id: UUID
    org_unit_id: UUID
    reported_on: date
    in_time: bool


class IncidentClosedV1(Event):
    """Nothing of an incident is left to do: its measures have ended or become ordinary practice."""

    TYPE: ClassVar[str] = "safety.incident.closed.v1"
    SUBJECT: ClassVar[str] = "incident_id"

    incident_id: UUID
    org_unit_id: UUID
    closed_on: date


class CaseMarkedV1(Event):
    """Whether there is something to ask safety about before visiting for a case; never what (clause 4.5)."""

    TYPE: ClassVar[str] = "safety.case.marked.v1"
    SUBJECT: ClassVar[str] = "case_key"

    case_key: str
    marked: bool


class CheckinMissedV1(Event):
    """Nobody has heard of a worker who should be back from a lone visit; ``level`` = how many contacts were told so far."""

    TYPE: ClassVar[str] = "safety.checkin.missed.v1"
    SUBJECT: ClassVar[str] = "visit_id"

    visit_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    contact_id: UUID
    level: int
    expected_back_at: datetime


class CheckinClosedV1(Event):
    """Someone made sure that a worker who had not checked in is safe, or took over."""

    TYPE: ClassVar[str] = "safety.checkin.closed.v1"
    SUBJECT: ClassVar[str] = "visit_id"

    visit_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    closed_by_id: UUID
    minutes: int


class ProvisionCheckedV1(Event):
    """What a team has, partly has or lacks of one thing that its work needs (clauses 4.1 and 4.6 to 4.9)."""

    TYPE: ClassVar[str] = "safety.provision.checked.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    org_unit_id: UUID
    item: ProvisionItem
    state: Literal["met", "partly", "missing"]
    checked_on: date


class AttestationRecordedV1(Event):
    """A named person stated whether a clause holds in an org unit, with evidence and a date."""

    TYPE: ClassVar[str] = "safety.attestation.recorded.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    attestation_id: UUID
    org_unit_id: UUID
    clause: Literal["4.6", "4.8", "4.9"]
    holds: bool
    attested_by_id: UUID
    attested_on: date
    valid_to: date


class PolicySetV1(Event):
    """How soon concerns are answered and lone visits checked, in an org unit and below, from a date."""

    TYPE: ClassVar[str] = "safety.policy.set.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    policy_id: UUID
    org_unit_id: UUID
    effective_from: date
    acknowledge_days: int
    assess_days: int
    answer_days: int
    grace_minutes: int
    ladder_minutes: int
