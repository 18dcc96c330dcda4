"""The tables of supervision: what is known of workers, sessions and agreements, and how each period was judged."""

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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from chassis.tables import new_metadata

metadata = new_metadata()

_ID = UUID(as_uuid=True)
_AT = DateTime(timezone=True)
_STREAM = "stream in ('line', 'professional')"
_CADENCE = "cadence in ('weekly', 'fortnightly', 'monthly')"
_RATING = "between 1 and 5"

# Copies of what workforce says, rebuilt from its events.

workers = Table(
    "workers",
    metadata,
    Column("worker_id", _ID, primary_key=True),
    Column("employment_started_on", Date, nullable=False),
    Column("employment_ended_on", Date),
    Column("monitored_from", Date, nullable=False),
    Column("earlier_ended_on", Date, comment="the last day of an employment before this one"),
    Column("sequence", BigInteger, nullable=False),
)

worker_facts = Table(
    "worker_facts",
    metadata,
    Column("worker_id", _ID, primary_key=True),
    Column("learned_on", Date, primary_key=True),
    Column("from_on", Date, nullable=False, comment="0001-01-01 for the first facts, which hold from the beginning"),
    Column("org_unit_id", _ID, nullable=False),
    Column("line_manager_id", _ID),
    Column("newly_qualified", Boolean, nullable=False),
    Column("is_social_worker", Boolean, nullable=False),
    Column("has_registration_number", Boolean, nullable=False),
    Index("ix_worker_facts_line_manager_id", "line_manager_id"),
    Index("ix_worker_facts_org_unit_id", "org_unit_id"),
)

