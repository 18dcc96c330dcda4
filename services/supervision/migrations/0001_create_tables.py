"""create tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("absence_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("absence_id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_worker_id", "absences", ["worker_id"], unique=False)
    op.create_table(
        "agreements",
        sa.Column("agreement_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("supervisor_id", sa.UUID(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("review_due_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("stream in ('line', 'professional')", name=op.f("ck_agreements_stream_known")),
        sa.CheckConstraint("ended_on >= agreed_on", name=op.f("ck_agreements_ends_after_it_began")),
        sa.CheckConstraint("review_due_on > agreed_on", name=op.f("ck_agreements_reviewed_after_it_began")),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_agreements")),
    )
    op.create_index("ix_agreements_worker_id", "agreements", ["worker_id"], unique=False)
    op.create_index(
        "uq_agreements_in_force",
        "agreements",
        ["worker_id", "stream"],
        unique=True,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.create_table(
        "judgements",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("minimum_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(outcome = 'met') = (session_id is not null)", name=op.f("ck_judgements_met_by_a_session")),
        sa.CheckConstraint("cadence in ('weekly', 'fortnightly', 'monthly')", name=op.f("ck_judgements_cadence_known")),
        sa.CheckConstraint(
            "outcome in ('met', 'missed', 'excused', 'withdrawn')", name=op.f("ck_judgements_outcome_known")
        ),
        sa.CheckConstraint("stream in ('line', 'professional')", name=op.f("ck_judgements_stream_known")),
        sa.CheckConstraint("period_start < period_end", name=op.f("ck_judgements_period_not_empty")),
        sa.PrimaryKeyConstraint("worker_id", "stream", "period_start", name=op.f("pk_judgements")),
    )
    op.create_table(
        "notes",
        sa.Column(
            "about_id",
            sa.UUID(),
            nullable=False,
            comment="the session, action, cancellation or agreement it belongs to",
        ),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "about in ('action', 'cancellation', 'agreement', 'training')", name=op.f("ck_notes_about_known")
        ),
        sa.PrimaryKeyConstraint("about_id", "about", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_worker_id", "notes", ["worker_id"], unique=False)
    op.create_table(
        "policies",
        sa.Column("policy_id", sa.UUID(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("weekly_days", sa.SmallInteger(), nullable=False),
        sa.Column("weekly_weeks", sa.SmallInteger(), nullable=False),
        sa.Column("fortnightly_days", sa.SmallInteger(), nullable=False),
        sa.Column("fortnightly_until_months", sa.SmallInteger(), nullable=False),
        sa.Column("monthly_days", sa.SmallInteger(), nullable=True),
        sa.Column("minimum_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("training_valid_months", sa.SmallInteger(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("fortnightly_days between 1 and 14", name=op.f("ck_policies_fortnightly_days_strict")),
        sa.CheckConstraint("fortnightly_until_months >= 6", name=op.f("ck_policies_fortnightly_until_months_strict")),
        sa.CheckConstraint("minimum_minutes >= 90", name=op.f("ck_policies_minimum_minutes_strict")),
        sa.CheckConstraint("monthly_days between 1 and 28", name=op.f("ck_policies_monthly_days_strict")),
        sa.CheckConstraint("training_valid_months > 0", name=op.f("ck_policies_training_valid_months_positive")),
        sa.CheckConstraint("weekly_days between 1 and 7", name=op.f("ck_policies_weekly_days_strict")),
        sa.CheckConstraint("weekly_weeks >= 6", name=op.f("ck_policies_weekly_weeks_strict")),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_policies")),
        sa.UniqueConstraint("org_unit_id", "effective_from", name=op.f("uq_policies_org_unit_id_effective_from")),
    )
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("supervisor_id", sa.UUID(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False, comment="the London date of held_at"),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("uninterrupted", sa.Boolean(), nullable=False),
        sa.Column("reflective", sa.Boolean(), nullable=False),
        sa.Column("supervisor_registered", sa.Boolean(), nullable=False),
        sa.Column("quality_by_worker", sa.SmallInteger(), nullable=True),
        sa.Column("quality_by_supervisor", sa.SmallInteger(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("rebooked_for", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('individual', 'group', 'case', 'peer')", name=op.f("ck_sessions_kind_known")),
        sa.CheckConstraint("stream in ('line', 'professional')", name=op.f("ck_sessions_stream_known")),
        sa.CheckConstraint(
            "(cancelled_at is null) = (cancel_reason is null)", name=op.f("ck_sessions_cancelled_with_reason")
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_sessions_minutes_positive")),
        sa.CheckConstraint(
            "quality_by_supervisor between 1 and 5", name=op.f("ck_sessions_quality_by_supervisor_in_range")
        ),
        sa.CheckConstraint("quality_by_worker between 1 and 5", name=op.f("ck_sessions_quality_by_worker_in_range")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_held_at_session_id", "sessions", ["held_at", "session_id"], unique=False)
    op.create_index("ix_sessions_worker_id_held_on", "sessions", ["worker_id", "held_on"], unique=False)
    op.create_table(
        "standings",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column(
            "next_look_on",
            sa.Date(),
            nullable=True,
            comment="the next day on which a period of this worker ends or begins",
        ),
        sa.Column(
            "judged_on", sa.Date(), nullable=True, comment="the last day on which this worker's periods were judged"
        ),
        sa.Column("cadence", sa.Text(), nullable=True),
        sa.Column("minutes", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("cadence in ('weekly', 'fortnightly', 'monthly')", name=op.f("ck_standings_cadence_known")),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_standings")),
    )
    op.create_index(
        "ix_standings_next_look_on",
        "standings",
        ["next_look_on"],
        unique=False,
        postgresql_where=sa.text("next_look_on is not null"),
    )
    op.create_table(
        "trainings",
        sa.Column("training_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("training_id", name=op.f("pk_trainings")),
        sa.UniqueConstraint("worker_id", "completed_on", name=op.f("uq_trainings_worker_id_completed_on")),
    )
    op.create_table(
        "worker_facts",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("learned_on", sa.Date(), nullable=False),
        sa.Column(
            "from_on",
            sa.Date(),
            nullable=False,
            comment="0001-01-01 for the first facts, which hold from the beginning",
        ),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("line_manager_id", sa.UUID(), nullable=True),
        sa.Column("newly_qualified", sa.Boolean(), nullable=False),
        sa.Column("is_social_worker", sa.Boolean(), nullable=False),
        sa.Column("has_registration_number", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", "learned_on", name=op.f("pk_worker_facts")),
    )
    op.create_index("ix_worker_facts_line_manager_id", "worker_facts", ["line_manager_id"], unique=False)
    op.create_index("ix_worker_facts_org_unit_id", "worker_facts", ["org_unit_id"], unique=False)
    op.create_table(
        "workers",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("employment_started_on", sa.Date(), nullable=False),
        sa.Column("employment_ended_on", sa.Date(), nullable=True),
        sa.Column("monitored_from", sa.Date(), nullable=False),
        sa.Column(
            "earlier_ended_on", sa.Date(), nullable=True, comment="the last day of an employment before this one"
        ),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_workers")),
    )
    op.create_table(
        "agreed_actions",
        sa.Column("action_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_in_session_id", sa.UUID(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome in ('done', 'dropped')", name=op.f("ck_agreed_actions_outcome_known")),
        sa.CheckConstraint("stream in ('line', 'professional')", name=op.f("ck_agreed_actions_stream_known")),
        sa.CheckConstraint(
            "(closed_on is null) = (outcome is null)", name=op.f("ck_agreed_actions_closed_with_outcome")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.session_id"], name=op.f("fk_agreed_actions_session_id")),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_agreed_actions")),
    )
    op.create_index(
        "ix_agreed_actions_open_worker_id",
        "agreed_actions",
        ["worker_id"],
        unique=False,
        postgresql_where=sa.text("closed_on is null"),
    )
    op.create_index("ix_agreed_actions_session_id", "agreed_actions", ["session_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_agreed_actions_session_id", table_name="agreed_actions")
    op.drop_index(
        "ix_agreed_actions_open_worker_id", table_name="agreed_actions", postgresql_where=sa.text("closed_on is null")
    )
    op.drop_table("agreed_actions")
    op.drop_table("workers")
    op.drop_index("ix_worker_facts_org_unit_id", table_name="worker_facts")
    op.drop_index("ix_worker_facts_line_manager_id", table_name="worker_facts")
    op.drop_table("worker_facts")
    op.drop_table("trainings")
    op.drop_index(
        "ix_standings_next_look_on", table_name="standings", postgresql_where=sa.text("next_look_on is not null")
    )
    op.drop_table("standings")
    op.drop_index("ix_sessions_worker_id_held_on", table_name="sessions")
    op.drop_index("ix_sessions_held_at_session_id", table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("policies")
    op.drop_index("ix_notes_worker_id", table_name="notes")
    op.drop_table("notes")
    op.drop_table("judgements")
    op.drop_index("uq_agreements_in_force", table_name="agreements", postgresql_where=sa.text("ended_on is null"))
    op.drop_index("ix_agreements_worker_id", table_name="agreements")
    op.drop_table("agreements")
    op.drop_index("ix_absences_worker_id", table_name="absences")
    op.drop_table("absences")
