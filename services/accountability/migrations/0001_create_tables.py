"""create tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_notes",
        sa.Column("note_id", sa.UUID(), nullable=False),
        sa.Column("alert_id", sa.UUID(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_alert_notes")),
        comment="What people wrote about alerts: kept here only, never published, erasable",
    )
    op.create_index(op.f("ix_alert_notes_alert_id"), "alert_notes", ["alert_id"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("standard", sa.Integer(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("accountable_worker_id", sa.UUID(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_ids", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "level in ('line_manager', 'head_of_service', 'principal_social_worker', 'director')",
            name=op.f("ck_alerts_level_known"),
        ),
        sa.CheckConstraint("status in ('open', 'acknowledged', 'resolved')", name=op.f("ck_alerts_status_known")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_due_at", "alerts", ["due_at"], unique=False, postgresql_where=sa.text("status = 'open'"))
    op.create_index("ix_alerts_org_unit_id", "alerts", ["org_unit_id"], unique=False)
    op.create_index("ix_alerts_subject_id", "alerts", ["subject_id"], unique=False)
    op.create_index(
        "uq_alerts_unresolved",
        "alerts",
        ["kind", "subject_id", "stream"],
        unique=True,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_table(
        "contributions",
        sa.Column("series", sa.Text(collation="C"), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("amounts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "key", "on_date", name=op.f("pk_contributions")),
        comment="What each key (a period, a worker's workload, a case) counts for, and the row of the log that says so",
    )
    op.create_index("ix_contributions_place", "contributions", ["org_unit_id", "on_date"], unique=False)
    op.create_table(
        "figures",
        sa.Column("tally", sa.Text(collation="C"), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tally", "org_unit_id", "on_date", name=op.f("pk_figures")),
        comment="Sums of contributions by tally, org unit and day; a stock's row holds the change on that day",
    )
    op.create_table(
        "log",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("dataschema", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=False),
        sa.Column("correlationid", sa.Text(), nullable=False),
        sa.Column("causationid", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_log")),
        sa.UniqueConstraint("event_id", name=op.f("uq_log_event_id")),
    )
    op.create_index(
        "ix_log_alerts",
        "log",
        ["subject", "position"],
        unique=False,
        postgresql_where=sa.text("type like 'accountability.alert.%%'"),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
        comment="The end of the log; its row is the lock that makes positions gap-free and the chain one chain",
    )
    op.create_table(
        "notifications",
        sa.Column("notification_id", sa.UUID(), nullable=False),
        sa.Column("alert_id", sa.UUID(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("recipient_id", sa.UUID(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_problem", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status in ('pending', 'sent', 'dead', 'dropped')", name=op.f("ck_notifications_status_known")
        ),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("pk_notifications")),
        comment="Who is to be told of which alert at which level: each once",
    )
    op.create_index(
        "ix_notifications_due",
        "notifications",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("uq_notifications_once", "notifications", ["alert_id", "level", "recipient_id"], unique=True)
    op.create_table(
        "principal_social_workers",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_principal_social_workers")),
        comment="Workers whose job is principal social worker; where and until when they work is in the directory",
    )
    op.create_table(
        "response_times",
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("hours", postgresql.ARRAY(sa.Numeric()), nullable=False),
        sa.CheckConstraint("cardinality(hours) = 4", name=op.f("ck_response_times_one_for_each_level")),
        sa.PrimaryKeyConstraint("org_unit_id", "kind", "effective_from", name=op.f("pk_response_times")),
        comment="An authority's own times to answer an alert, for each level of the line, from a date on",
    )
    op.execute("insert into log_head (id, position, hash) values (1, 0, decode(repeat('00', 32), 'hex'))")


def downgrade() -> None:
    op.drop_table("response_times")
    op.drop_table("principal_social_workers")
    op.drop_index("uq_notifications_once", table_name="notifications")
    op.drop_index("ix_notifications_due", table_name="notifications", postgresql_where=sa.text("status = 'pending'"))
    op.drop_table("notifications")
    op.drop_table("log_head")
    op.drop_index("ix_log_alerts", table_name="log", postgresql_where=sa.text("type like 'accountability.alert.%%'"))
    op.drop_table("log")
    op.drop_table("figures")
    op.drop_index("ix_contributions_place", table_name="contributions")
    op.drop_table("contributions")
    op.drop_index("uq_alerts_unresolved", table_name="alerts", postgresql_where=sa.text("status <> 'resolved'"))
    op.drop_index("ix_alerts_subject_id", table_name="alerts")
    op.drop_index("ix_alerts_org_unit_id", table_name="alerts")
    op.drop_index("ix_alerts_due_at", table_name="alerts", postgresql_where=sa.text("status = 'open'"))
    op.drop_table("alerts")
    op.drop_index(op.f("ix_alert_notes_alert_id"), table_name="alert_notes")
    op.drop_table("alert_notes")
