"""What the tables of cpd share: the metadata, the copy of workers, and the words that people wrote."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from chassis.tables import new_metadata

metadata = new_metadata()

ID = UUID(as_uuid=True)
AT = DateTime(timezone=True)

# A copy of what workforce says, rebuilt from its events.

workers = Table(
    "workers",
    metadata,
    Column("worker_id", ID, primary_key=True),
    Column("job_role", Text, nullable=False),
    Column("career_stage", Text, nullable=False),
    Column("is_social_worker", Boolean, nullable=False),
    Column("contracted_hours", Numeric, nullable=False),
    Column("employment_started_on", Date, nullable=False),
    Column("employment_ended_on", Date),
    Column("sequence", BigInteger, nullable=False),
)

# What people wrote. Nothing else refers to a text, so it can be erased while the facts stay.

notes = Table(
    "notes",
    metadata,
    Column("about_id", ID, primary_key=True, comment="the piece of learning, request, review or plan it belongs to"),
    Column("about", Text, primary_key=True, comment="which of its texts"),
    Column("worker_id", ID, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_notes_worker_id", "worker_id"),
)
