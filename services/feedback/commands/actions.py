"""Acting on what people said, and telling them (clause 1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, RuleBroken
from contracts.feedback import ActionAgreedV1, ActionDoneV1, ActionMovedV1, ActionOverdueV1, CampaignToldV1
from services.feedback.commands.notes import write_note
from services.feedback.queries.people import check_at_work
from services.feedback.rules.actions import change_problem, due_problem, state

_AGREE: LiteralString = """
insert into actions (action_id, campaign_id, org_unit_id, owner_id, theme_id, standard, agreed_on, due_on)
values (%(action)s, %(campaign)s, %(unit)s, %(owner)s, %(theme)s, %(standard)s, %(today)s, %(due_on)s)
"""
_THEME: LiteralString = "select 1 from themes where theme_id = %(theme)s and campaign_id = %(campaign)s"
_DONE: LiteralString = "update actions set done_on = %(today)s where action_id = %(action)s"
_DROP: LiteralString = "update actions set dropped_on = %(today)s where action_id = %(action)s"
_MOVE: LiteralString = """
update actions set due_on = %(due_on)s, owner_id = %(owner)s, overdue_told = false where action_id = %(action)s
"""
_OVERDUE: LiteralString = """
select * from actions where done_on is null and dropped_on is null and due_on < %(today)s and not overdue_told
order by due_on, action_id limit 200 for update skip locked
"""
_TOLD_OVERDUE: LiteralString = "update actions set overdue_told = true where action_id = %(action)s"
_TELLING: LiteralString = """
select count(*) from actions a join notes y on y.about_id = a.action_id and y.kind = 'you_said'
join notes w on w.about_id = a.action_id and w.kind = 'we_did' where a.campaign_id = %(campaign)s
"""
_TELL: LiteralString = "update campaigns set told_on = %(today)s where campaign_id = %(campaign)s"
_MAIL: LiteralString = "update contacts set next_attempt_at = %(now)s where campaign_id = %(campaign)s"


@dataclass(frozen=True, slots=True)
class AgreeAction:
    """What is to be done: by whom, until when, about what; ``you_said`` = what people said, in words for them."""

    org_unit_id: UUID
    owner_id: UUID
    due_on: date
    what: str
    theme_id: UUID | None = None
    standard: int | None = None
    you_said: str | None = None


async def agree_action(tx: Tx, campaign: Row, wanted: AgreeAction) -> UUID:
    """Agree on an action about what a campaign brought up; it needs its results first."""
    if campaign["closed_on"] is None:
        raise Conflict("campaign-not-closed", "Close the campaign first: an action follows from what people said.")
    await _check(tx, campaign, wanted)
    action = new_id()
    facts = {"owner_id": wanted.owner_id, "standard": wanted.standard, "due_on": wanted.due_on}
    ids = {"action": action, "campaign": campaign["campaign_id"], "unit": wanted.org_unit_id, "theme": wanted.theme_id}
    await tx.execute(_AGREE, {**ids, **facts, "owner": wanted.owner_id, "today": tx.today})
    await write_note(tx, action, "what", wanted.what)
    await write_note(tx, action, "you_said", wanted.you_said)
    about = {"action_id": action, "campaign_id": campaign["campaign_id"], "org_unit_id": wanted.org_unit_id}
    whole = {"campaign_org_unit_id": campaign["org_unit_id"], "campaign_closed_on": campaign["closed_on"]}
    tx.emit(ActionAgreedV1(**about, **whole, **facts, agreed_on=tx.today))
    return action


async def _check(tx: Tx, campaign: Row, wanted: AgreeAction) -> None:
    problem = due_problem(wanted.due_on, tx.today)
    if problem:
        raise RuleBroken("day-passed", problem, field="due_on")
    if wanted.org_unit_id not in (*campaign["units"], campaign["org_unit_id"]):
        raise RuleBroken("not-in-campaign", "Name one of the campaign's units.", field="org_unit_id")
    await check_at_work(tx, wanted.owner_id, "owner_id")
    asked = {"theme": wanted.theme_id, "campaign": campaign["campaign_id"]}
    if wanted.theme_id is not None and await tx.fetch_value(_THEME, asked) is None:
        raise RuleBroken("no-such-theme", "Name a theme of this campaign.", field="theme_id")


async def finish_action(tx: Tx, action: Row, evidence: str, we_did: str | None) -> None:
    """Say that an action was done, with evidence, and what to tell those who asked for it."""
    _check_open(tx, action)
    await tx.execute(_DONE, {"action": action["action_id"], "today": tx.today})
    await write_note(tx, action["action_id"], "evidence", evidence)
    await write_note(tx, action["action_id"], "we_did", we_did)
    tx.emit(ActionDoneV1(**_about(action), done_on=tx.today, in_time=tx.today <= action["due_on"], dropped=False))


async def drop_action(tx: Tx, action: Row, why: str, we_did: str | None) -> None:
    """Say that an action will not be done, and why; the people who spoke may be told that, too."""
    _check_open(tx, action)
    await tx.execute(_DROP, {"action": action["action_id"], "today": tx.today})
    await write_note(tx, action["action_id"], "evidence", why)
    await write_note(tx, action["action_id"], "we_did", we_did)
    tx.emit(ActionDoneV1(**_about(action), done_on=tx.today, in_time=tx.today <= action["due_on"], dropped=True))


async def move_action(tx: Tx, action: Row, due_on: date, owner: UUID | None, why: str) -> None:
    """Agree on another last day, or another owner."""
    _check_open(tx, action)
    problem = due_problem(due_on, tx.today)
    if problem:
        raise RuleBroken("day-passed", problem, field="due_on")
    owner = owner or action["owner_id"]
    await check_at_work(tx, owner, "owner_id")
    await tx.execute(_MOVE, {"action": action["action_id"], "due_on": due_on, "owner": owner})
    await write_note(tx, action["action_id"], "moved", why)
    tx.emit(ActionMovedV1(**{**_about(action), "owner_id": owner}, due_on=due_on))


async def word_action(tx: Tx, action: Row, you_said: str | None, we_did: str | None) -> None:
    """Change the words for those who answered."""
    await write_note(tx, action["action_id"], "you_said", you_said)
    await write_note(tx, action["action_id"], "we_did", we_did)


async def notice_overdue(tx: Tx) -> int:
    """Tell of each action whose last day has passed, once; how many."""
    rows = await tx.fetch_all(_OVERDUE, {"today": tx.today})
    for row in rows:
        await tx.queue(_TOLD_OVERDUE, {"action": row["action_id"]})
        tx.emit(ActionOverdueV1(**_about(row), due_on=row["due_on"]))
    return len(rows)


async def tell(tx: Tx, campaign: Row) -> None:
    """Publish "you said, we did", and let those who left an address know."""
    about = {"campaign": campaign["campaign_id"], "today": tx.today, "now": tx.now}
    if not await tx.fetch_value(_TELLING, about):
        raise Conflict("nothing-to-tell", "Write `you_said` and `we_did` of at least one action first.")
    await tx.execute(_MAIL, about)
    if campaign["told_on"] is None:
        await tx.execute(_TELL, about)
        ids = {"campaign_id": campaign["campaign_id"], "org_unit_id": campaign["org_unit_id"]}
        tx.emit(CampaignToldV1(**ids, closed_on=campaign["closed_on"], told_on=tx.today))


def _check_open(tx: Tx, action: Row) -> None:
    problem = change_problem(state(action["due_on"], action["done_on"], action["dropped_on"], tx.today))
    if problem:
        raise Conflict("action-ended", problem)


def _about(action: Row) -> Row:
    return {name: action[name] for name in ("action_id", "org_unit_id", "owner_id")}
