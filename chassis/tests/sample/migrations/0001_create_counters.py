"""create counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_unit_id", name="pk_counters"),
    )


def downgrade() -> None:
    op.drop_table("counters")
