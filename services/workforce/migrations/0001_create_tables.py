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
        "case_holdings",
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("case_key", "sequence", name=op.f("pk_case_holdings")),
    )
    op.create_index(op.f("ix_case_holdings_worker_id"), "case_holdings", ["worker_id"], unique=False)
    op.create_table(
        "org_units",
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("parent_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('region', 'authority', 'directorate', 'service', 'team')", name=op.f("ck_org_units_kind_known")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["org_units.org_unit_id"], name=op.f("fk_org_units_parent_id")),
        sa.PrimaryKeyConstraint("org_unit_id", name=op.f("pk_org_units")),
    )
    op.create_index(op.f("ix_org_units_parent_id"), "org_units", ["parent_id"], unique=False)
    op.create_table(
        "posts",
        sa.Column("post_id", sa.UUID(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("job_role", sa.Text(), nullable=False),
        sa.Column("fte", sa.Numeric(precision=3, scale=2), nullable=False),
        sa.Column("designated", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closed_on >= opened_on", name=op.f("ck_posts_runs_forward")),
        sa.CheckConstraint("fte > 0 and fte <= 1", name=op.f("ck_posts_fte_of_one_person")),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_units.org_unit_id"], name=op.f("fk_posts_org_unit_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_posts")),
    )
    op.create_index(op.f("ix_posts_org_unit_id"), "posts", ["org_unit_id"], unique=False)
    op.create_table(
        "workers",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("employer_id", sa.UUID(), nullable=False),
        sa.Column("employee_ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("line_manager_id", sa.UUID(), nullable=True),
        sa.Column("job_role", sa.Text(), nullable=False),
        sa.Column("career_stage", sa.Text(), nullable=False),
        sa.Column("newly_qualified", sa.Boolean(), nullable=False),
        sa.Column("is_social_worker", sa.Boolean(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("is_agency", sa.Boolean(), nullable=False),
        sa.Column("contracted_hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("employment_started_on", sa.Date(), nullable=False),
        sa.Column("employment_ended_on", sa.Date(), nullable=True),
        sa.Column("monitored_from", sa.Date(), nullable=True),
        sa.Column("left_announced_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "career_stage in ('student', 'asye', 'practitioner', 'senior_practitioner', 'manager')",
            name=op.f("ck_workers_career_stage_known"),
        ),
        sa.CheckConstraint("contracted_hours >= 0", name=op.f("ck_workers_contracted_hours_not_negative")),
        sa.CheckConstraint(
            "employment_ended_on >= employment_started_on", name=op.f("ck_workers_employment_runs_forward")
        ),
        sa.CheckConstraint("line_manager_id <> worker_id", name=op.f("ck_workers_nobody_manages_themselves")),
        sa.ForeignKeyConstraint(["employer_id"], ["org_units.org_unit_id"], name=op.f("fk_workers_employer_id")),
        sa.ForeignKeyConstraint(["line_manager_id"], ["workers.worker_id"], name=op.f("fk_workers_line_manager_id")),
        sa.ForeignKeyConstraint(["org_unit_id"], ["org_units.org_unit_id"], name=op.f("fk_workers_org_unit_id")),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_workers")),
        sa.UniqueConstraint("employer_id", "employee_ref", name=op.f("uq_workers_employer_id_employee_ref")),
    )
    op.create_index(op.f("ix_workers_employment_ended_on"), "workers", ["employment_ended_on"], unique=False)
    op.create_index(op.f("ix_workers_line_manager_id"), "workers", ["line_manager_id"], unique=False)
    op.create_index(op.f("ix_workers_org_unit_id"), "workers", ["org_unit_id"], unique=False)
    op.create_table(
        "absences",
        sa.Column("absence_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('sickness', 'parental', 'public_duties', 'training', 'annual_leave', 'other_paid', 'unpaid', 'unauthorised', 'not_stated')",
            name=op.f("ck_absences_kind_known"),
        ),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_absences_runs_forward")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.worker_id"], name=op.f("fk_absences_worker_id")),
        sa.PrimaryKeyConstraint("absence_id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_worker_id_from_on"), "absences", ["worker_id", "from_on"], unique=False)
    op.create_table(
        "accountable_people",
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_units.org_unit_id"], name=op.f("fk_accountable_people_org_unit_id")
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.worker_id"], name=op.f("fk_accountable_people_worker_id")),
        sa.PrimaryKeyConstraint("org_unit_id", "from_on", name=op.f("pk_accountable_people")),
    )
    op.create_table(
        "notes",
        sa.Column("about_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.worker_id"], name=op.f("fk_notes_worker_id")),
        sa.PrimaryKeyConstraint("about_id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_worker_id"), "notes", ["worker_id"], unique=False)
    op.create_table(
        "post_holdings",
        sa.Column("post_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name=op.f("fk_post_holdings_post_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.worker_id"], name=op.f("fk_post_holdings_worker_id")),
        sa.PrimaryKeyConstraint("post_id", "from_on", name=op.f("pk_post_holdings")),
    )
    op.create_index(op.f("ix_post_holdings_worker_id"), "post_holdings", ["worker_id"], unique=False)
    op.create_table(
        "worker_terms",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("contracted_hours", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("is_agency", sa.Boolean(), nullable=False),
        sa.Column("is_social_worker", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.worker_id"], name=op.f("fk_worker_terms_worker_id")),
        sa.PrimaryKeyConstraint("worker_id", "from_on", name=op.f("pk_worker_terms")),
    )


def downgrade() -> None:
    op.drop_table("worker_terms")
    op.drop_index(op.f("ix_post_holdings_worker_id"), table_name="post_holdings")
    op.drop_table("post_holdings")
    op.drop_index(op.f("ix_notes_worker_id"), table_name="notes")
    op.drop_table("notes")
    op.drop_table("accountable_people")
    op.drop_index(op.f("ix_absences_worker_id_from_on"), table_name="absences")
    op.drop_table("absences")
    op.drop_index(op.f("ix_workers_org_unit_id"), table_name="workers")
    op.drop_index(op.f("ix_workers_line_manager_id"), table_name="workers")
    op.drop_index(op.f("ix_workers_employment_ended_on"), table_name="workers")
    op.drop_table("workers")
    op.drop_index(op.f("ix_posts_org_unit_id"), table_name="posts")
    op.drop_table("posts")
    op.drop_index(op.f("ix_org_units_parent_id"), table_name="org_units")
    op.drop_table("org_units")
    op.drop_index(op.f("ix_case_holdings_worker_id"), table_name="case_holdings")
    op.drop_table("case_holdings")
