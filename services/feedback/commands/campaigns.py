"""Opening a campaign, making its links, and closing it with its results (clauses 1.2 and 1.3)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, RuleBroken
from contracts.feedback import CampaignClosedV1, CampaignOpenedV1, StandardScoredV1
from services.feedback.commands.keys import fresh_key, hash_of
from services.feedback.queries.people import check_units
from services.feedback.queries.questionnaires import get_questionnaire
from services.feedback.rules.campaigns import Audience, span_problem, state
from services.feedback.rules.questionnaires import Questionnaire, read
from services.feedback.rules.results import Answered, Results, results
from services.feedback.rules.suppression import TOTAL

MOST_INVITATIONS = 5000

_ADD: LiteralString = """
insert into campaigns (campaign_id, questionnaire_id, org_unit_id, units, audience, title, address, opens_on, closes_on, asked)
values (%(campaign)s, %(questionnaire)s, %(unit)s, %(units)s, %(audience)s, %(title)s, %(address)s, %(opens_on)s, %(closes_on)s,
    %(asked)s)
"""
_LINK: LiteralString = """
insert into links (link_id, campaign_id, org_unit_id, channel, token)
values (%(link)s, %(campaign)s, %(unit)s, %(channel)s, %(token)s) returning *
"""
_INVITE: LiteralString = """
insert into invitations (token_hash, campaign_id, org_unit_id) values (%(hash)s, %(campaign)s, %(unit)s)
"""
_COUNT_INVITED: LiteralString = (
    "update campaigns set asked = coalesce(asked, 0) + %(more)s where campaign_id = %(campaign)s"
)
_ASKED: LiteralString = "update campaigns set asked = %(asked)s where campaign_id = %(campaign)s"
_ANNOUNCE: LiteralString = "update campaigns set announced = true where campaign_id = %(campaign)s"
_OPENING: LiteralString = """
select * from campaigns where not announced and opens_on <= %(today)s order by campaign_id limit 100 for update skip locked
"""
_ENDED: LiteralString = """
select * from campaigns where closed_on is null and closes_on < %(today)s order by campaign_id limit 5 for update skip locked
"""
_CLOSE: LiteralString = "update campaigns set closed_on = %(today)s where campaign_id = %(campaign)s"
_FORGET_DRAFT_WORDS: LiteralString = """
delete from comments where response_id in
    (select response_id from responses where campaign_id = %(campaign)s and state = 'draft')
"""
_FORGET_DRAFTS: LiteralString = "delete from responses where campaign_id = %(campaign)s and state = 'draft'"
_SENT: LiteralString = "select org_unit_id, closed from responses where campaign_id = %(campaign)s and state = 'sent'"
_RELEASE: LiteralString = """
insert into releases (campaign_id, made_on, inside, outside, spreads)
values (%(campaign)s, %(today)s, %(inside)s, %(outside)s, %(spreads)s)
"""


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """A campaign: who asks whom what, about which teams, from when to when; ``asked`` = how many are asked, if known."""

    questionnaire_id: UUID
    org_unit_id: UUID
    units: Sequence[UUID]
    audience: Audience
    title: str
    opens_on: date
    closes_on: date
    asked: int | None = None


async def open_campaign(tx: Tx, wanted: OpenCampaign) -> UUID:
    """Plan a campaign; it is told of on the day on which it opens."""
    problem = span_problem(wanted.opens_on, wanted.closes_on, tx.today)
    if problem:
        raise RuleBroken("span-not-possible", problem, field="closes_on")
    await check_units(tx, wanted.org_unit_id, wanted.units)
    campaign = new_id()
    row = {
        "campaign": campaign,
        "questionnaire": wanted.questionnaire_id,
        "unit": wanted.org_unit_id,
        "units": list(wanted.units) or [wanted.org_unit_id],
        "audience": wanted.audience,
        "title": wanted.title,
        "address": fresh_key(),
        "opens_on": wanted.opens_on,
        "closes_on": wanted.closes_on,
        "asked": wanted.asked,
    }
    await tx.execute(_ADD, row)
    if wanted.opens_on <= tx.today:
        await _announce(tx, {**row, "campaign_id": campaign, "org_unit_id": wanted.org_unit_id})
    return campaign


async def announce_opening(tx: Tx) -> int:
    """Tell of the campaigns that open today; how many."""
    rows = await tx.fetch_all(_OPENING, {"today": tx.today})
    for row in rows:
        await _announce(tx, row)
    return len(rows)


async def _announce(tx: Tx, row: Row) -> None:
    await tx.queue(_ANNOUNCE, {"campaign": row["campaign_id"]})
    days = {"opened_on": row["opens_on"], "closes_on": row["closes_on"]}
    about = {"campaign_id": row["campaign_id"], "org_unit_id": row["org_unit_id"], "audience": row["audience"]}
    tx.emit(CampaignOpenedV1(**about, **days))


async def add_link(tx: Tx, campaign: Row, unit: UUID, channel: str) -> Row:
    """An open link about one of the campaign's teams: to send round, to print, or for a kiosk."""
    check_unit(campaign, unit)
    _check_not_closed(tx, campaign)
    about = {"campaign": campaign["campaign_id"], "unit": unit, "channel": channel}
    return await tx.fetch_one(_LINK, {**about, "link": new_id(), "token": fresh_key()}) or {}


