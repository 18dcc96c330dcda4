"""What was agreed: policies, reductions, responsibilities, contests, contingency plans, and the words about them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.allocation.tables.shared import NOTHING, an_id, metadata

policies = Table(
    "policies",
    metadata,
    an_id("policy_id", primary_key=True),
    an_id("org_unit_id"),
    Column("effective_from", Date, nullable=False),
    Column("full_time_points", Numeric, nullable=False),
    Column("full_time_hours", Numeric, nullable=False),
    Column("stable_points", Numeric, nullable=False),
    Column("stage_names", ARRAY(Text), nullable=False, server_default=NOTHING),
    Column("stage_factors", ARRAY(Numeric), nullable=False, server_default=NOTHING),
    Column("protect_supervision", Boolean, nullable=False),
    Column("cpd_hours_per_week", Numeric, nullable=False),
    Column("amber_above_pct", Numeric, nullable=False),
    Column("limit_pct", Numeric, nullable=False),
    Column("sustained_weeks", Integer, nullable=False),
    Column("modifier_names", ARRAY(Text), nullable=False, server_default=NOTHING),
    Column("modifier_points", ARRAY(Numeric), nullable=False, server_default=NOTHING),
    Column("weight_types", ARRAY(Text), nullable=False, server_default=NOTHING),
    Column("weight_complexities", ARRAY(Text), nullable=False, server_default=NOTHING),
    Column("weight_points", ARRAY(Numeric), nullable=False, server_default=NOTHING),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("set_by", Text, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("org_unit_id", "effective_from"),
    CheckConstraint("full_time_hours > 0", name="full_time_hours_positive"),
    CheckConstraint("full_time_points > 0", name="full_time_points_positive"),
    CheckConstraint("limit_pct > 0", name="limit_pct_positive"),
    CheckConstraint("sustained_weeks > 0", name="sustained_weeks_positive"),
)

reductions = Table(
    "reductions",
    metadata,
    an_id("reduction_id", primary_key=True),
    an_id("worker_id"),
    Column("hours", Numeric, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date),
    Column("deleted_at", DateTime(timezone=True)),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("hours > 0", name="hours_positive"),
    CheckConstraint("to_on >= from_on", name="dates_in_order"),
    Index("ix_reductions_worker_id", "worker_id"),
)

responsibilities = Table(
    "responsibilities",
    metadata,
    an_id("responsibility_id", primary_key=True),
    an_id("worker_id"),
    Column("points", Numeric, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("points > 0", name="points_positive"),
    CheckConstraint("to_on >= from_on", name="dates_in_order"),
    Index("ix_responsibilities_worker_id", "worker_id"),
)

contests = Table(
    "contests",
    metadata,
    an_id("contest_id", primary_key=True),
    an_id("worker_id"),
    Column("opened_on", Date, nullable=False),
    Column("available_points", Numeric, nullable=False),
    Column("load_points", Numeric, nullable=False),
    Column("upheld", Boolean),
    Column("answered_on", Date),
    Column("answered_by", Text),
    CheckConstraint("(upheld is null) = (answered_on is null)", name="answered_with_a_date"),
    Index("ix_contests_worker_id", "worker_id", "contest_id"),
)

contingency_plans = Table(
    "contingency_plans",
    metadata,
    an_id("plan_id", primary_key=True),
    an_id("org_unit_id"),
    an_id("worker_id", nullable=True),
    an_id("owner_id"),
    Column("agreed_on", Date, nullable=False),
    Column("review_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("steps", ARRAY(Text), nullable=False),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint("review_on >= agreed_on", name="dates_in_order"),
    Index("ix_contingency_plans_org_unit_id", "org_unit_id"),
)

notes = Table(
    "notes",
    metadata,
    an_id("about_id", primary_key=True),
    Column("kind", Text, primary_key=True),
    an_id("worker_id", nullable=True),
    Column("words", Text, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Index("ix_notes_worker_id", "worker_id"),
)
