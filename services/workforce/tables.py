"""The tables of workforce: the org tree, workers and their terms, absence, posts, and who holds how many cases."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from chassis.tables import new_metadata
from services.workforce.rules.absences import KINDS as ABSENCE_KINDS
from services.workforce.rules.org_units import KINDS as UNIT_KINDS
from services.workforce.rules.workers import CAREER_STAGES

metadata = new_metadata()


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(value) for value in values)})"


org_units = Table(
    "org_units",
    metadata,
    Column("org_unit_id", UUID(as_uuid=True), primary_key=True),
    Column("parent_id", UUID(as_uuid=True), ForeignKey("org_units.org_unit_id")),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(_one_of("kind", UNIT_KINDS), name="kind_known"),
    Index(None, "parent_id"),
)

workers = Table(
    "workers",
    metadata,
    Column("worker_id", UUID(as_uuid=True), primary_key=True),
    Column("employer_id", UUID(as_uuid=True), ForeignKey("org_units.org_unit_id"), nullable=False),
    Column("employee_ref", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("org_unit_id", UUID(as_uuid=True), ForeignKey("org_units.org_unit_id"), nullable=False),
    Column("line_manager_id", UUID(as_uuid=True), ForeignKey("workers.worker_id")),
    Column("job_role", Text, nullable=False),
    Column("career_stage", Text, nullable=False),
    Column("newly_qualified", Boolean, nullable=False),
    Column("is_social_worker", Boolean, nullable=False),
    Column("registration_number", Text),
    Column("is_agency", Boolean, nullable=False),
    Column("contracted_hours", Numeric(5, 2), nullable=False),
    Column("employment_started_on", Date, nullable=False),
    Column("employment_ended_on", Date),
    Column("monitored_from", Date),
    Column("left_announced_on", Date),
    Column("version", Integer, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(_one_of("career_stage", CAREER_STAGES), name="career_stage_known"),
    CheckConstraint("contracted_hours >= 0", name="contracted_hours_not_negative"),
    CheckConstraint("employment_ended_on >= employment_started_on", name="employment_runs_forward"),
    CheckConstraint("line_manager_id <> worker_id", name="nobody_manages_themselves"),
    UniqueConstraint("employer_id", "employee_ref"),
    Index(None, "employee_ref"),
    Index(None, "org_unit_id"),
    Index(None, "line_manager_id"),
    Index(None, "employment_ended_on"),
)

accountable_people = Table(
    "accountable_people",
    metadata,
    Column("org_unit_id", UUID(as_uuid=True), ForeignKey("org_units.org_unit_id"), primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("worker_id", UUID(as_uuid=True), ForeignKey("workers.worker_id"), nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)

# What counted for the rates on each day, so that a figure for a past date does not move with today's moves.
worker_terms = Table(
    "worker_terms",
    metadata,
    Column("worker_id", UUID(as_uuid=True), ForeignKey("workers.worker_id"), primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("org_unit_id", UUID(as_uuid=True), nullable=False),
    Column("contracted_hours", Numeric(5, 2), nullable=False),
    Column("is_agency", Boolean, nullable=False),
    Column("is_social_worker", Boolean, nullable=False),
)

absences = Table(
    "absences",
    metadata,
    Column("absence_id", UUID(as_uuid=True), primary_key=True),
    Column("worker_id", UUID(as_uuid=True), ForeignKey("workers.worker_id"), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint(_one_of("kind", ABSENCE_KINDS), name="kind_known"),
    CheckConstraint("to_on >= from_on", name="runs_forward"),
    Index(None, "worker_id", "from_on"),
)

# Free text about a person stands here alone, so that it can be erased while the facts stay.
notes = Table(
    "notes",
    metadata,
    Column("about_id", UUID(as_uuid=True), primary_key=True),
    Column("worker_id", UUID(as_uuid=True), ForeignKey("workers.worker_id"), nullable=False),
    Column("text", Text, nullable=False),
    Index(None, "worker_id"),
)

posts = Table(
    "posts",
    metadata,
    Column("post_id", UUID(as_uuid=True), primary_key=True),
    Column("org_unit_id", UUID(as_uuid=True), ForeignKey("org_units.org_unit_id"), nullable=False),
    Column("job_role", Text, nullable=False),
    Column("fte", Numeric(3, 2), nullable=False),
    Column("designated", Boolean, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("version", Integer, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("fte > 0 and fte <= 1", name="fte_of_one_person"),
    CheckConstraint("closed_on >= opened_on", name="runs_forward"),
    Index(None, "org_unit_id"),
)

# From a date on, a post is held by a worker, or by nobody.
post_holdings = Table(
    "post_holdings",
    metadata,
    Column("post_id", UUID(as_uuid=True), ForeignKey("posts.post_id"), primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("worker_id", UUID(as_uuid=True), ForeignKey("workers.worker_id")),
    Index(None, "worker_id"),
)

# From a date on, a case is held by a worker, or by nobody; every turn is kept, so the order of arrival does not matter.
registrations = Table(
    "registrations",
    metadata,
    Column("worker_id", UUID(as_uuid=True), primary_key=True),
    Column("breach", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

case_holdings = Table(
    "case_holdings",
    metadata,
    Column("case_key", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("worker_id", UUID(as_uuid=True)),
    Column("from_on", Date, nullable=False),
    Index(None, "worker_id"),
)
