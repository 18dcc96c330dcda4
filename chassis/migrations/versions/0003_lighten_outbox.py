"""Lighten the outbox: keys compare as bytes, and ids, which are made unique, are not looked up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("uq_outbox_event_id", "outbox", type_="unique")
    op.alter_column(
        "outbox_keys", "key", type_=sa.Text(collation="C"), existing_type=sa.Text(), existing_nullable=False
    )


def downgrade() -> None:
    op.alter_column(
        "outbox_keys", "key", type_=sa.Text(), existing_type=sa.Text(collation="C"), existing_nullable=False
    )
    op.create_unique_constraint("uq_outbox_event_id", "outbox", ["event_id"])
