"""Campaigns over HTTP: who is asked what, by which links, and how many answer (clause 1.2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.database import Row, Tx
from chassis.numbers import Number, half_up
from chassis.pages import Cursor, Limit, Page, decode_cursor, encode_cursor
from chassis.problems import BadRequest
from chassis.routing import Caller, Read, Routes, Write
from services.feedback.commands import campaigns as commands
from services.feedback.commands.answers import KeepAnswers, keep_answers
from services.feedback.commands.keys import hash_of_reference
from services.feedback.queries import campaigns as queries
from services.feedback.queries.answers import count_sent
from services.feedback.queries.questionnaires import get_questionnaire, reach_questionnaire
from services.feedback.queries.results import reach_results
from services.feedback.routes.shapes import COLLECTS, SEES, SETS_UP, Day, Given, In, ShortWords
from services.feedback.rules.answers import read_answers
from services.feedback.rules.campaigns import Audience, State, state
from services.feedback.rules.questionnaires import read
from services.feedback.rules.scores import rate
from services.feedback.rules.suppression import INSIDE, rounded

routes = Routes("feedback")


class CampaignIn(In):
    """Whom to ask what, from when to when; ``units`` = the teams that it is about, without any the unit itself."""

    questionnaire_id: UUID
    org_unit_id: UUID
    units: Annotated[list[UUID], Field(max_length=200)] = []
    audience: Audience
    title: ShortWords
    opens_on: Day
    closes_on: Day
    asked: Annotated[int, Field(ge=0, le=10_000_000)] | None = None


class AskedIn(In):
    """How many people are asked, where no invitations say so."""

    asked: Annotated[int, Field(ge=0, le=10_000_000)]


class CampaignOut(BaseModel):
    """A campaign; ``answered`` is rounded to five and absent below five, ``published_at`` = the path of what is published."""

    campaign_id: UUID
    questionnaire_id: UUID
    org_unit_id: UUID
    units: list[UUID]
    audience: Audience
    title: str
    opens_on: date
    closes_on: date
    closed_on: date | None
    told_on: date | None
    state: State
    asked: int | None
    answered: int | None
    response_rate_pct: Number | None
    published_at: str


class LinkIn(In):
    """An open link: to send round, to print on paper as a QR code, or for a kiosk in a waiting room."""

    org_unit_id: UUID
    channel: Literal["link", "paper", "kiosk"]


class LinkOut(BaseModel):
    """An open link: the page to answer on, and its QR code."""

    link_id: UUID
    org_unit_id: UUID
    channel: str
    page: str
    qr_code: str
    answers: str


class InvitationsIn(In):
    """How many single-use links to make for a team."""

    org_unit_id: UUID
    count: Annotated[int, Field(ge=1, le=commands.MOST_INVITATIONS)]


class InvitationsOut(BaseModel):
    """Single-use links. They are shown once; here nobody knows who gets which."""

    pages: list[str]


class CollectedIn(In):
    """Answers from elsewhere; the same ``reference`` (a sheet's number, a tool's own id) is stored once."""

    channel: Literal["paper", "tool"]
    reference: ShortWords
    org_unit_id: UUID
    answers: Given


class CollectedOut(BaseModel):
    """Whether the answers were stored now or before."""

    state: Literal["sent", "sent_before"]


@routes.post("/campaigns", status_code=201, allow=SETS_UP)
async def post_campaign(body: CampaignIn, tx: Write, caller: Caller) -> CampaignOut:
    """Plan a campaign with a questionnaire of your unit, of one below or of one above."""
    await caller.reach_unit(tx, body.org_unit_id)
    await reach_questionnaire(tx, caller, body.questionnaire_id)
    campaign = await commands.open_campaign(tx, commands.OpenCampaign(**body.model_dump()))
    return await _whole(tx, await queries.get_campaign(tx, campaign))


@routes.get("/campaigns", allow=SEES)
async def get_campaigns(
    tx: Read, caller: Caller, org_unit_id: UUID | None = None, cursor: Cursor = None, limit: Limit = 100
) -> Page[CampaignOut]:
    """The campaigns that ask about your unit or one below, newest first."""
    rows = await queries.list_campaigns(tx, caller, org_unit_id, _after(cursor), limit + 1)
    following = encode_cursor(rows[limit - 1]["campaign_id"]) if len(rows) > limit else None
    return Page(items=[await _whole(tx, row) for row in rows[:limit]], next=following)


@routes.get("/campaigns/{campaign_id}", allow=SEES)
async def get_campaign(campaign_id: UUID, tx: Read, caller: Caller) -> CampaignOut:
    """A campaign that asks about your part of the organisation, and how many have answered."""
    campaign, _ = await reach_results(tx, caller, campaign_id)
    return await _whole(tx, campaign)


@routes.put("/campaigns/{campaign_id}/asked", allow=SETS_UP)
async def put_asked(campaign_id: UUID, body: AskedIn, tx: Write, caller: Caller) -> CampaignOut:
    """Say how many people are asked, so that a response rate can be had."""
    await commands.state_asked(tx, await queries.reach_campaign(tx, caller, campaign_id, locked=True), body.asked)
    return await _whole(tx, await queries.get_campaign(tx, campaign_id))


@routes.post("/campaigns/{campaign_id}/close", allow=SETS_UP)
async def post_close(campaign_id: UUID, tx: Write, caller: Caller) -> CampaignOut:
    """Close a campaign before its last day. Its results are made now, and never again."""
    await commands.close_campaign(tx, await queries.reach_campaign(tx, caller, campaign_id, locked=True))
    return await _whole(tx, await queries.get_campaign(tx, campaign_id))


@routes.post("/campaigns/{campaign_id}/links", status_code=201, allow=SETS_UP)
async def post_link(campaign_id: UUID, body: LinkIn, tx: Write, caller: Caller, request: Request) -> LinkOut:
    """Make an open link about one of the campaign's teams."""
    campaign = await queries.reach_campaign(tx, caller, campaign_id, locked=True)
    return _link(await commands.add_link(tx, campaign, body.org_unit_id, body.channel), request)


