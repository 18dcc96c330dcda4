"""The tables that every service has: outbox, inbox, offsets, parked records, idempotency and the local directory."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """A metadata whose constraints and indexes are named by the project's convention."""
    return MetaData(naming_convention=NAMING)


metadata = new_metadata()

_DATABASE_NOW = text("clock_timestamp()")

outbox_keys = Table(
    "outbox_keys",
    metadata,
    Column("key", Text(collation="C"), primary_key=True),  # looked up for every event, and never shown in an order
    Column("last_sequence", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", UUID(as_uuid=True), nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_DATABASE_NOW),
    Column("published_at", DateTime(timezone=True)),
    Index("ix_outbox_unpublished", "id", postgresql_where=text("published_at is null")),
    Index("ix_outbox_published_at", "published_at", postgresql_where=text("published_at is not null")),
)

relay_marks = Table(
    "relay_marks",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("end_offset", BigInteger, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", UUID(as_uuid=True), primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=_DATABASE_NOW),
)

consumer_offsets = Table(
    "consumer_offsets",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)

consumer_failures = Table(
    "consumer_failures",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
)

parked_records = Table(
    "parked_records",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("event_id", UUID(as_uuid=True), nullable=False),
    Column("key", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("headers", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=_DATABASE_NOW),
    UniqueConstraint("consumer", "event_id"),
    Index("ix_parked_records_key", "consumer", "key", "id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_DATABASE_NOW),
    Index("ix_idempotency_keys_created_at", "created_at"),
)

subject_requests = Table(
    "subject_requests",
    metadata,
    Column("request_id", UUID(as_uuid=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("worker_id", UUID(as_uuid=True)),
    Column("made_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sections", JSONB, nullable=False, comment="how many rows of each section were shown or changed"),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=_DATABASE_NOW),
    CheckConstraint("kind in ('export', 'erase')", name="kind_known"),
    Index("ix_subject_requests_worker_id", "worker_id"),
    comment="Access requests and erasures that this service answered: when, by whom, and why",
)

directory_units = Table(
    "directory_units",
    metadata,
    Column("org_unit_id", UUID(as_uuid=True), primary_key=True),
    Column("parent_id", UUID(as_uuid=True)),
    Column("kind", Text, nullable=False),
    Column("path", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("ix_directory_units_path", "path", postgresql_using="gin"),
)

directory_accountable = Table(
    "directory_accountable",
    metadata,
    Column("org_unit_id", UUID(as_uuid=True), primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("worker_id", UUID(as_uuid=True), nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

directory_workers = Table(
    "directory_workers",
    metadata,
    Column("worker_id", UUID(as_uuid=True), primary_key=True),
    Column("org_unit_id", UUID(as_uuid=True), nullable=False),
    Column("line_manager_id", UUID(as_uuid=True)),
    Column("left_on", Date),
    Column("sequence", BigInteger, nullable=False),
    Index("ix_directory_workers_org_unit_id", "org_unit_id"),
    Index("ix_directory_workers_line_manager_id", "line_manager_id"),
)
