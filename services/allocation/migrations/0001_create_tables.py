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
        "absences",
        sa.Column("absence_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("absence_id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_worker_id", "absences", ["worker_id", "to_on"], unique=False)
    op.create_table(
        "assessed_years",
        sa.Column("assessed_year_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("workload_pct", sa.Numeric(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("assessed_year_id", name=op.f("pk_assessed_years")),
    )
    op.create_index("ix_assessed_years_worker_id", "assessed_years", ["worker_id"], unique=False)
    op.create_table(
        "cadences",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("minutes_per_session", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cadence in ('weekly', 'fortnightly', 'monthly')", name=op.f("ck_cadences_cadence_known")),
        sa.PrimaryKeyConstraint("worker_id", "from_on", name=op.f("pk_cadences")),
    )
    op.create_table(
        "case_key_secrets",
        sa.Column("single", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.CheckConstraint("single", name=op.f("ck_case_key_secrets_one_row")),
        sa.PrimaryKeyConstraint("single", name=op.f("pk_case_key_secrets")),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("case_type", sa.Text(), nullable=False),
        sa.Column("complexity", sa.Text(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("modifiers", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("priority in ('urgent', 'high', 'medium', 'low')", name=op.f("ck_cases_priority_known")),
        sa.CheckConstraint("closed_on is null or worker_id is null", name=op.f("ck_cases_closed_case_is_not_held")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
        sa.UniqueConstraint("source", "reference", name=op.f("uq_cases_source_reference")),
    )
    op.create_index(
        "ix_cases_waiting",
        "cases",
        ["org_unit_id", "received_on"],
        unique=False,
        postgresql_where=sa.text("worker_id is null and closed_on is null"),
    )
    op.create_index(
        "ix_cases_worker_id", "cases", ["worker_id"], unique=False, postgresql_where=sa.text("worker_id is not null")
    )
    op.create_table(
        "contests",
        sa.Column("contest_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("available_points", sa.Numeric(), nullable=False),
        sa.Column("load_points", sa.Numeric(), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(upheld is null) = (answered_on is null)", name=op.f("ck_contests_answered_with_a_date")),
        sa.PrimaryKeyConstraint("contest_id", name=op.f("pk_contests")),
    )
    op.create_index("ix_contests_worker_id", "contests", ["worker_id", "contest_id"], unique=False)
    op.create_table(
        "contingency_plans",
        sa.Column("plan_id", sa.UUID(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=True),
        sa.Column("owner_id", sa.UUID(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("steps", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("review_on >= agreed_on", name=op.f("ck_contingency_plans_dates_in_order")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_contingency_plans")),
    )
    op.create_index("ix_contingency_plans_org_unit_id", "contingency_plans", ["org_unit_id"], unique=False)
    op.create_table(
        "notes",
        sa.Column("about_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("about_id", "kind", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_worker_id", "notes", ["worker_id"], unique=False)
    op.create_table(
        "policies",
        sa.Column("policy_id", sa.UUID(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("full_time_points", sa.Numeric(), nullable=False),
        sa.Column("full_time_hours", sa.Numeric(), nullable=False),
        sa.Column("stable_points", sa.Numeric(), nullable=False),
        sa.Column("stage_names", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("stage_factors", postgresql.ARRAY(sa.Numeric()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("protect_supervision", sa.Boolean(), nullable=False),
        sa.Column("cpd_hours_per_week", sa.Numeric(), nullable=False),
        sa.Column("amber_above_pct", sa.Numeric(), nullable=False),
        sa.Column("limit_pct", sa.Numeric(), nullable=False),
        sa.Column("sustained_weeks", sa.Integer(), nullable=False),
        sa.Column("modifier_names", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("modifier_points", postgresql.ARRAY(sa.Numeric()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("weight_types", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("weight_complexities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("weight_points", postgresql.ARRAY(sa.Numeric()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("full_time_hours > 0", name=op.f("ck_policies_full_time_hours_positive")),
        sa.CheckConstraint("full_time_points > 0", name=op.f("ck_policies_full_time_points_positive")),
        sa.CheckConstraint("limit_pct > 0", name=op.f("ck_policies_limit_pct_positive")),
        sa.CheckConstraint("sustained_weeks > 0", name=op.f("ck_policies_sustained_weeks_positive")),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_policies")),
        sa.UniqueConstraint("org_unit_id", "effective_from", name=op.f("uq_policies_org_unit_id_effective_from")),
    )
    op.create_table(
        "protected_times",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("hours_per_week", sa.Numeric(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", "from_on", name=op.f("pk_protected_times")),
    )
    op.create_table(
        "reductions",
        sa.Column("reduction_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("hours", sa.Numeric(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hours > 0", name=op.f("ck_reductions_hours_positive")),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_reductions_dates_in_order")),
        sa.PrimaryKeyConstraint("reduction_id", name=op.f("pk_reductions")),
    )
    op.create_index("ix_reductions_worker_id", "reductions", ["worker_id"], unique=False)
    op.create_table(
        "registrations",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("conditions", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_registrations")),
    )
    op.create_table(
        "responsibilities",
        sa.Column("responsibility_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("points", sa.Numeric(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_responsibilities_points_positive")),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_responsibilities_dates_in_order")),
        sa.PrimaryKeyConstraint("responsibility_id", name=op.f("pk_responsibilities")),
    )
    op.create_index("ix_responsibilities_worker_id", "responsibilities", ["worker_id"], unique=False)
    op.create_table(
        "worker_facts",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("contracted_hours", sa.Numeric(), nullable=False),
        sa.Column("career_stage", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", "from_on", name=op.f("pk_worker_facts")),
    )
    op.create_table(
        "worker_skills",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_worker_skills")),
    )
    op.create_table(
        "workers",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("employment_started_on", sa.Date(), nullable=False),
        sa.Column("employment_ended_on", sa.Date(), nullable=True),
        sa.Column("is_social_worker", sa.Boolean(), nullable=False),
        sa.Column("has_registration_number", sa.Boolean(), nullable=False),
        sa.Column("newly_qualified", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_workers")),
    )
    op.create_table(
        "workload_readings",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("available_points", sa.Numeric(), nullable=False),
        sa.Column("load_points", sa.Numeric(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("overloaded", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "band in ('ok', 'amber', 'over', 'no_capacity', 'none')", name=op.f("ck_workload_readings_band_known")
        ),
        sa.PrimaryKeyConstraint("worker_id", "read_on", name=op.f("pk_workload_readings")),
    )
    op.create_table(
        "workload_states",
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("org_unit_id", sa.UUID(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("available_points", sa.Numeric(), nullable=False),
        sa.Column("load_points", sa.Numeric(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("overloaded", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("next_reading_on", sa.Date(), nullable=False),
        sa.Column("run_weeks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("run_since", sa.Date(), nullable=True),
        sa.Column("run_told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "band in ('ok', 'amber', 'over', 'no_capacity', 'none')", name=op.f("ck_workload_states_band_known")
        ),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_workload_states")),
    )
    op.create_index("ix_workload_states_due_on", "workload_states", ["due_on"], unique=False)
    op.create_index("ix_workload_states_next_reading_on", "workload_states", ["next_reading_on"], unique=False)
    op.create_table(
        "allocations",
        sa.Column("allocation_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("worker_id", sa.UUID(), nullable=False),
        sa.Column("allocated_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_kind", sa.Text(), nullable=True),
        sa.Column("points", sa.Numeric(), nullable=False),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.Column("allocated_by", sa.Text(), nullable=False),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "end_kind in ('reallocated', 'closed', 'returned', 'worker_left')",
            name=op.f("ck_allocations_end_kind_known"),
        ),
        sa.CheckConstraint("(ended_on is null) = (end_kind is null)", name=op.f("ck_allocations_ended_with_a_kind")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_allocations_case_id")),
        sa.PrimaryKeyConstraint("allocation_id", name=op.f("pk_allocations")),
    )
    op.create_index("ix_allocations_case_id", "allocations", ["case_id"], unique=False)
    op.create_index("ix_allocations_worker_id", "allocations", ["worker_id", "ended_on"], unique=False)
    op.create_index(
        "uq_allocations_open", "allocations", ["case_id"], unique=True, postgresql_where=sa.text("ended_on is null")
    )
    op.create_table(
        "case_history",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("case_type", sa.Text(), nullable=False),
        sa.Column("complexity", sa.Text(), nullable=False),
        sa.Column("modifiers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_case_history_case_id")),
        sa.PrimaryKeyConstraint("case_id", "until_on", name=op.f("pk_case_history")),
    )


def downgrade() -> None:
    op.drop_table("case_history")
    op.drop_index("uq_allocations_open", table_name="allocations", postgresql_where=sa.text("ended_on is null"))
    op.drop_index("ix_allocations_worker_id", table_name="allocations")
    op.drop_index("ix_allocations_case_id", table_name="allocations")
    op.drop_table("allocations")
    op.drop_index("ix_workload_states_next_reading_on", table_name="workload_states")
    op.drop_index("ix_workload_states_due_on", table_name="workload_states")
    op.drop_table("workload_states")
    op.drop_table("workload_readings")
    op.drop_table("workers")
    op.drop_table("worker_skills")
    op.drop_table("worker_facts")
    op.drop_index("ix_responsibilities_worker_id", table_name="responsibilities")
    op.drop_table("responsibilities")
    op.drop_table("registrations")
    op.drop_index("ix_reductions_worker_id", table_name="reductions")
    op.drop_table("reductions")
    op.drop_table("protected_times")
    op.drop_table("policies")
    op.drop_index("ix_notes_worker_id", table_name="notes")
    op.drop_table("notes")
    op.drop_index("ix_contingency_plans_org_unit_id", table_name="contingency_plans")
    op.drop_table("contingency_plans")
    op.drop_index("ix_contests_worker_id", table_name="contests")
    op.drop_table("contests")
    op.drop_index("ix_cases_worker_id", table_name="cases", postgresql_where=sa.text("worker_id is not null"))
    op.drop_index(
        "ix_cases_waiting", table_name="cases", postgresql_where=sa.text("worker_id is null and closed_on is null")
    )
    op.drop_table("cases")
    op.drop_table("case_key_secrets")
    op.drop_table("cadences")
    op.drop_index("ix_assessed_years_worker_id", table_name="assessed_years")
    op.drop_table("assessed_years")
    op.drop_index("ix_absences_worker_id", table_name="absences")
    op.drop_table("absences")
