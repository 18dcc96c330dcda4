"""The tables of allocation: who works how much, what was agreed, which cases wait or are held, and what was last told."""

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
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.sql.elements import TextClause

from chassis.tables import new_metadata

metadata = new_metadata()

_NOTHING: TextClause = text("'{}'")
_UNKNOWN: TextClause = text("0")


def _id(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[object]:
    return Column(name, UUID(as_uuid=True), primary_key=primary_key, nullable=nullable)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


case_key_secrets = Table(
    "case_key_secrets",
    metadata,
    Column("single", Boolean, primary_key=True, server_default=text("true")),
    Column("secret", Text, nullable=False),
    CheckConstraint("single", name="one_row"),
)

workers = Table(
    "workers",
    metadata,
    _id("worker_id", primary_key=True),
    Column("employment_started_on", Date, nullable=False),
    Column("employment_ended_on", Date),
    Column("is_social_worker", Boolean, nullable=False),
    Column("has_registration_number", Boolean, nullable=False),
    Column("newly_qualified", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

protected_times = Table(
    "protected_times",
    metadata,
    _id("worker_id", primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("hours_per_week", Numeric, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

assessed_years = Table(
    "assessed_years",
    metadata,
    _id("assessed_year_id", primary_key=True),
    _id("worker_id"),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("workload_pct", Numeric, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("ix_assessed_years_worker_id", "worker_id"),
)

registrations = Table(
    "registrations",
    metadata,
    _id("worker_id", primary_key=True),
    Column("refused", Boolean, nullable=False),
    Column("conditions", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

worker_skills = Table(
    "worker_skills",
    metadata,
    _id("worker_id", primary_key=True),
    Column("skills", ARRAY(Text), nullable=False),
)

worker_facts = Table(
    "worker_facts",
    metadata,
    _id("worker_id", primary_key=True),
    Column("from_on", Date, primary_key=True),
    _id("org_unit_id"),
    Column("contracted_hours", Numeric, nullable=False),
    Column("career_stage", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

cadences = Table(
    "cadences",
    metadata,
    _id("worker_id", primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("cadence", Text, nullable=False),
    Column("minutes_per_session", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    _one_of("cadence", "weekly", "fortnightly", "monthly"),
)

absences = Table(
    "absences",
    metadata,
    _id("absence_id", primary_key=True),
    _id("worker_id"),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("ix_absences_worker_id", "worker_id", "to_on"),
)

policies = Table(
    "policies",
    metadata,
    _id("policy_id", primary_key=True),
    _id("org_unit_id"),
    Column("effective_from", Date, nullable=False),
    Column("full_time_points", Numeric, nullable=False),
    Column("full_time_hours", Numeric, nullable=False),
    Column("stable_points", Numeric, nullable=False),
    Column("stage_names", ARRAY(Text), nullable=False, server_default=_NOTHING),
    Column("stage_factors", ARRAY(Numeric), nullable=False, server_default=_NOTHING),
    Column("protect_supervision", Boolean, nullable=False),
    Column("cpd_hours_per_week", Numeric, nullable=False),
    Column("amber_above_pct", Numeric, nullable=False),
    Column("limit_pct", Numeric, nullable=False),
    Column("sustained_weeks", Integer, nullable=False),
    Column("modifier_names", ARRAY(Text), nullable=False, server_default=_NOTHING),
    Column("modifier_points", ARRAY(Numeric), nullable=False, server_default=_NOTHING),
    Column("weight_types", ARRAY(Text), nullable=False, server_default=_NOTHING),
    Column("weight_complexities", ARRAY(Text), nullable=False, server_default=_NOTHING),
    Column("weight_points", ARRAY(Numeric), nullable=False, server_default=_NOTHING),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("set_by", Text, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("org_unit_id", "effective_from"),
    CheckConstraint("full_time_hours > 0", name="full_time_hours_positive"),
    CheckConstraint("full_time_points > 0", name="full_time_points_positive"),
    CheckConstraint("limit_pct > 0", name="limit_pct_positive"),
    CheckConstraint("sustained_weeks > 0", name="sustained_weeks_positive"),
)

cases = Table(
    "cases",
    metadata,
    _id("case_id", primary_key=True),
    Column("source", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("case_key", Text, nullable=False),
    Column("case_type", Text, nullable=False),
    Column("complexity", Text, nullable=False),
    _id("org_unit_id"),
    Column("priority", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("skills", ARRAY(Text), nullable=False, server_default=_NOTHING),
    Column("modifiers", ARRAY(Text), nullable=False, server_default=_NOTHING),
    _id("worker_id", nullable=True),
    Column("closed_on", Date),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("source", "reference"),
    _one_of("priority", "urgent", "high", "medium", "low"),
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
    _id("allocation_id", primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False),
    _id("worker_id"),
    Column("allocated_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("end_kind", Text),
    Column("points", Numeric, nullable=False),
    Column("overridden", Boolean, nullable=False),
    Column("allocated_by", Text, nullable=False),
    Column("allocated_at", DateTime(timezone=True), nullable=False),
    _one_of("end_kind", "reallocated", "closed", "returned", "worker_left"),
    CheckConstraint("(ended_on is null) = (end_kind is null)", name="ended_with_a_kind"),
    Index("ix_allocations_worker_id", "worker_id", "ended_on"),
    Index("ix_allocations_case_id", "case_id"),
    Index("uq_allocations_open", "case_id", unique=True, postgresql_where=text("ended_on is null")),
)

reductions = Table(
    "reductions",
    metadata,
    _id("reduction_id", primary_key=True),
    _id("worker_id"),
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
    _id("responsibility_id", primary_key=True),
    _id("worker_id"),
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
    _id("contest_id", primary_key=True),
    _id("worker_id"),
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
    _id("plan_id", primary_key=True),
    _id("org_unit_id"),
    _id("worker_id", nullable=True),
    _id("owner_id"),
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
    _id("about_id", primary_key=True),
    Column("kind", Text, primary_key=True),
    _id("worker_id", nullable=True),
    Column("words", Text, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
    Index("ix_notes_worker_id", "worker_id"),
)

workload_states = Table(
    "workload_states",
    metadata,
    _id("worker_id", primary_key=True),
    _id("org_unit_id"),
    Column("as_of", Date, nullable=False),
    Column("available_points", Numeric, nullable=False),
    Column("load_points", Numeric, nullable=False),
    Column("band", Text, nullable=False),
    Column("overloaded", Boolean, nullable=False),
    Column("due_on", Date),
    Column("next_reading_on", Date, nullable=False),
    Column("run_weeks", Integer, nullable=False, server_default=_UNKNOWN),
    Column("run_since", Date),
    Column("run_told", Boolean, nullable=False, server_default=text("false")),
    _one_of("band", "ok", "amber", "over", "no_capacity", "none"),
    Index("ix_workload_states_due_on", "due_on"),
    Index("ix_workload_states_next_reading_on", "next_reading_on"),
)

workload_readings = Table(
    "workload_readings",
    metadata,
    _id("worker_id", primary_key=True),
    Column("read_on", Date, primary_key=True),
    Column("available_points", Numeric, nullable=False),
    Column("load_points", Numeric, nullable=False),
    Column("band", Text, nullable=False),
    Column("overloaded", Boolean, nullable=False),
    _one_of("band", "ok", "amber", "over", "no_capacity", "none"),
)
