"""Add the worker whom an alert concerns, where its subject is something else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "alerts",
        sa.Column(
            "worker_id", sa.UUID(), nullable=True, comment="the worker whom it concerns, as its subject or otherwise"
        ),
    )
    op.execute("update alerts set worker_id = subject_id::uuid where subject_type = 'worker'")
    op.create_index("ix_alerts_worker_id", "alerts", ["worker_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_alerts_worker_id", table_name="alerts")
    op.drop_column("alerts", "worker_id")
