"""Entitlement to time and money for development, what was asked for and what was given."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from services.cpd.tables.shared import AT, ID, metadata

_CAUSE = "cause in ('workload', 'cover', 'budget', 'not_relevant', 'own_wish', 'other')"

entitlements = Table(
    "entitlements",
    metadata,
    Column("entitlement_id", ID, primary_key=True),
    Column("org_unit_id", ID, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("job_role", Text, comment="null: every role"),
    Column("career_stage", Text, comment="null: every stage"),
    Column("hours_per_year", Numeric, nullable=False),
    Column("budget_per_year", Numeric, nullable=False),
    Column("pro_rata", Boolean, nullable=False, comment="in proportion to contracted hours"),
    Column("full_time_hours", Numeric, nullable=False),
    Column("set_at", AT, nullable=False),
    Column("set_by", Text, nullable=False),
    UniqueConstraint("org_unit_id", "effective_from", "job_role", "career_stage", postgresql_nulls_not_distinct=True),
    CheckConstraint("hours_per_year >= 0", "hours_not_negative"),
    CheckConstraint("budget_per_year >= 0", "budget_not_negative"),
    CheckConstraint("full_time_hours > 0", "full_time_hours_positive"),
)

time_requests = Table(
    "time_requests",
    metadata,
    Column("request_id", ID, primary_key=True),
    Column("worker_id", ID, nullable=False),
    Column("status", Text, nullable=False),
    Column("for_on", Date, nullable=False, comment="the first day of it: it decides the year"),
    Column("hours", Numeric, nullable=False),
    Column("cost", Numeric, nullable=False),
    Column("cause", Text),
    Column("version", Integer, nullable=False),
    Column("requested_at", AT, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("decided_at", AT),
    Column("decided_by", Text),
    Column("closed_at", AT, comment="when it was taken, refused or cancelled"),
    CheckConstraint("status in ('requested', 'agreed', 'taken', 'refused', 'cancelled')", "status_known"),
    CheckConstraint(_CAUSE, "cause_known"),
    CheckConstraint("(status in ('refused', 'cancelled')) = (cause is not null)", "refused_with_cause"),
    CheckConstraint("hours >= 0", "hours_not_negative"),
    CheckConstraint("cost >= 0", "cost_not_negative"),
    Index("ix_time_requests_worker_id_for_on", "worker_id", "for_on"),
)

balances = Table(
    "balances",
    metadata,
    Column("worker_id", ID, primary_key=True),
    Column("year_end", Date, nullable=False),
    Column("org_unit_id", ID, nullable=False),
    Column("entitled_hours", Numeric, nullable=False),
    Column("taken_hours", Numeric, nullable=False),
    Column("wanted_hours", Numeric, nullable=False),
    Column("withheld_hours", Numeric, nullable=False),
    Column("refused_in_a_row", SmallInteger, nullable=False),
    Column("protected_hours_per_week", Numeric, nullable=False),
    Column("looked_on", Date, nullable=False),
    Index("ix_balances_looked_on", "looked_on"),
)
