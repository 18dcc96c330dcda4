"""Index who answers for alerts, so that a list of one's own reads no others."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_alerts_accountable_worker_id", "alerts", ["accountable_worker_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_alerts_accountable_worker_id", table_name="alerts")
