"""Cases, what they were before, and who holds or held them."""

from __future__ import annotations

from sqlalchemy import (
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
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.allocation.tables.shared import NOTHING, an_id, metadata, one_of

case_key_secrets = Table(
    "case_key_secrets",
    metadata,
    Column("single", Boolean, primary_key=True, server_default=text("true")),
    Column("secret", Text, nullable=False),
    CheckConstraint("single", name="one_row"),
)

cases = Table(
    "cases",
    metadata,
    an_id("case_id", primary_key=True),
    Column("source", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("case_key", Text, nullable=False),
    Column("case_type", Text, nullable=False),
    Column("complexity", Text, nullable=False),
    an_id("org_unit_id"),
    Column("priority", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("skills", ARRAY(Text), nullable=False, server_default=NOTHING),
    Column("modifiers", ARRAY(Text), nullable=False, server_default=NOTHING),
    an_id("worker_id", nullable=True),
    Column("closed_on", Date),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("source", "reference"),
    one_of("priority", "urgent", "high", "medium", "low"),
    CheckConstraint("closed_on is null or worker_id is null", name="closed_case_is_not_held"),
    Index(
        "ix_cases_waiting",
        "org_unit_id",
        "received_on",
        postgresql_where=text("worker_id is null and closed_on is null"),
    ),
    Index("ix_cases_worker_id", "worker_id", postgresql_where=text("worker_id is not null")),
)

case_history = Table(
    "case_history",
    metadata,
    Column("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("until_on", Date, primary_key=True),
    Column("case_type", Text, nullable=False),
    Column("complexity", Text, nullable=False),
    Column("modifiers", ARRAY(Text), nullable=False),
)

allocations = Table(
    "allocations",
    metadata,
    an_id("allocation_id", primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False),
    an_id("worker_id"),
    Column("allocated_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("end_kind", Text),
    Column("points", Numeric, nullable=False),
    Column("overridden", Boolean, nullable=False),
    Column("allocated_by", Text, nullable=False),
    Column("allocated_at", DateTime(timezone=True), nullable=False),
    one_of("end_kind", "reallocated", "closed", "returned", "worker_left"),
    CheckConstraint("(ended_on is null) = (end_kind is null)", name="ended_with_a_kind"),
    Index("ix_allocations_worker_id", "worker_id", "ended_on"),
    Index("ix_allocations_case_id", "case_id"),
    Index("uq_allocations_open", "case_id", unique=True, postgresql_where=text("ended_on is null")),
)
