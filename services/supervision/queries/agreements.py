"""Agreements and agreed actions as they are read."""

from __future__ import annotations

from datetime import date
from typing import Literal, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.pages import cut, decode_cursor, encode_cursor
from chassis.permissions import Caller
from chassis.problems import BadRequest, RuleBroken

ActionStatus = Literal["open", "closed", "all"]

_AGREEMENTS: LiteralString = """
select a.*, n.text as terms from agreements a
left join notes n on n.about_id = a.agreement_id and n.about = 'agreement'
where (%(worker)s::uuid is null or a.worker_id = %(worker)s)
    and (%(unit)s::uuid is null or exists (
        select from directory_workers d join directory_units u using (org_unit_id)
        where d.worker_id = a.worker_id and %(unit)s = any(u.path)))
    and (%(review_due_by)s::date is null or (a.ended_on is null and a.review_due_on <= %(review_due_by)s))
    and (%(after)s::uuid is null or a.agreement_id < %(after)s)
order by a.agreement_id desc limit %(limit)s
"""
_ACTIONS: LiteralString = """
select a.action_id, a.stream, a.session_id, s.held_on as agreed_on, a.due_on, a.closed_on, a.closed_in_session_id,
    a.outcome, n.text
from agreed_actions a join sessions s using (session_id)
left join notes n on n.about_id = a.action_id and n.about = 'action'
where a.worker_id = %(worker)s and (%(stream)s::text is null or a.stream = %(stream)s)
    and (%(status)s = 'all' or (%(status)s = 'open') = (a.closed_on is null))
order by s.held_at, a.place, a.action_id limit 1000
"""


async def list_agreements(
    tx: Tx,
    caller: Caller,
    worker_id: UUID | None,
    org_unit_id: UUID | None,
    review_due_by: date | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """A page of agreements, the latest recorded first, and the cursor of the next page."""
    if worker_id is not None:
        await caller.reach_worker(tx, worker_id)
    elif org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    else:
        raise RuleBroken("whose-agreements", "Name a worker_id or an org_unit_id.", "worker_id")
    wanted = {"worker": worker_id, "unit": org_unit_id, "review_due_by": review_due_by}
    rows, more = cut(await tx.fetch_all(_AGREEMENTS, {**wanted, "after": _after(cursor), "limit": limit + 1}), limit)
    return list(rows), encode_cursor(rows[-1]["agreement_id"]) if more else None


def _after(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return UUID(str(key[0])) if key else None
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it.") from None


async def list_actions(tx: Tx, worker_id: UUID, stream: str | None, status: ActionStatus) -> list[Row]:
    """What was agreed with a worker, in the order in which it was; a text that was erased is null."""
    return await tx.fetch_all(_ACTIONS, {"worker": worker_id, "stream": stream, "status": status})
