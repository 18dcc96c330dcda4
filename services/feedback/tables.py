"""The tables of feedback: what is asked, what was answered, and what was done about it."""

from __future__ import annotations

from sqlalchemy import (
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from chassis.tables import new_metadata

metadata = new_metadata()

_NO = text("false")


def _id(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[object]:
    return Column(name, UUID(as_uuid=True), primary_key=primary_key, nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, Date, nullable=nullable)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


questionnaires = Table(
    "questionnaires",
    metadata,
    _id("questionnaire_id", primary_key=True),
    _id("org_unit_id"),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    _day("made_on"),
    UniqueConstraint("org_unit_id", "key", "version"),
    comment="A version never changes: what was asked stays known",
)

campaigns = Table(
    "campaigns",
    metadata,
    _id("campaign_id", primary_key=True),
    Column("questionnaire_id", ForeignKey("questionnaires.questionnaire_id"), nullable=False),
    _id("org_unit_id"),
    Column("units", ARRAY(UUID(as_uuid=True)), nullable=False),
    Column("audience", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("address", Text, nullable=False, unique=True),
    _day("opens_on"),
    _day("closes_on"),
    Column("asked", Integer),
    Column("announced", Boolean, nullable=False, server_default=_NO),
    _day("closed_on", nullable=True),
    _day("told_on", nullable=True),
    Index("ix_campaigns_org_unit_id", "org_unit_id"),
    Index("ix_campaigns_running", "closes_on", postgresql_where=text("closed_on is null")),
    _one_of("audience", "service_users", "carers", "practitioners"),
    CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),
    CheckConstraint("asked >= 0", name="asked_not_negative"),
)

links = Table(
    "links",
    metadata,
    _id("link_id", primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), nullable=False),
    _id("org_unit_id"),
    Column("channel", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Index("ix_links_campaign_id", "campaign_id"),
    _one_of("channel", "link", "paper", "kiosk"),
    comment="Open to everyone who has the address; it is on posters, so it is no secret",
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), nullable=False),
    _id("org_unit_id"),
    Index("ix_invitations_campaign_id", "campaign_id"),
    comment="Single-use links; who got which is known to nobody here",
)

responses = Table(
    "responses",
    metadata,
    _id("response_id", primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), nullable=False),
    _id("org_unit_id"),
    Column("channel", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed", JSONB, nullable=False),
    _day("kept_on"),
    UniqueConstraint("campaign_id", "key_hash"),
    Index("ix_responses_key_hash", "key_hash"),
    _one_of("state", "draft", "sent"),
    _one_of("channel", "link", "paper", "kiosk", "invitation", "tool"),
    comment="Identifiers by chance and days only: nothing says who answered, from where, or when in a day",
)

comments = Table(
    "comments",
    metadata,
    _id("comment_id", primary_key=True),
    Column("response_id", ForeignKey("responses.response_id"), nullable=False),
    Column("question", Text, nullable=False),
    Column("words", Text, nullable=False),
    UniqueConstraint("response_id", "question"),
    comment="What people wrote, apart from what they chose, so that it can be erased",
)

contacts = Table(
    "contacts",
    metadata,
    _id("contact_id", primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", DateTime(timezone=True)),
    UniqueConstraint("campaign_id", "address"),
    Index("ix_contacts_address", "address"),
    Index("ix_contacts_next_attempt_at", "next_attempt_at"),
    comment="Who wants to hear what was done; tied to no answer, and erased once told",
)

releases = Table(
    "releases",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), primary_key=True),
    _day("made_on"),
    Column("inside", JSONB, nullable=False),
    Column("outside", JSONB, nullable=False),
    Column("spreads", JSONB, nullable=False),
    comment="The results of a campaign, made once: no second release to compare with the first",
)

themes = Table(
    "themes",
    metadata,
    _id("theme_id", primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("standard", Integer),
    UniqueConstraint("campaign_id", "name"),
    CheckConstraint("standard between 1 and 8", name="standard_known"),
)

theme_assignments = Table(
    "theme_assignments",
    metadata,
    Column("comment_id", ForeignKey("comments.comment_id", ondelete="cascade"), primary_key=True),
    Column("theme_id", ForeignKey("themes.theme_id"), primary_key=True),
    Column("assigned_by", Text, nullable=False),
    _day("assigned_on"),
    Index("ix_theme_assignments_theme_id", "theme_id"),
)

actions = Table(
    "actions",
    metadata,
    _id("action_id", primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.campaign_id"), nullable=False),
    _id("org_unit_id"),
    _id("owner_id"),
    Column("theme_id", ForeignKey("themes.theme_id")),
    Column("standard", Integer),
    _day("agreed_on"),
    _day("due_on"),
    _day("done_on", nullable=True),
    _day("dropped_on", nullable=True),
    Column("overdue_told", Boolean, nullable=False, server_default=_NO),
    Index("ix_actions_campaign_id", "campaign_id"),
    Index("ix_actions_owner_id", "owner_id"),
    Index("ix_actions_waiting", "due_on", postgresql_where=text("done_on is null and dropped_on is null")),
    CheckConstraint("standard between 1 and 8", name="standard_known"),
)

notes = Table(
    "notes",
    metadata,
    _id("about_id", primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("words", Text, nullable=False),
    comment="What staff wrote about actions and campaigns, apart from the facts, so that it can be erased",
)
