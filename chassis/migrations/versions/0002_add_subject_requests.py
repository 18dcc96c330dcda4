"""Add the record of access requests and erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subject_requests",
        sa.Column("request_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "sections",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="how many rows of each section were shown or changed",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("kind in ('export', 'erase')", name=op.f("ck_subject_requests_kind_known")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_subject_requests")),
        comment="Access requests and erasures that this service answered: when, by whom, and why",
    )
    op.create_index("ix_subject_requests_worker_id", "subject_requests", ["worker_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_subject_requests_worker_id", table_name="subject_requests")
    op.drop_table("subject_requests")
