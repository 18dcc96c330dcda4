"""What facts about feedback count for: asked, answered, acted on, told, and what is overdue (clauses 1.2 and 1.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from services.accountability.rules.facts import Fact

Said: TypeAlias = tuple[date, str, dict[str, Decimal]]
"""On which day (or from which day on) a fact counts, in which org unit, and for what."""

ONE = Decimal(1)

NATURE: dict[str, Literal["flow", "stock"]] = {
    "campaign": "flow",
    "campaign.acted_on": "flow",
    "campaign.told": "flow",
    "action.overdue": "stock",
}
SERIES_OF: dict[str, str] = {
    "campaigns": "campaign",
    "people_asked": "campaign",
    "people_answered": "campaign",
    "answers_of_counted": "campaign",
    "people_counted": "campaign",
    "campaigns_acted_on": "campaign.acted_on",
    "campaigns_told": "campaign.told",
    "overdue_actions": "action.overdue",
}


def _closed(fact: Fact) -> Said:
    """A campaign counts on the day it closed; for the rate, only where it is known how many were asked and answered."""
    asked, answered = fact.data["asked"], fact.data["answered"]
    amounts = {"campaigns": ONE}
    if asked:
        amounts["people_asked"] = Decimal(asked)
    if answered:
        amounts["people_answered"] = Decimal(answered)
    if asked and answered and answered <= asked:
        amounts |= {"people_counted": Decimal(asked), "answers_of_counted": Decimal(answered)}
    return date.fromisoformat(fact.data["closed_on"]), fact.data["org_unit_id"], amounts


def _acted_on(fact: Fact) -> Said:
    """A campaign that led to an action, however many, counts once, beside the campaign itself (clause 1.3)."""
    on = date.fromisoformat(fact.data["campaign_closed_on"])
    return on, fact.data["campaign_org_unit_id"], {"campaigns_acted_on": ONE}


def _told(fact: Fact) -> Said:
    """A campaign whose answers were told what was done counts beside the campaign itself (clause 1.3)."""
    return date.fromisoformat(fact.data["closed_on"]), fact.data["org_unit_id"], {"campaigns_told": ONE}


def _overdue(holds: bool) -> Callable[[Fact], Said]:
    def say(fact: Fact) -> Said:
        """An action is overdue from the day that was noticed until it is done, dropped or moved."""
        return fact.happened_on, fact.data["org_unit_id"], {"overdue_actions": ONE} if holds else {}

    return say


COUNTED: dict[str, tuple[tuple[str, tuple[str, ...], Callable[[Fact], Said]], ...]] = {
    "feedback.campaign.closed.v1": (("campaign", ("campaign_id",), _closed),),
    "feedback.campaign.told.v1": (("campaign.told", ("campaign_id",), _told),),
    "feedback.action.agreed.v1": (("campaign.acted_on", ("campaign_id",), _acted_on),),
    "feedback.action.overdue.v1": (("action.overdue", ("action_id",), _overdue(True)),),
    "feedback.action.moved.v1": (("action.overdue", ("action_id",), _overdue(False)),),
    "feedback.action.done.v1": (("action.overdue", ("action_id",), _overdue(False)),),
}
"""Each type of fact, with the series it speaks to, the fields of its key, and what it says."""
