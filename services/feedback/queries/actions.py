"""Actions, with what was written about them."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.permissions import Caller, outside_reach

_WORDS: LiteralString = """
select a.*, c.title, c.told_on, w.words as what, e.words as evidence, y.words as you_said, d.words as we_did, m.words as moved
from actions a join campaigns c using (campaign_id)
left join notes w on w.about_id = a.action_id and w.kind = 'what'
left join notes e on e.about_id = a.action_id and e.kind = 'evidence'
left join notes y on y.about_id = a.action_id and y.kind = 'you_said'
left join notes d on d.about_id = a.action_id and d.kind = 'we_did'
left join notes m on m.about_id = a.action_id and m.kind = 'moved'
"""
_ONE: LiteralString = _WORDS + "where a.action_id = %(action)s"
_OF_CAMPAIGN: LiteralString = _WORDS + "where a.campaign_id = %(campaign)s order by a.due_on, a.action_id"
_MINE: LiteralString = (
    _WORDS + "where a.owner_id = %(worker)s order by a.done_on is not null, a.due_on, a.action_id limit 500"
)
_LOCK: LiteralString = "select * from actions where action_id = %(action)s for update"


async def get_action(tx: Tx, action: UUID) -> Row:
    """An action with its words."""
    return await tx.fetch_one(_ONE, {"action": action}) or {}


async def reach_action(tx: Tx, caller: Caller, action: UUID) -> Row:
    """An action that the caller owns, or of the caller's unit and below; locked."""
    row = await tx.fetch_one(_LOCK, {"action": action})
    if row is None:
        caller.nothing_to_reach()
        raise outside_reach()
    if caller.worker_id is not None and row["owner_id"] == caller.worker_id:
        caller.nothing_to_reach()
    else:
        await caller.reach_unit(tx, row["org_unit_id"])
    return row


async def list_actions(tx: Tx, campaign: UUID) -> list[Row]:
    """The actions that followed from a campaign, by their last day."""
    return await tx.fetch_all(_OF_CAMPAIGN, {"campaign": campaign})


async def list_own(tx: Tx, worker: UUID) -> list[Row]:
    """The actions that somebody owns, those that wait first."""
    return await tx.fetch_all(_MINE, {"worker": worker})
