"""Campaigns, their links, and how far they are."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller, outside_reach
from chassis.problems import NotFound

_ONE: LiteralString = "select * from campaigns where campaign_id = %(campaign)s"
_LOCKED: LiteralString = "select * from campaigns where campaign_id = %(campaign)s for update"
_LIST: LiteralString = """
select c.* from campaigns c
where exists (select 1 from directory_units u where u.org_unit_id = any(c.units || c.org_unit_id)
              and (%(limit)s::uuid is null or %(limit)s = any(u.path)) and (%(unit)s::uuid is null or %(unit)s = any(u.path)))
    and (%(after)s::uuid is null or c.campaign_id < %(after)s)
order by c.campaign_id desc limit %(rows)s
"""
_LINKS: LiteralString = "select * from links where campaign_id = %(campaign)s order by link_id"
_LINK: LiteralString = "select * from links where link_id = %(link)s"
_BY_LINK: LiteralString = """
select l.campaign_id, l.org_unit_id, l.channel, c.opens_on, c.closes_on, c.closed_on, c.title, c.address, q.content
from links l join campaigns c using (campaign_id) join questionnaires q using (questionnaire_id) where l.token = %(token)s
"""
_BY_INVITATION: LiteralString = """
select i.campaign_id, i.org_unit_id, 'invitation' as channel, c.opens_on, c.closes_on, c.closed_on, c.title, c.address, q.content
from invitations i join campaigns c using (campaign_id) join questionnaires q using (questionnaire_id)
where i.token_hash = %(hash)s
"""
_BY_ADDRESS: LiteralString = "select * from campaigns where address = %(address)s and closed_on is not null"


async def get_campaign(tx: Tx, campaign: UUID, *, locked: bool = False) -> Row:
    """A campaign by its id."""
    row = await tx.fetch_one(_LOCKED if locked else _ONE, {"campaign": campaign})
    if row is None:
        raise outside_reach()
    return row


async def reach_campaign(tx: Tx, caller: Caller, campaign: UUID, *, locked: bool = False) -> Row:
    """A campaign of the caller's unit or below."""
    row = await tx.fetch_one(_LOCKED if locked else _ONE, {"campaign": campaign})
    if row is None:
        caller.nothing_to_reach()
        raise outside_reach()
    await caller.reach_unit(tx, row["org_unit_id"])
    return row


async def list_campaigns(tx: Tx, caller: Caller, unit: UUID | None, after: UUID | None, rows: int) -> list[Row]:
    """The campaigns that ask about the caller's unit or one below, newest first."""
    limit = await caller.bound(tx, unit)
    return await tx.fetch_all(_LIST, {"limit": limit, "unit": unit, "after": after, "rows": rows})


async def list_links(tx: Tx, campaign: UUID) -> list[Row]:
    """The open links of a campaign."""
    return await tx.fetch_all(_LINKS, {"campaign": campaign})


async def reach_link(tx: Tx, caller: Caller, link: UUID) -> Row:
    """An open link of a campaign within reach."""
    row = await tx.fetch_one(_LINK, {"link": link})
    if row is None:
        caller.nothing_to_reach()
        raise outside_reach()
    await reach_campaign(tx, caller, row["campaign_id"])
    return row


async def get_asked(tx: Tx, token: str, token_hash: bytes) -> Row:
    """What a link asks: campaign, team, channel, days and questionnaire; the same for an open link and a single-use one."""
    row = await tx.fetch_one(_BY_LINK, {"token": token})
    row = row or await tx.fetch_one(_BY_INVITATION, {"hash": token_hash})
    if row is None:
        raise NotFound("link-not-known", "No questionnaire has this link. Check it, or ask whoever gave it to you.")
    return row


async def get_published(tx: Tx, address: str) -> Row:
    """A closed campaign by its public address."""
    row = await tx.fetch_one(_BY_ADDRESS, {"address": address})
    if row is None:
        raise NotFound("nothing-published", "Nothing is published at this address yet.")
    return row
