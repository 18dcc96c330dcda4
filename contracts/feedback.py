"""Facts that feedback publishes about asking, answering and acting (Standard 1).

What people wrote, and who they are, stays in feedback. Numbers of answers are told once, when a campaign has closed, rounded to
five and only from ten on.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

Audience = Literal["service_users", "carers", "practitioners"]
Band = Literal["low", "moderate", "high"]


class CampaignOpenedV1(Event):
    """People are asked what they think (clause 1.2); ``closes_on`` = the last day on which they may answer."""

    TYPE: ClassVar[str] = "feedback.campaign.opened.v1"
    SUBJECT: ClassVar[str] = "campaign_id"

    campaign_id: UUID
    org_unit_id: UUID
    audience: Audience
    opened_on: date
    closes_on: date


class CampaignClosedV1(Event):
    """Nobody is asked any more; ``asked`` = how many were, where known; ``answered`` = rounded to five, absent below ten."""

    TYPE: ClassVar[str] = "feedback.campaign.closed.v1"
    SUBJECT: ClassVar[str] = "campaign_id"

    campaign_id: UUID
    org_unit_id: UUID
    audience: Audience
    closed_on: date
    asked: int | None
    answered: int | None


class StandardScoredV1(Event):
    """What those who answered a campaign think of one standard, as a whole number of 0 to 100; never below ten answers."""

    TYPE: ClassVar[str] = "feedback.standard.scored.v1"
    SUBJECT: ClassVar[str] = "campaign_id"

    campaign_id: UUID
    org_unit_id: UUID
    audience: Audience
    standard: int
    score: int
    band: Band
    answered: int
    scored_on: date


class CampaignToldV1(Event):
    """Those who answered a campaign were told what was done (clause 1.3)."""

    TYPE: ClassVar[str] = "feedback.campaign.told.v1"
    SUBJECT: ClassVar[str] = "campaign_id"

    campaign_id: UUID
    org_unit_id: UUID
    closed_on: date
    told_on: date


class ActionAgreedV1(Event):
    """Something is to be done about what people said, by a named person until a day (clause 1.3)."""

    TYPE: ClassVar[str] = "feedback.action.agreed.v1"
    SUBJECT: ClassVar[str] = "action_id"

    action_id: UUID
    campaign_id: UUID
    org_unit_id: UUID
    campaign_org_unit_id: UUID
    campaign_closed_on: date
    owner_id: UUID
    standard: int | None
    agreed_on: date
    due_on: date


class ActionOverdueV1(Event):
    """The last day of an action has passed, and it is not done."""

    TYPE: ClassVar[str] = "feedback.action.overdue.v1"
    SUBJECT: ClassVar[str] = "action_id"

    action_id: UUID
    org_unit_id: UUID
    owner_id: UUID
    due_on: date


class ActionMovedV1(Event):
    """Another last day, or another owner, was agreed for an action; it is not overdue any more."""

    TYPE: ClassVar[str] = "feedback.action.moved.v1"
    SUBJECT: ClassVar[str] = "action_id"

    action_id: UUID
    org_unit_id: UUID
    owner_id: UUID
    due_on: date


class ActionDoneV1(Event):
    """An action was done, with evidence, or dropped."""

    TYPE: ClassVar[str] = "feedback.action.done.v1"
    SUBJECT: ClassVar[str] = "action_id"

    action_id: UUID
    org_unit_id: UUID
    owner_id: UUID
    done_on: date
    in_time: bool
    dropped: bool
