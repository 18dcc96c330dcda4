"""What is known of workers from others, and the skills that are recorded here."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.allocation.tables.shared import an_id, metadata, one_of

workers = Table(
    "workers",
    metadata,
    an_id("worker_id", primary_key=True),
    Column("employment_started_on", Date, nullable=False),
    Column("employment_ended_on", Date),
    Column("is_social_worker", Boolean, nullable=False),
    Column("has_registration_number", Boolean, nullable=False),
    Column("newly_qualified", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

worker_facts = Table(
    "worker_facts",
    metadata,
    an_id("worker_id", primary_key=True),
    Column("from_on", Date, primary_key=True),
    an_id("org_unit_id"),
    Column("contracted_hours", Numeric, nullable=False),
    Column("career_stage", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

cadences = Table(
    "cadences",
    metadata,
    an_id("worker_id", primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("cadence", Text, nullable=False),
    Column("minutes_per_session", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    one_of("cadence", "weekly", "fortnightly", "monthly"),
)

protected_times = Table(
    "protected_times",
    metadata,
    an_id("worker_id", primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("hours_per_week", Numeric, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

assessed_years = Table(
    "assessed_years",
    metadata,
    an_id("assessed_year_id", primary_key=True),
    an_id("worker_id"),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("workload_pct", Numeric, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("ix_assessed_years_worker_id", "worker_id"),
)

registrations = Table(
    "registrations",
    metadata,
    an_id("worker_id", primary_key=True),
    Column("refused", Boolean, nullable=False),
    Column("conditions", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

case_marks = Table(
    "case_marks",
    metadata,
    Column("case_key", Text, primary_key=True),
    Column("marked", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

absences = Table(
    "absences",
    metadata,
    an_id("absence_id", primary_key=True),
    an_id("worker_id"),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("ix_absences_worker_id", "worker_id", "to_on"),
)

worker_skills = Table(
    "worker_skills",
    metadata,
    an_id("worker_id", primary_key=True),
    Column("skills", ARRAY(Text), nullable=False),
)
