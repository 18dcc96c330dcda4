"""find workers by reference."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_workers_employee_ref"), "workers", ["employee_ref"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_workers_employee_ref"), table_name="workers")