@routes.get("/campaigns/{campaign_id}/links", allow=SETS_UP)
async def get_links(campaign_id: UUID, tx: Read, caller: Caller, request: Request) -> Page[LinkOut]:
    """The open links of a campaign."""
    await queries.reach_campaign(tx, caller, campaign_id)
    return Page(items=[_link(row, request) for row in await queries.list_links(tx, campaign_id)])


@routes.post("/campaigns/{campaign_id}/invitations", status_code=201, allow=SETS_UP)
async def post_invitations(
    campaign_id: UUID, body: InvitationsIn, tx: Write, caller: Caller, request: Request
) -> InvitationsOut:
    """Make single-use links: opened as often as one likes, answered once. Send each to one person."""
    campaign = await queries.reach_campaign(tx, caller, campaign_id, locked=True)
    tokens = await commands.invite(tx, campaign, body.org_unit_id, body.count)
    return InvitationsOut(pages=[_page(token, request) for token in tokens])


@routes.post("/campaigns/{campaign_id}/collected-answers", allow=COLLECTS)
async def post_collected(campaign_id: UUID, body: CollectedIn, tx: Write, caller: Caller) -> CollectedOut:
    """Bring in answers from a paper form or from a survey tool. The same reference again changes nothing."""
    campaign = await queries.reach_campaign(tx, caller, campaign_id)
    asked = {**campaign, "org_unit_id": body.org_unit_id, "channel": body.channel}
    commands.check_unit(campaign, body.org_unit_id)
    content = (await get_questionnaire(tx, campaign["questionnaire_id"]))["content"]
    answers = read_answers(read(content), body.answers)
    kept = await keep_answers(tx, asked, KeepAnswers(hash_of_reference(body.channel, body.reference), answers))
    return CollectedOut.model_validate({"state": kept})


def _after(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it, or leave it out.") from None


def _page(token: str, request: Request) -> str:
    return f"{request.app.state.public_url}/v1/feedback/forms/{token}"


def _link(row: Row, request: Request) -> LinkOut:
    page = _page(row["token"], request)
    answers = f"/v1/feedback/answers/{row['token']}"
    return LinkOut.model_validate({**row, "page": page, "qr_code": f"{page}/qr.svg", "answers": answers})


async def _whole(tx: Tx, row: Row) -> CampaignOut:
    sent = await count_sent(tx, row["campaign_id"])
    answered = rounded(sent) if sent >= INSIDE else None
    share = None if answered is None else rate(answered, row["asked"])
    more = {
        "state": state(row["opens_on"], row["closes_on"], row["closed_on"], tx.today),
        "answered": answered,
        "response_rate_pct": None if share is None else half_up(share, 1),
        "published_at": f"/v1/feedback/published/{row['address']}",
    }
    return CampaignOut.model_validate({**row, **more})
