"""The tables of accountability: the log, what is folded from it, and what people wrote about alerts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, UUID

from chassis.tables import new_metadata

metadata = new_metadata()

_ID = UUID(as_uuid=True)
_INSTANT = DateTime(timezone=True)
_BYTEWISE = Text(collation="C")

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
    comment="The end of the log; its row is the lock that makes positions gap-free and the chain one chain",
)

# `data` is json, not jsonb: it keeps the bytes that were published, over which the chain is computed and which the stream sends.
log = Table(
    "log",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", _ID, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("time", _INSTANT, nullable=False),
    Column("org_unit_id", _ID),
    Column("sequence", BigInteger, nullable=False),
    Column("dataschema", Text, nullable=False),
    Column("traceparent", Text, nullable=False),
    Column("correlationid", Text, nullable=False),
    Column("causationid", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("ix_log_alerts", "subject", "position", postgresql_where=text("type ^@ 'accountability.alert.'")),
)

contributions = Table(
    "contributions",
    metadata,
    Column("series", _BYTEWISE, primary_key=True),
    Column("key", _BYTEWISE, primary_key=True),
    Column("on_date", Date, primary_key=True),
    Column("org_unit_id", _ID, nullable=False),
    Column("amounts", JSONB, nullable=False),
    Column("position", BigInteger, nullable=False),
    Index("ix_contributions_place", "org_unit_id", "on_date"),
    comment="What each key (a period, a worker's workload, a case) counts for, and the row of the log that says so",
)

figures = Table(
    "figures",
    metadata,
    Column("tally", _BYTEWISE, primary_key=True),
    Column("org_unit_id", _ID, primary_key=True),
    Column("on_date", Date, primary_key=True),
    Column("amount", Numeric, nullable=False),
    Column("changed_at", _INSTANT, nullable=False),
    comment="Sums of contributions by tally, org unit and day; a stock's row holds the change on that day",
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", _ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("standard", Integer, nullable=False),
    Column("clause", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("org_unit_id", _ID),
    Column("status", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("accountable_worker_id", _ID),
    Column("raised_at", _INSTANT, nullable=False),
    Column("due_at", _INSTANT),
    Column("event_ids", ARRAY(_ID), nullable=False),
    Column("acknowledged_at", _INSTANT),
    Column("acknowledged_by", Text),
    Column("resolved_at", _INSTANT),
    Column("worker_id", _ID, comment="the worker whom it concerns, as its subject or otherwise"),
    CheckConstraint("status in ('open', 'acknowledged', 'resolved')", name="status_known"),
    CheckConstraint(
        "level in ('line_manager', 'head_of_service', 'principal_social_worker', 'director')", name="level_known"
    ),
    Index(
        "uq_alerts_unresolved",
        "kind",
        "subject_id",
        "stream",
        unique=True,
        postgresql_where=text("status <> 'resolved'"),
    ),
    Index("ix_alerts_due_at", "due_at", postgresql_where=text("status = 'open'")),
    Index("ix_alerts_subject_id", "subject_id"),
    Index("ix_alerts_org_unit_id", "org_unit_id"),
    Index("ix_alerts_worker_id", "worker_id"),
    Index("ix_alerts_accountable_worker_id", "accountable_worker_id"),
)

alert_notes = Table(
    "alert_notes",
    metadata,
    Column("note_id", _ID, primary_key=True),
    Column("alert_id", _ID, nullable=False, index=True),
    Column("written_by", Text, nullable=False),
    Column("written_at", _INSTANT, nullable=False),
    Column("note", Text, nullable=False),
    comment="What people wrote about alerts: kept here only, never published, erasable",
)

principal_social_workers = Table(
    "principal_social_workers",
    metadata,
    Column("worker_id", _ID, primary_key=True),
    comment="Workers whose job is principal social worker; where and until when they work is in the directory",
)

response_times = Table(
    "response_times",
    metadata,
    Column("org_unit_id", _ID, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("hours", ARRAY(Numeric), nullable=False),
    CheckConstraint("cardinality(hours) = 4", name="one_for_each_level"),
    comment="An authority's own times to answer an alert, for each level of the line, from a date on",
)

notifications = Table(
    "notifications",
    metadata,
    Column("notification_id", _ID, primary_key=True),
    Column("alert_id", _ID, nullable=False),
    Column("level", Text, nullable=False),
    Column("recipient_id", _ID, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("next_attempt_at", _INSTANT, nullable=False),
    Column("finished_at", _INSTANT),
    Column("last_problem", Text, nullable=False),
    CheckConstraint("status in ('pending', 'sent', 'dead', 'dropped')", name="status_known"),
    Index("uq_notifications_once", "alert_id", "level", "recipient_id", unique=True),
    Index("ix_notifications_due", "next_attempt_at", postgresql_where=text("status = 'pending'")),
    comment="Who is to be told of which alert at which level: each once",
)
