"""Facts that allocation publishes about cases, capacity and workload (Standard 3). A case is named by a keyed hash only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

Priority = Literal["urgent", "high", "medium", "low"]
Band = Literal["ok", "amber", "over", "no_capacity", "none"]


class PolicySetV1(Event):
    """A workload policy holds for an org unit and below from a date."""

    TYPE: ClassVar[str] = "allocation.policy.set.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    policy_id: UUID
    org_unit_id: UUID
    effective_from: date
    limit_pct: Decimal
    amber_above_pct: Decimal
    sustained_weeks: int


class CaseReceivedV1(Event):
    """A case-recording system told of a case for the first time; it waits for a worker."""

    TYPE: ClassVar[str] = "allocation.case.received.v1"
    SUBJECT: ClassVar[str] = "case_key"

    case_key: str
    org_unit_id: UUID
    case_type: str
    complexity: str
    priority: Priority
    received_on: date


class CaseChangedV1(Event):
    """What is known of a case changed: its unit, type, complexity or priority."""

    TYPE: ClassVar[str] = "allocation.case.changed.v1"
    SUBJECT: ClassVar[str] = "case_key"

    case_key: str
    org_unit_id: UUID
    case_type: str
    complexity: str
    priority: Priority
    received_on: date
    worker_id: UUID | None


class CaseAllocatedV1(Event):
    """A case is held by a named worker from now on."""

    TYPE: ClassVar[str] = "allocation.case.allocated.v1"
    SUBJECT: ClassVar[str] = "case_key"

    case_key: str
    allocation_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    previous_worker_id: UUID | None
    received_on: date
    allocated_on: date
    points: Decimal


class CaseClosedV1(Event):
    """Work on a case ended."""

    TYPE: ClassVar[str] = "allocation.case.closed.v1"
    SUBJECT: ClassVar[str] = "case_key"

    case_key: str
    org_unit_id: UUID
    worker_id: UUID | None
    closed_on: date


class WorkloadChangedV1(Event):
    """A worker's load or availability changed: the figures after the change, unrounded."""

    TYPE: ClassVar[str] = "allocation.workload.changed.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    as_of: date
    available_points: Decimal
    load_points: Decimal
    band: Band
    overloaded: bool


class WorkloadOverloadedV1(Event):
    """A worker went above the limit of the policy in force."""

    TYPE: ClassVar[str] = "allocation.workload.overloaded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    as_of: date
    available_points: Decimal
    load_points: Decimal
    limit_pct: Decimal
    band: Band


class WorkloadRelievedV1(Event):
    """A worker who was overloaded is so no longer."""

    TYPE: ClassVar[str] = "allocation.workload.relieved.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    as_of: date
    available_points: Decimal
    load_points: Decimal
    limit_pct: Decimal
    band: Band


class WorkloadSustainedV1(Event):
    """A worker was above the limit at each of the last weekly readings that the policy asks for."""

    TYPE: ClassVar[str] = "allocation.workload.sustained.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    as_of: date
    weeks: int
    overloaded_since: date


class LimitOverriddenV1(Event):
    """A manager allocated above the limit and gave a reason, which stays in allocation."""

    TYPE: ClassVar[str] = "allocation.limit.overridden.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    case_key: str
    allocation_id: UUID
    overridden_by: str
    load_points_after: Decimal
    available_points: Decimal


class ReductionRecordedV1(Event):
    """A reduction of a worker's available hours was recorded, changed or deleted."""

    TYPE: ClassVar[str] = "allocation.reduction.recorded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    reduction_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    hours: Decimal
    from_on: date
    to_on: date | None
    deleted: bool = False


class ResponsibilityRecordedV1(Event):
    """An extra responsibility that carries points was recorded or ended."""

    TYPE: ClassVar[str] = "allocation.responsibility.recorded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    responsibility_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    points: Decimal
    from_on: date
    to_on: date | None


class ContestOpenedV1(Event):
    """A worker contests a workload figure (clause 3.2: assessed with the worker)."""

    TYPE: ClassVar[str] = "allocation.contest.opened.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    contest_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    opened_on: date


class ContestAnsweredV1(Event):
    """A contest of a workload figure was answered."""

    TYPE: ClassVar[str] = "allocation.contest.answered.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    contest_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    upheld: bool
    answered_on: date


class ContingencyAgreedV1(Event):
    """A unit agreed, or agreed anew after a review, what to do while demand exceeds capacity (clause 3.3); no words of it."""

    TYPE: ClassVar[str] = "allocation.contingency.agreed.v1"
    SUBJECT: ClassVar[str] = "plan_id"

    plan_id: UUID
    org_unit_id: UUID
    worker_id: UUID | None
    owner_id: UUID
    agreed_on: date
    review_on: date
    steps: tuple[Literal["remove_work", "defer_work", "add_support", "recruit_or_redeploy", "escalate"], ...]


class ContingencyEndedV1(Event):
    """A contingency plan ended."""

    TYPE: ClassVar[str] = "allocation.contingency.ended.v1"
    SUBJECT: ClassVar[str] = "plan_id"

    plan_id: UUID
    org_unit_id: UUID
    ended_on: date
