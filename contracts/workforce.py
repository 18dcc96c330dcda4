"""Facts that workforce publishes about org units, the people accountable for them, workers, posts and absence (Standard 2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

UnitKind = Literal["region", "authority", "directorate", "service", "team"]
CareerStage = Literal["student", "asye", "practitioner", "senior_practitioner", "manager"]


class OrgUnitRecordedV1(Event):
    """An org unit exists, with its place in the tree."""

    TYPE: ClassVar[str] = "workforce.org_unit.recorded.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    org_unit_id: UUID
    parent_id: UUID | None
    kind: UnitKind


class AccountableChangedV1(Event):
    """From a date, a worker answers for an org unit (clause 1.4)."""

    TYPE: ClassVar[str] = "workforce.accountable.changed.v1"
    SUBJECT: ClassVar[str] = "org_unit_id"

    org_unit_id: UUID
    worker_id: UUID
    from_on: date


class WorkerRecordedV1(Event):
    """The whole of what others may know of a worker, after it was recorded or changed. Names and numbers stay in workforce."""

    TYPE: ClassVar[str] = "workforce.worker.recorded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    line_manager_id: UUID | None
    job_role: str
    career_stage: CareerStage
    newly_qualified: bool
    is_social_worker: bool
    has_registration_number: bool
    is_agency: bool = False
    contracted_hours: Decimal
    employment_started_on: date
    employment_ended_on: date | None = None
    monitored_from: date


class WorkerLeftV1(Event):
    """A worker's employment ended; the last day of it."""

    TYPE: ClassVar[str] = "workforce.worker.left.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    worker_id: UUID
    org_unit_id: UUID
    left_on: date


class AbsenceRecordedV1(Event):
    """A worker is or was absent from one date to another, both included. The reason stays in workforce."""

    TYPE: ClassVar[str] = "workforce.absence.recorded.v1"
    SUBJECT: ClassVar[str] = "worker_id"

    absence_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    from_on: date
    to_on: date


class PostRecordedV1(Event):
    """A post exists: its size in full-time equivalents, whether it needs registration, and who holds it, if anyone."""

    TYPE: ClassVar[str] = "workforce.post.recorded.v1"
    SUBJECT: ClassVar[str] = "post_id"

    post_id: UUID
    org_unit_id: UUID
    fte: Decimal
    designated: bool
    holder_id: UUID | None
    closed_on: date | None = None
