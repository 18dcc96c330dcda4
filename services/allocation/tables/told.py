"""What was last told of workloads, and the weekly readings."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Numeric, Table, Text, text

from services.allocation.tables.shared import ZERO, an_id, metadata, one_of

workload_states = Table(
    "workload_states",
    metadata,
    an_id("worker_id", primary_key=True),
    an_id("org_unit_id"),
    Column("as_of", Date, nullable=False),
    Column("available_points", Numeric, nullable=False),
    Column("load_points", Numeric, nullable=False),
    Column("band", Text, nullable=False),
    Column("overloaded", Boolean, nullable=False),
    Column("due_on", Date),
    Column("next_reading_on", Date, nullable=False),
    Column("run_weeks", Integer, nullable=False, server_default=ZERO),
    Column("run_since", Date),
    Column("run_told", Boolean, nullable=False, server_default=text("false")),
    one_of("band", "ok", "amber", "over", "no_capacity", "none"),
    Index("ix_workload_states_due_on", "due_on"),
    Index("ix_workload_states_next_reading_on", "next_reading_on"),
)

workload_readings = Table(
    "workload_readings",
    metadata,
    an_id("worker_id", primary_key=True),
    Column("read_on", Date, primary_key=True),
    Column("available_points", Numeric, nullable=False),
    Column("load_points", Numeric, nullable=False),
    Column("band", Text, nullable=False),
    Column("overloaded", Boolean, nullable=False),
    one_of("band", "ok", "amber", "over", "no_capacity", "none"),
)
