"""The tables of safety: concerns and who raised them, incidents, lone visits, and what teams are provided with."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from chassis.tables import new_metadata

metadata = new_metadata()

_NO = text("false")


def _id(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[object]:
    return Column(name, UUID(as_uuid=True), primary_key=primary_key, nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, Date, nullable=nullable)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


policies = Table(
    "policies",
    metadata,
    _id("policy_id", primary_key=True),
    _id("org_unit_id"),
    _day("effective_from"),
    Column("acknowledge_days", Integer, nullable=False),
    Column("assess_days", Integer, nullable=False),
    Column("answer_days", Integer, nullable=False),
    Column("grace_minutes", Integer, nullable=False),
    Column("ladder_minutes", Integer, nullable=False),
    Column("set_by", Text, nullable=False),
    UniqueConstraint("org_unit_id", "effective_from"),
    CheckConstraint(
        "acknowledge_days >= 0 and assess_days >= acknowledge_days and answer_days >= assess_days", name="days_in_order"
    ),
)

notes = Table(
    "notes",
    metadata,
    _id("about_id", primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("words", Text, nullable=False),
    comment="Everything written in words, apart from the facts, so that it can be erased",
)

concerns = Table(
    "concerns",
    metadata,
    _id("concern_id", primary_key=True),
    Column("mode", Text, nullable=False),
    Column("topic", Text, nullable=False),
    _id("org_unit_id"),
    _id("handled_unit_id"),
    _id("subject_id", nullable=True),
    _id("reporter_id", nullable=True),
    _id("handler_id", nullable=True),
    _day("received_on"),
    Column("step", Text, nullable=False),
    _day("step_due_on", nullable=True),
    _day("acknowledge_by"),
    _day("assess_by"),
    _day("answer_by"),
    _day("acknowledged_on", nullable=True),
    _day("assessed_on", nullable=True),
    _day("answered_on", nullable=True),
    Column("risk", Text),
    Column("outcome", Text),
    Column("level", Integer, nullable=False, server_default=text("1")),
    Column("escalated_for", Text),
    Column("announced", Boolean, nullable=False, server_default=_NO),
    Column("last_message", Integer, nullable=False, server_default=text("0")),
    Index("ix_concerns_step_due_on", "step_due_on"),
    Index("ix_concerns_org_unit_id", "org_unit_id"),
    Index("ix_concerns_unannounced", "received_on", postgresql_where=text("not announced")),
    _one_of("mode", "named", "confidential", "anonymous"),
    _one_of("step", "acknowledge", "assess", "answer", "done"),
    CheckConstraint("mode = 'named' or reporter_id is null", name="reporter_only_when_named"),
    comment="Days only, and identifiers that tell no time: nothing here says when in a day, or from where",
)

guarded_identities = Table(
    "guarded_identities",
    metadata,
    Column("concern_id", ForeignKey("concerns.concern_id"), primary_key=True),
    _id("worker_id"),
    comment="Who raised a concern in confidence; the reporter sees it as their own; whoever else looks is logged",
)

concern_receipts = Table(
    "concern_receipts",
    metadata,
    Column("receipt_hash", LargeBinary, primary_key=True),
    Column("concern_id", ForeignKey("concerns.concern_id"), nullable=False, unique=True),
)

concern_messages = Table(
    "concern_messages",
    metadata,
    Column("concern_id", ForeignKey("concerns.concern_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("from_reporter", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    _day("sent_on"),
)

identity_requests = Table(
    "identity_requests",
    metadata,
    _id("request_id", primary_key=True),
    Column("concern_id", ForeignKey("concerns.concern_id"), nullable=False),
    _id("asked_by_id"),
    _instant("asked_at"),
    Column("granted", Boolean),
    Column("decided_by", Text),
    _instant("decided_at", nullable=True),
    Index("ix_identity_requests_concern_id", "concern_id"),
)

identity_looks = Table(
    "identity_looks",
    metadata,
    _id("look_id", primary_key=True),
    Column("concern_id", ForeignKey("concerns.concern_id"), nullable=False),
    _id("request_id", nullable=True),
    Column("looked_by", Text, nullable=False),
    _id("looked_by_id", nullable=True),
    _instant("looked_at"),
    Index("ix_identity_looks_concern_id", "concern_id"),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("concern_id", ForeignKey("concerns.concern_id"), primary_key=True),
    Column("months", Integer, primary_key=True),
    _day("due_on"),
    _day("made_on", nullable=True),
    Column("outcome", Text),
    Index("ix_follow_ups_due_on", "due_on", postgresql_where=text("made_on is null")),
)

incidents = Table(
    "incidents",
    metadata,
    _id("incident_id", primary_key=True),
    _id("org_unit_id"),
    _id("worker_id"),
    Column("kind", Text, nullable=False),
    Column("by_whom", Text, nullable=False),
    Column("place", Text, nullable=False),
    _day("occurred_on"),
    Column("injury", Text, nullable=False),
    _day("unable_to", nullable=True),
    Column("private_dispute", Boolean, nullable=False, server_default=_NO),
    Column("police_told", Boolean, nullable=False, server_default=_NO),
    Column("category", Text, nullable=False),
    _day("report_by", nullable=True),
    _day("reported_on", nullable=True),
    Column("case_key", Text),
    Column("risk", Text),
    _day("assessed_on", nullable=True),
    _day("closed_on", nullable=True),
    Column("recorded_by", Text, nullable=False),
    _instant("recorded_at"),
    Index("ix_incidents_org_unit_id", "org_unit_id", "occurred_on"),
    Index("ix_incidents_case_key", "case_key"),
)

protective_measures = Table(
    "protective_measures",
    metadata,
    _id("measure_id", primary_key=True),
    Column("incident_id", ForeignKey("incidents.incident_id"), nullable=False),
    _id("owner_id"),
    _day("agreed_on"),
    _day("review_on"),
    _day("reviewed_on", nullable=True),
    _day("ended_on", nullable=True),
    Index("ix_protective_measures_incident_id", "incident_id"),
)

visits = Table(
    "visits",
    metadata,
    _id("visit_id", primary_key=True),
    _id("worker_id"),
    _id("org_unit_id"),
    _instant("planned_at"),
    _instant("expected_back_at"),
    Column("state", Text, nullable=False),
    Column("chain", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("level", Integer, nullable=False, server_default=text("0")),
    _instant("due_at", nullable=True),
    Column("ladder_minutes", Integer, nullable=False),
    _instant("missed_at", nullable=True),
    _instant("checked_in_at", nullable=True),
    _instant("closed_at", nullable=True),
    _id("closed_by_id", nullable=True),
    Index("ix_visits_due_at", "due_at"),
    Index("ix_visits_worker_id", "worker_id"),
    _one_of("state", "planned", "back", "missed", "closed", "cancelled"),
)

address_markers = Table(
    "address_markers",
    metadata,
    _id("marker_id", primary_key=True),
    _id("org_unit_id"),
    Column("kind", Text, nullable=False),
    _day("marked_on"),
    _day("review_on"),
    _day("ended_on", nullable=True),
    Column("marked_by", Text, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    _id("about_id", primary_key=True),
    Column("address", Text, nullable=False),
    Column("plain", Text, nullable=False),
    Index("ix_addresses_plain", "plain"),
    comment="Addresses of visits and markers, apart from them, so that they can be erased",
)

provision_checks = Table(
    "provision_checks",
    metadata,
    _id("org_unit_id", primary_key=True),
    Column("item", Text, primary_key=True),
    Column("state", Text, nullable=False),
    _day("checked_on"),
    Column("checked_by", Text, nullable=False),
    _id("evidence_id"),
    _one_of("state", "met", "partly", "missing"),
)

provision_requests = Table(
    "provision_requests",
    metadata,
    _id("request_id", primary_key=True),
    _id("worker_id"),
    _id("org_unit_id"),
    Column("item", Text, nullable=False),
    _day("asked_on"),
    _day("answered_on", nullable=True),
    Column("answer", Text),
    Index("ix_provision_requests_org_unit_id", "org_unit_id"),
)

attestations = Table(
    "attestations",
    metadata,
    _id("attestation_id", primary_key=True),
    _id("org_unit_id"),
    Column("clause", Text, nullable=False),
    _id("attested_by_id"),
    _day("attested_on"),
    _day("valid_to"),
    Column("holds", Boolean, nullable=False),
    Index("ix_attestations_org_unit_id", "org_unit_id", "clause"),
    _one_of("clause", "4.6", "4.8", "4.9"),
)

case_marks = Table(
    "case_marks",
    metadata,
    Column("case_key", Text, primary_key=True),
    Column("marked", Boolean, nullable=False),
    Column("marks", BigInteger, nullable=False, server_default=text("1")),
    comment="What was last told of a case: whether an open incident or measure asks for care before a visit",
)
