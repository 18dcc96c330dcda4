"""Acting on what people said, and telling them, over HTTP (clause 1.3)."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.database import Row, Tx
from chassis.pages import Page
from chassis.routing import Caller, Read, Routes, Write
from services.feedback.commands import actions as commands
from services.feedback.queries import actions as queries
from services.feedback.queries.campaigns import reach_campaign
from services.feedback.queries.results import reach_results
from services.feedback.routes.shapes import OWNS, SEES, SETS_UP, Day, In, Words, person_of
from services.feedback.rules.actions import ActionState, state

routes = Routes("feedback")


class ActionIn(In):
    """What is to be done, by whom, until when; ``you_said`` = what people said, in words for them."""

    org_unit_id: UUID
    owner_id: UUID
    due_on: Day
    what: Words
    theme_id: UUID | None = None
    standard: Annotated[int, Field(ge=1, le=8)] | None = None
    you_said: Words | None = None


class DoneIn(In):
    """How one can see that it was done, and what to tell those who asked for it."""

    evidence: Words
    we_did: Words | None = None


class DroppedIn(In):
    """Why it will not be done, and what to tell those who asked for it."""

    why: Words
    we_did: Words | None = None


class MovedIn(In):
    """Another last day, another owner, and why."""

    due_on: Day
    owner_id: UUID | None = None
    why: Words


class WordsIn(In):
    """The words for those who answered; what is left out stays."""

    you_said: Words | None = None
    we_did: Words | None = None


class ActionOut(BaseModel):
    """An action; words that were erased are null."""

    action_id: UUID
    campaign_id: UUID
    title: str
    org_unit_id: UUID
    owner_id: UUID
    theme_id: UUID | None
    standard: int | None
    agreed_on: date
    due_on: date
    done_on: date | None
    dropped_on: date | None
    state: ActionState
    what: str | None
    evidence: str | None
    you_said: str | None
    we_did: str | None
    moved: str | None


class ToldOut(BaseModel):
    """When those who answered were told."""

    campaign_id: UUID
    told_on: date
    published_at: str


@routes.post("/campaigns/{campaign_id}/actions", status_code=201, allow=SETS_UP)
async def post_action(campaign_id: UUID, body: ActionIn, tx: Write, caller: Caller) -> ActionOut:
    """Agree on an action for your part of the organisation; the campaign has closed before."""
    campaign, _ = await reach_results(tx, caller, campaign_id)
    await caller.reach_unit(tx, body.org_unit_id)
    action = await commands.agree_action(tx, campaign, commands.AgreeAction(**body.model_dump()))
    return await _whole(tx, action)


@routes.get("/campaigns/{campaign_id}/actions", allow=SEES)
async def get_actions(campaign_id: UUID, tx: Read, caller: Caller) -> Page[ActionOut]:
    """The actions that followed from a campaign."""
    await reach_results(tx, caller, campaign_id)
    return Page(items=[_out(tx, row) for row in await queries.list_actions(tx, campaign_id)])


@routes.get("/actions/mine", allow=OWNS)
async def get_own_actions(tx: Read, caller: Caller) -> Page[ActionOut]:
    """The actions that you own, those that wait first."""
    caller.nothing_to_reach()
    return Page(items=[_out(tx, row) for row in await queries.list_own(tx, person_of(caller))])


@routes.post("/actions/{action_id}/done", allow=OWNS)
async def post_done(action_id: UUID, body: DoneIn, tx: Write, caller: Caller) -> ActionOut:
    """Say that it was done, with evidence."""
    await commands.finish_action(tx, await queries.reach_action(tx, caller, action_id), body.evidence, body.we_did)
    return await _whole(tx, action_id)


@routes.post("/actions/{action_id}/drop", allow=SETS_UP)
async def post_drop(action_id: UUID, body: DroppedIn, tx: Write, caller: Caller) -> ActionOut:
    """Say that it will not be done, and why."""
    await commands.drop_action(tx, await queries.reach_action(tx, caller, action_id), body.why, body.we_did)
    return await _whole(tx, action_id)


@routes.post("/actions/{action_id}/move", allow=SETS_UP)
async def post_move(action_id: UUID, body: MovedIn, tx: Write, caller: Caller) -> ActionOut:
    """Agree on another last day or owner."""
    action = await queries.reach_action(tx, caller, action_id)
    await commands.move_action(tx, action, body.due_on, body.owner_id, body.why)
    return await _whole(tx, action_id)


@routes.put("/actions/{action_id}/words", allow=OWNS)
async def put_words(action_id: UUID, body: WordsIn, tx: Write, caller: Caller) -> ActionOut:
    """Write what goes back to those who answered."""
    await commands.word_action(tx, await queries.reach_action(tx, caller, action_id), body.you_said, body.we_did)
    return await _whole(tx, action_id)


@routes.post("/campaigns/{campaign_id}/tell", allow=SETS_UP)
async def post_tell(campaign_id: UUID, tx: Write, caller: Caller) -> ToldOut:
    """Publish "you said, we did" at the campaign's public address, and write to those who left theirs."""
    campaign = await reach_campaign(tx, caller, campaign_id, locked=True)
    await commands.tell(tx, campaign)
    page = f"/v1/feedback/published/{campaign['address']}/page"
    return ToldOut(campaign_id=campaign_id, told_on=campaign["told_on"] or tx.today, published_at=page)


async def _whole(tx: Tx, action: UUID) -> ActionOut:
    return _out(tx, await queries.get_action(tx, action))


def _out(tx: Tx, row: Row) -> ActionOut:
    now = state(row["due_on"], row["done_on"], row["dropped_on"], tx.today)
    return ActionOut.model_validate({**row, "state": now})