async def invite(tx: Tx, campaign: Row, unit: UUID, count: int) -> list[str]:
    """Single-use links, shown this once; who gets which is known to whoever sends them, and to nobody here."""
    check_unit(campaign, unit)
    _check_not_closed(tx, campaign)
    tokens = [fresh_key() for _ in range(count)]
    about = {"campaign": campaign["campaign_id"], "unit": unit}
    await tx.execute_many(_INVITE, [{**about, "hash": hash_of(token)} for token in tokens])
    await tx.execute(_COUNT_INVITED, {"campaign": campaign["campaign_id"], "more": count})
    return tokens


async def state_asked(tx: Tx, campaign: Row, asked: int) -> None:
    """Say how many people are asked, where that is known otherwise than by invitations."""
    _check_not_closed(tx, campaign)
    await tx.execute(_ASKED, {"campaign": campaign["campaign_id"], "asked": asked})


def check_unit(campaign: Row, unit: UUID) -> None:
    """Make sure that a campaign asks about a unit."""
    if unit not in campaign["units"]:
        raise RuleBroken("not-in-campaign", "Name one of the campaign's units.", field="org_unit_id")


def _check_not_closed(tx: Tx, campaign: Row) -> None:
    if state(campaign["opens_on"], campaign["closes_on"], campaign["closed_on"], tx.today) == "closed":
        raise Conflict("campaign-closed", "This campaign has closed. Open a new one.")


async def close_ended(tx: Tx) -> int:
    """Close the campaigns whose last day has passed; how many."""
    rows = await tx.fetch_all(_ENDED, {"today": tx.today})
    for row in rows:
        await close_campaign(tx, row)
    return len(rows)


async def close_campaign(tx: Tx, campaign: Row) -> None:
    """Take no more answers, forget what was begun and not sent, and make the results, once and for ever."""
    if campaign["closed_on"] is not None:
        raise Conflict("campaign-closed", f"It closed on {campaign['closed_on']}.")
    about = {"campaign": campaign["campaign_id"], "today": tx.today}
    await tx.execute(_CLOSE, about)
    await tx.execute(_FORGET_DRAFT_WORDS, about)
    await tx.execute(_FORGET_DRAFTS, about)
    sent = await tx.fetch_all(_SENT, about)
    questionnaire = read((await get_questionnaire(tx, campaign["questionnaire_id"]))["content"])
    made = await _results(questionnaire, campaign, sent)
    tables = {"inside": Jsonb(made.inside), "outside": Jsonb(made.outside), "spreads": Jsonb(made.spreads)}
    await tx.execute(_RELEASE, {**about, **tables})
    await _tell_results(tx, campaign, questionnaire, made.outside)


async def _results(questionnaire: Questionnaire, campaign: Row, sent: list[Row]) -> Results:
    units = [str(unit) for unit in campaign["units"]]
    answered = [Answered(str(row["org_unit_id"]), row["closed"]) for row in sent]
    return await asyncio.to_thread(results, questionnaire, units, answered)


async def _tell_results(tx: Tx, campaign: Row, questionnaire: Questionnaire, outside: dict[str, Any]) -> None:
    """Publish what may be known by everyone about the whole campaign, and nothing about its parts."""
    if not campaign["announced"]:
        await _announce(tx, campaign)
    whole = outside["rows"][TOTAL]
    about = {"campaign_id": campaign["campaign_id"], "org_unit_id": campaign["org_unit_id"]}
    told = {**about, "audience": campaign["audience"]}
    answered = whole["answers"]
    tx.emit(CampaignClosedV1(**told, closed_on=tx.today, asked=campaign["asked"], answered=answered))
    for standard in questionnaire.standards:
        figure = whole["figures"].get(f"standard_{standard}")
        if figure and answered:
            scored = {"standard": standard, "score": figure["score"], "band": figure["band"]}
            tx.emit(StandardScoredV1(**told, **scored, answered=answered, scored_on=tx.today))
