"""Lighten the inbox: nothing on a hot path asks when an event was received."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_inbox_received_at", table_name="inbox")


def downgrade() -> None:
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"], unique=False)
