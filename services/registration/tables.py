"""The tables of registration: entries and their history, checks, renewals, who holds which post, and referrals."""

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
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from chassis.tables import new_metadata

metadata = new_metadata()

_NOTHING = text("'{}'")
_STATUSES = (
    "registered",
    "conditions",
    "interim_conditions",
    "suspended",
    "interim_suspension",
    "removed",
    "not_renewed",
    "voluntary_removal",
    "not_found",
    "unknown",
)


def _id(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[object]:
    return Column(name, UUID(as_uuid=True), primary_key=primary_key, nullable=nullable)


def _instant(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


workers = Table(
    "workers",
    metadata,
    _id("worker_id", primary_key=True),
    Column("is_social_worker", Boolean, nullable=False),
    Column("has_registration_number", Boolean, nullable=False),
    Column("employment_started_on", Date, nullable=False),
    Column("employment_ended_on", Date),
    Column("sequence", BigInteger, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    _id("post_id", primary_key=True),
    Column("designated", Boolean, nullable=False),
    _id("holder_id", nullable=True),
    Column("closed_on", Date),
    Column("sequence", BigInteger, nullable=False),
    Index("ix_posts_holder_id", "holder_id"),
)

entries = Table(
    "entries",
    metadata,
    _id("worker_id", primary_key=True),
    Column("number", Text),
    Column("status", Text, nullable=False),
    Column("valid_to", Date),
    Column("awaiting", Boolean, nullable=False),
    Column("annotations", ARRAY(Text), nullable=False, server_default=_NOTHING),
    Column("extra", JSONB, nullable=False, server_default=_NOTHING),
    Column("checked_on", Date),
    Column("checked_by", Text, nullable=False),
    _id("check_id", nullable=True),
    Column("version", Integer, nullable=False),
    UniqueConstraint("number"),
    _one_of("status", *_STATUSES),
    _one_of("checked_by", "hand", "list", "time"),
)

entry_changes = Table(
    "entry_changes",
    metadata,
    _id("change_id", primary_key=True),
    _id("worker_id"),
    Column("number", Text),
    Column("status", Text, nullable=False),
    Column("valid_to", Date),
    Column("annotations", ARRAY(Text), nullable=False),
    Column("checked_on", Date),
    Column("checked_by", Text, nullable=False),
    _id("check_id", nullable=True),
    Column("changed_by", Text, nullable=False),
    _instant("changed_at"),
    Index("ix_entry_changes_worker_id", "worker_id", "change_id"),
)

standings = Table(
    "standings",
    metadata,
    _id("worker_id", primary_key=True),
    Column("settled_on", Date),
    Column("told", JSONB),
    Index("ix_standings_settled_on", "settled_on"),
    comment="When a worker was last looked at, and what was last told of the posts that the worker is in",
)

check_lists = Table(
    "check_lists",
    metadata,
    _id("list_id", primary_key=True),
    _id("org_unit_id"),
    Column("source", Text, nullable=False),
    Column("numbers", ARRAY(Text), nullable=False),
    Column("made_by", Text, nullable=False),
    _instant("made_at"),
)

checks = Table(
    "checks",
    metadata,
    _id("check_id", primary_key=True),
    Column("list_id", ForeignKey("check_lists.list_id"), nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("missing_are_not_found", Boolean, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("missing", ARRAY(Text), nullable=False),
    Column("problems", JSONB, nullable=False),
    Column("recorded_by", Text, nullable=False),
    _instant("recorded_at"),
    UniqueConstraint("list_id", "content_hash", "checked_on", "missing_are_not_found"),
)

policies = Table(
    "policies",
    metadata,
    _id("policy_id", primary_key=True),
    _id("org_unit_id"),
    Column("effective_from", Date, nullable=False),
    Column("lag_days", Integer, nullable=False),
    Column("reminder_days", ARRAY(Integer), nullable=False),
    Column("manager_from_days", Integer, nullable=False),
    Column("at_risk_days", Integer, nullable=False),
    Column("set_by", Text, nullable=False),
    _instant("set_at"),
    UniqueConstraint("org_unit_id", "effective_from"),
    CheckConstraint("lag_days >= 0", name="lag_days_not_negative"),
)

renewals = Table(
    "renewals",
    metadata,
    _id("worker_id", primary_key=True),
    Column("year_end", Date, primary_key=True),
    Column("form_on", Date),
    Column("fee_on", Date),
    Column("cpd_on", Date),
    Column("told", JSONB),
    Column("version", Integer, nullable=False, server_default=text("1")),
)

cpd_readings = Table(
    "cpd_readings",
    metadata,
    _id("worker_id", primary_key=True),
    Column("year_end", Date, primary_key=True),
    Column("ready", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

reminders = Table(
    "reminders",
    metadata,
    _id("worker_id", primary_key=True),
    Column("year_end", Date, primary_key=True),
    Column("days_before", Integer, primary_key=True),
    Column("reminded_on", Date, nullable=False),
    Column("recipients", ARRAY(Text), nullable=False),
)

referrals = Table(
    "referrals",
    metadata,
    _id("referral_id", primary_key=True),
    _id("worker_id"),
    Column("opened_on", Date, nullable=False),
    Column("serious", Boolean, nullable=False),
    Column("investigated_on", Date),
    Column("decision", Text),
    Column("decided_on", Date),
    _id("decided_by_id", nullable=True),
    Column("sent_on", Date),
    Column("outcome", Text),
    Column("outcome_on", Date),
    Column("version", Integer, nullable=False, server_default=text("1")),
    _one_of("decision", "refer", "not_refer"),
    _one_of(
        "outcome",
        "closed_at_triage",
        "no_further_action",
        "advice",
        "warning",
        "conditions",
        "suspension",
        "removal",
        "withdrawn",
    ),
    CheckConstraint("(decision is null) = (decided_on is null)", name="decided_with_a_date"),
    CheckConstraint("(outcome is null) = (outcome_on is null)", name="outcome_with_a_date"),
    CheckConstraint("sent_on is null or decision = 'refer'", name="sent_as_decided"),
    Index("ix_referrals_worker_id", "worker_id"),
)

referral_members = Table(
    "referral_members",
    metadata,
    Column("referral_id", ForeignKey("referrals.referral_id"), primary_key=True),
    _id("worker_id", primary_key=True),
    Column("named_by", Text, nullable=False),
    _instant("named_at"),
    Index("ix_referral_members_worker_id", "worker_id"),
    comment="Those who may see a referral; nobody else may, whatever their role",
)

referral_steps = Table(
    "referral_steps",
    metadata,
    _id("step_id", primary_key=True),
    Column("referral_id", ForeignKey("referrals.referral_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    _instant("recorded_at"),
    _one_of("kind", "triage", "investigation", "case_examiners", "hearing", "interim_order", "other"),
    Index("ix_referral_steps_referral_id", "referral_id"),
)

referral_requests = Table(
    "referral_requests",
    metadata,
    _id("request_id", primary_key=True),
    Column("referral_id", ForeignKey("referrals.referral_id"), nullable=False),
    Column("asked_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("answered_on", Date),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint("due_on >= asked_on", name="dates_in_order"),
    Index("ix_referral_requests_referral_id", "referral_id"),
    comment="What the regulator asked of the employer, by when, and when it was answered",
)

notes = Table(
    "notes",
    metadata,
    _id("about_id", primary_key=True),
    Column("kind", Text, primary_key=True),
    _id("worker_id"),
    Column("words", Text, nullable=False),
    Column("written_by", Text, nullable=False),
    _instant("written_at"),
    Index("ix_notes_worker_id", "worker_id"),
    comment="Everything written in words about a worker, erasable while the facts stay",
)
