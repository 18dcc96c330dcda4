"""Career plans, the library of research and guidance, induction, and attestations."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from services.cpd.tables.shared import AT, ID, metadata

_STAGE = "in ('student', 'assessed_year', 'practitioner', 'practice_supervisor', 'practice_leader')"

career_plans = Table(
    "career_plans",
    metadata,
    Column("worker_id", ID, primary_key=True),
    Column("plan_id", ID, nullable=False, unique=True),
    Column("stage", Text, nullable=False),
    Column("aspires_to", Text),
    Column("review_due_on", Date),
    Column("set_at", AT, nullable=False),
    Column("set_by", Text, nullable=False),
    CheckConstraint(f"stage {_STAGE}", "stage_known"),
    CheckConstraint(f"aspires_to {_STAGE}", "aspires_to_known"),
)

career_steps = Table(
    "career_steps",
    metadata,
    Column("step_id", ID, primary_key=True),
    Column("worker_id", ID, ForeignKey("career_plans.worker_id"), nullable=False),
    Column("due_on", Date),
    Column("done_on", Date),
    Column("added_at", AT, nullable=False),
    Index("ix_career_steps_worker_id", "worker_id"),
)

library_entries = Table(
    "library_entries",
    metadata,
    Column("entry_id", ID, primary_key=True),
    Column("org_unit_id", ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("summary", Text),
    Column("topics", ARRAY(Text), nullable=False),
    Column("review_due_on", Date),
    Column("added_at", AT, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("removed_at", AT),
    CheckConstraint("kind in ('research', 'guidance', 'policy', 'tool')", "kind_known"),
    Index("ix_library_entries_org_unit_id", "org_unit_id"),
)

induction_items = Table(
    "induction_items",
    metadata,
    Column("item_id", ID, primary_key=True),
    Column("org_unit_id", ID, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("within_days", SmallInteger, nullable=False),
    Column("set_at", AT, nullable=False),
    Column("set_by", Text, nullable=False),
    UniqueConstraint("org_unit_id", "code"),
    CheckConstraint("within_days >= 0", "within_days_not_negative"),
)

induction_marks = Table(
    "induction_marks",
    metadata,
    Column("worker_id", ID, primary_key=True),
    Column("item_id", ID, ForeignKey("induction_items.item_id"), primary_key=True),
    Column("done_on", Date, nullable=False),
    Column("marked_at", AT, nullable=False),
    Column("marked_by", Text, nullable=False),
)

attestations = Table(
    "attestations",
    metadata,
    Column("attestation_id", ID, primary_key=True),
    Column("org_unit_id", ID, nullable=False),
    Column("clause", Text, nullable=False),
    Column("stated_by_id", ID, nullable=False, comment="the worker who states it"),
    Column("stated_on", Date, nullable=False),
    Column("statement", Text, nullable=False),
    Column("evidence", ARRAY(Text), nullable=False),
    Column("review_due_on", Date, nullable=False),
    Column("recorded_at", AT, nullable=False),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint("clause in ('1.11', '6.5', '6.6')", "clause_known"),
    CheckConstraint("review_due_on > stated_on", "reviewed_after_it_was_stated"),
    CheckConstraint("cardinality(evidence) > 0", "evidence_named"),
    Index("ix_attestations_org_unit_id_clause", "org_unit_id", "clause", "stated_on"),
)
