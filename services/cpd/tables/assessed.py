"""The assessed year: programmes as data, agreements, reviews, evidence, pauses and the panel's decision."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.cpd.tables.shared import AT, ID, metadata

programmes = Table(
    "programmes",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("agreements_from", Date, nullable=False),
    Column("agreements_to", Date),
    Column("provisional", Boolean, nullable=False, comment="announced; its numbers may still change"),
    Column("length_months", SmallInteger, nullable=False),
    Column("limit_months", SmallInteger, nullable=False),
    Column("reviews", JSONB, nullable=False, comment="[{month, required}]"),
    Column("evidence", JSONB, nullable=False, comment="[{item, title, needed}]"),
    Column("protected_pct", Numeric, nullable=False),
    Column("workload_pct", Numeric, nullable=False),
    Column("set_at", AT, nullable=False),
    Column("set_by", Text, nullable=False),
    CheckConstraint("length_months > 0 and limit_months >= length_months", "limit_after_length"),
    CheckConstraint("protected_pct between 0 and 100 and workload_pct between 0 and 100", "percentages_in_range"),
)

assessed_years = Table(
    "assessed_years",
    metadata,
    Column("assessed_year_id", ID, primary_key=True),
    Column("worker_id", ID, nullable=False),
    Column("programme", Text, nullable=False),
    Column("assessor_id", ID, nullable=False),
    Column("started_on", Date, nullable=False),
    Column("agreed_on", Date, nullable=False),
    Column("length_months", SmallInteger, nullable=False),
    Column("limit_months", SmallInteger, nullable=False),
    Column("protected_pct", Numeric, nullable=False),
    Column("workload_pct", Numeric, nullable=False),
    Column("status", Text, nullable=False),
    Column("outcome", Text),
    Column("recommended", Text, comment="what the assessor recommended to the panel"),
    Column("ended_on", Date),
    Column("next_look_on", Date, comment="the next day on which a review of it can become overdue"),
    Column("recorded_at", AT, nullable=False),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint("status in ('active', 'paused', 'ended')", "status_known"),
    CheckConstraint("outcome in ('passed', 'failed', 'withdrawn')", "outcome_known"),
    CheckConstraint("recommended in ('pass', 'fail')", "recommended_known"),
    CheckConstraint("(status = 'ended') = (outcome is not null)", "ended_with_outcome"),
    CheckConstraint("(status = 'ended') = (ended_on is not null)", "ended_on_a_day"),
    Index("ix_assessed_years_worker_id", "worker_id"),
    Index("uq_assessed_years_running", "worker_id", unique=True, postgresql_where=text("status <> 'ended'")),
    Index("ix_assessed_years_next_look_on", "next_look_on", postgresql_where=text("next_look_on is not null")),
)

assessed_year_pauses = Table(
    "assessed_year_pauses",
    metadata,
    Column("pause_id", ID, primary_key=True),
    Column("assessed_year_id", ID, ForeignKey("assessed_years.assessed_year_id"), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("resumed_on", Date, comment="the first day on which it went on; null while it stands still"),
    Column("cause", Text, nullable=False),
    CheckConstraint(
        "cause in ('sickness', 'bereavement', 'parental_leave', 'lack_of_support', 'other_leave')", "cause_known"
    ),
    CheckConstraint("resumed_on > from_on", "ends_after_it_began"),
    Index("uq_assessed_year_pauses_open", "assessed_year_id", unique=True, postgresql_where=text("resumed_on is null")),
    Index("ix_assessed_year_pauses_assessed_year_id", "assessed_year_id"),
)

assessed_year_reviews = Table(
    "assessed_year_reviews",
    metadata,
    Column("assessed_year_id", ID, ForeignKey("assessed_years.assessed_year_id"), primary_key=True),
    Column("month", SmallInteger, primary_key=True),
    Column("review_id", ID, nullable=False, unique=True),
    Column("required", Boolean, nullable=False),
    Column("held_on", Date),
    Column("progress", Text),
    Column("told_due_on", Date, comment="the due date with which its outcome was last told"),
    Column("told_outcome", Text),
    CheckConstraint("progress in ('on_track', 'concerns')", "progress_known"),
    CheckConstraint("(held_on is null) = (progress is null)", "held_with_progress"),
    CheckConstraint("told_outcome in ('on_time', 'late', 'missed', 'withdrawn')", "told_outcome_known"),
)

assessed_year_evidences = Table(
    "assessed_year_evidences",
    metadata,
    Column("assessed_year_id", ID, ForeignKey("assessed_years.assessed_year_id"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("needed", SmallInteger, nullable=False),
    Column("place", SmallInteger, nullable=False),
    CheckConstraint("needed > 0", "needed_positive"),
)

evidence_pieces = Table(
    "evidence_pieces",
    metadata,
    Column("piece_id", ID, primary_key=True),
    Column("assessed_year_id", ID, ForeignKey("assessed_years.assessed_year_id"), nullable=False),
    Column("item", Text, nullable=False),
    Column("done_on", Date, nullable=False),
    Column("recorded_at", AT, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Index("ix_evidence_pieces_assessed_year_id", "assessed_year_id"),
)
