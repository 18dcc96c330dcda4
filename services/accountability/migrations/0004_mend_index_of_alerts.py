"""Mend the index of alerts' events: its condition was written with a doubled percent sign, and no query was given it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_log_alerts", table_name="log")
    op.create_index(
        "ix_log_alerts",
        "log",
        ["subject", "position"],
        unique=False,
        postgresql_where=sa.text("type ^@ 'accountability.alert.'"),
    )


def downgrade() -> None:
    op.drop_index("ix_log_alerts", table_name="log")
    op.create_index(
        "ix_log_alerts",
        "log",
        ["subject", "position"],
        unique=False,
        postgresql_where=sa.text("type like 'accountability.alert.%'"),
    )