absences = Table(
    "absences",
    metadata,
    Column("absence_id", _ID, primary_key=True),
    Column("worker_id", _ID, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("ix_absences_worker_id", "worker_id"),
)

# What supervision itself decides.

standings = Table(
    "standings",
    metadata,
    Column("worker_id", _ID, primary_key=True),
    Column("next_look_on", Date, comment="the next day on which a period of this worker ends or begins"),
    Column("judged_on", Date, comment="the last day on which this worker's periods were judged"),
    Column("cadence", Text),
    Column("minutes", SmallInteger),
    CheckConstraint(_CADENCE, "cadence_known"),
    Index("ix_standings_next_look_on", "next_look_on", postgresql_where=text("next_look_on is not null")),
)

judgements = Table(
    "judgements",
    metadata,
    Column("worker_id", _ID, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("period_start", Date, primary_key=True),
    Column("period_end", Date, nullable=False),
    Column("cadence", Text, nullable=False),
    Column("minimum_minutes", SmallInteger, nullable=False),
    Column("org_unit_id", _ID, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("session_id", _ID),
    Column("judged_at", _AT, nullable=False),
    Column("restated_at", _AT),
    CheckConstraint(_STREAM, "stream_known"),
    CheckConstraint(_CADENCE, "cadence_known"),
    CheckConstraint("outcome in ('met', 'missed', 'excused', 'withdrawn')", "outcome_known"),
    CheckConstraint("(outcome = 'met') = (session_id is not null)", "met_by_a_session"),
    CheckConstraint("period_start < period_end", "period_not_empty"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", _ID, primary_key=True),
    Column("worker_id", _ID, nullable=False),
    Column("supervisor_id", _ID, nullable=False),
    Column("stream", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("held_at", _AT, nullable=False),
    Column("held_on", Date, nullable=False, comment="the London date of held_at"),
    Column("minutes", SmallInteger, nullable=False),
    Column("uninterrupted", Boolean, nullable=False),
    Column("reflective", Boolean, nullable=False),
    Column("supervisor_registered", Boolean, nullable=False),
    Column("quality_by_worker", SmallInteger),
    Column("quality_by_supervisor", SmallInteger),
    Column("recorded_at", _AT, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("cancelled_at", _AT),
    Column("cancelled_by", Text),
    Column("cancel_reason", Text),
    Column("rebooked_for", _AT),
    CheckConstraint(_STREAM, "stream_known"),
    CheckConstraint("kind in ('individual', 'group', 'case', 'peer')", "kind_known"),
    CheckConstraint("minutes > 0", "minutes_positive"),
    CheckConstraint(f"quality_by_worker {_RATING}", "quality_by_worker_in_range"),
    CheckConstraint(f"quality_by_supervisor {_RATING}", "quality_by_supervisor_in_range"),
    CheckConstraint("(cancelled_at is null) = (cancel_reason is null)", "cancelled_with_reason"),
    Index("ix_sessions_worker_id_held_on", "worker_id", "held_on"),
    Index("ix_sessions_held_at_session_id", "held_at", "session_id"),
)

agreed_actions = Table(
    "agreed_actions",
    metadata,
    Column("action_id", _ID, primary_key=True),
    Column("worker_id", _ID, nullable=False),
    Column("stream", Text, nullable=False),
    Column("session_id", _ID, ForeignKey("sessions.session_id"), nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("due_on", Date),
    Column("closed_on", Date),
    Column("closed_in_session_id", _ID),
    Column("outcome", Text),
    CheckConstraint(_STREAM, "stream_known"),
    CheckConstraint("outcome in ('done', 'dropped')", "outcome_known"),
    CheckConstraint("(closed_on is null) = (outcome is null)", "closed_with_outcome"),
    Index(
        "ix_agreed_actions_open_worker_id",
        "worker_id",
        postgresql_where=text("closed_on is null"),
    ),
    Index("ix_agreed_actions_session_id", "session_id"),
)

agreements = Table(
    "agreements",
    metadata,
    Column("agreement_id", _ID, primary_key=True),
    Column("worker_id", _ID, nullable=False),
    Column("supervisor_id", _ID, nullable=False),
    Column("stream", Text, nullable=False),
    Column("agreed_on", Date, nullable=False),
    Column("review_due_on", Date),
    Column("ended_on", Date),
    Column("recorded_at", _AT, nullable=False),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint(_STREAM, "stream_known"),
    CheckConstraint("ended_on >= agreed_on", "ends_after_it_began"),
    CheckConstraint("review_due_on > agreed_on", "reviewed_after_it_began"),
    Index("ix_agreements_worker_id", "worker_id"),
    Index(
        "uq_agreements_in_force",
        "worker_id",
        "stream",
        unique=True,
        postgresql_where=text("ended_on is null"),
    ),
)

trainings = Table(
    "trainings",
    metadata,
    Column("training_id", _ID, primary_key=True),
    Column("worker_id", _ID, nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("recorded_at", _AT, nullable=False),
    Column("recorded_by", Text, nullable=False),
    UniqueConstraint("worker_id", "completed_on"),
)

policies = Table(
    "policies",
    metadata,
    Column("policy_id", _ID, primary_key=True),
    Column("org_unit_id", _ID, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("weekly_days", SmallInteger, nullable=False),
    Column("weekly_weeks", SmallInteger, nullable=False),
    Column("fortnightly_days", SmallInteger, nullable=False),
    Column("fortnightly_until_months", SmallInteger, nullable=False),
    Column("monthly_days", SmallInteger),
    Column("minimum_minutes", SmallInteger, nullable=False),
    Column("training_valid_months", SmallInteger),
    Column("set_at", _AT, nullable=False),
    Column("set_by", Text, nullable=False),
    UniqueConstraint("org_unit_id", "effective_from"),
    CheckConstraint("weekly_days between 1 and 7", "weekly_days_strict"),
    CheckConstraint("weekly_weeks >= 6", "weekly_weeks_strict"),
    CheckConstraint("fortnightly_days between 1 and 14", "fortnightly_days_strict"),
    CheckConstraint("fortnightly_until_months >= 6", "fortnightly_until_months_strict"),
    CheckConstraint("monthly_days between 1 and 28", "monthly_days_strict"),
    CheckConstraint("minimum_minutes >= 90", "minimum_minutes_strict"),
    CheckConstraint("training_valid_months > 0", "training_valid_months_positive"),
)

# What people wrote. Nothing else refers to a text, so it can be erased while the facts stay.

notes = Table(
    "notes",
    metadata,
    Column("about_id", _ID, primary_key=True, comment="the session, action, cancellation or agreement it belongs to"),
    Column("about", Text, primary_key=True),
    Column("worker_id", _ID, nullable=False),
    Column("text", Text, nullable=False),
    CheckConstraint("about in ('action', 'cancellation', 'agreement', 'training')", "about_known"),
    Index("ix_notes_worker_id", "worker_id"),
)
