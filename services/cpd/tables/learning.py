"""Learning: the log, what it amounts to in a registration year, attachments, courses and what other systems told."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.cpd.tables.shared import AT, ID, metadata

learnings = Table(
    "learnings",
    metadata,
    Column("learning_id", ID, primary_key=True),
    Column("worker_id", ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("done_at", AT, nullable=False),
    Column("done_on", Date, nullable=False, comment="the London date of done_at: it decides the registration year"),
    Column("peer_role", Text, comment="null without peer reflection"),
    Column("fingerprint", Text, nullable=False, comment="equal for pieces that describe the same learning"),
    Column("version", Integer, nullable=False),
    Column("recorded_at", AT, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("withdrawn_at", AT),
    CheckConstraint("kind in ('formal', 'informal')", "kind_known"),
    CheckConstraint(
        "peer_role in ('peer', 'manager', 'supervisor', 'practice_educator', 'other_professional')", "peer_role_known"
    ),
    Index("ix_learnings_worker_id_done_on", "worker_id", "done_on"),
)

readings = Table(
    "readings",
    metadata,
    Column("worker_id", ID, primary_key=True),
    Column("year_end", Date, primary_key=True),
    Column("ready", Boolean, nullable=False),
    Column("pieces", SmallInteger, nullable=False),
    Column("with_peer_reflection", SmallInteger, nullable=False),
    Column("changed_at", AT, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("attachment_id", ID, primary_key=True),
    Column("worker_id", ID, nullable=False),
    Column("learning_id", ID, ForeignKey("learnings.learning_id"), nullable=False),
    Column("stored_as", Text, nullable=False, unique=True, comment="the random name of the file in the folder"),
    Column("content_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("added_at", AT, nullable=False),
    Column("added_by", Text, nullable=False),
    CheckConstraint("bytes > 0", "bytes_positive"),
    Index("ix_attachments_learning_id", "learning_id"),
)

courses = Table(
    "courses",
    metadata,
    Column("org_unit_id", ID, primary_key=True),
    Column("course_code", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("valid_months", SmallInteger, comment="null: does not expire"),
    Column("mandatory", Boolean, nullable=False),
    Column("career_stages", ARRAY(Text), nullable=False, comment="for whom it is mandatory; empty = every stage"),
    Column("job_roles", ARRAY(Text), nullable=False, comment="for whom it is mandatory; empty = every role"),
    Column("activity", Text, comment="the IRI by which a learning system names it"),
    Column("set_at", AT, nullable=False),
    Column("set_by", Text, nullable=False),
    CheckConstraint("valid_months > 0", "valid_months_positive"),
    Index("ix_courses_activity", "activity"),
)

completions = Table(
    "completions",
    metadata,
    Column("completion_id", ID, primary_key=True),
    Column("worker_id", ID, nullable=False),
    Column("course_code", Text, nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("hours", Numeric, comment="null: not told"),
    Column("source", Text, nullable=False),
    Column("recorded_at", AT, nullable=False),
    Column("recorded_by", Text, nullable=False),
    UniqueConstraint("worker_id", "course_code", "completed_on"),
    CheckConstraint("source in ('person', 'csv', 'xapi')", "source_known"),
    CheckConstraint("hours >= 0", "hours_not_negative"),
)

learner_accounts = Table(
    "learner_accounts",
    metadata,
    Column("home_page", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("worker_id", ID, nullable=False),
    Column("set_at", AT, nullable=False),
    Column("set_by", Text, nullable=False),
    Index("ix_learner_accounts_worker_id", "worker_id"),
)

statements = Table(
    "statements",
    metadata,
    Column("statement_id", ID, primary_key=True),
    Column("fingerprint", Text, nullable=False, comment="of everything in the statement that its sender decides"),
    Column("worker_id", ID, comment="null: the statement says nothing about a course that someone completed"),
    Column("completion_id", ID),
    Column("received_at", AT, nullable=False),
    Column("received_from", Text, nullable=False),
    Index("ix_statements_worker_id", "worker_id", postgresql_where=text("worker_id is not null")),
)
