"""Results of closed campaigns, as far as the reader may see them."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller, outside_reach
from chassis.problems import Conflict
from services.feedback.rules.results import seen_rows
from services.feedback.rules.suppression import INSIDE, TOTAL

_RELEASE: LiteralString = "select * from releases where campaign_id = %(campaign)s"
_CAMPAIGN: LiteralString = "select * from campaigns where campaign_id = %(campaign)s"
_WITHIN: LiteralString = """
select org_unit_id from directory_units
where org_unit_id = any(%(units)s::uuid[]) and (%(limit)s::uuid is null or %(limit)s = any(path))
"""
_OVER_TIME: LiteralString = """
select c.campaign_id, c.title, c.audience, c.closed_on, c.asked, r.inside, r.spreads, q.version
from campaigns c join releases r using (campaign_id) join questionnaires q using (questionnaire_id)
where q.key = %(key)s and (%(unit)s = any(c.units) or c.org_unit_id = %(unit)s) order by c.closed_on, c.campaign_id
"""


async def get_release(tx: Tx, campaign: UUID) -> Row:
    """The results of a campaign; Conflict while it is not closed."""
    row = await tx.fetch_one(_RELEASE, {"campaign": campaign})
    if row is None:
        raise Conflict("campaign-not-closed", "Results are made once, when the campaign has closed.")
    return row


async def get_readable(tx: Tx, campaign: UUID) -> set[str]:
    """The teams of a closed campaign of which enough answered; Conflict where too few did for their words to be read."""
    seen = seen_rows((await get_release(tx, campaign))["inside"])
    if TOTAL not in seen:
        raise Conflict(
            "too-few-answers",
            f"Fewer than {INSIDE} people answered: what they wrote stays closed, so that nobody is known by it.",
        )
    return seen


async def reach_results(tx: Tx, caller: Caller, campaign: UUID) -> tuple[Row, set[str]]:
    """A campaign that asks about the caller's part of the organisation, and the units of it that the caller sees."""
    limit = await caller.bound(tx)
    row = await tx.fetch_one(_CAMPAIGN, {"campaign": campaign})
    if row is None:
        raise outside_reach()
    units = await tx.fetch_all(_WITHIN, {"units": [*row["units"], row["org_unit_id"]], "limit": limit})
    if not units:
        raise outside_reach()
    return row, {str(unit["org_unit_id"]) for unit in units}


async def list_over_time(tx: Tx, key: str, unit: UUID) -> list[Row]:
    """The results of all closed campaigns with a questionnaire that asked about a unit, oldest first."""
    return await tx.fetch_all(_OVER_TIME, {"key": key, "unit": unit})
