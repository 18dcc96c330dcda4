"""Sessions as they are read, each held against the standard as it stands now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.pages import cut, decode_cursor, encode_cursor
from chassis.permissions import Caller, outside_reach
from chassis.problems import BadRequest, NotFound, RuleBroken
from services.supervision.queries.evidence import session_of
from services.supervision.queries.records import load_known
from services.supervision.rules.sessions import shortfalls

_LIST: LiteralString = """
select s.* from sessions s
where (%(worker)s::uuid is null or s.worker_id = %(worker)s)
    and (%(unit)s::uuid is null or exists (
        select from directory_workers d join directory_units u using (org_unit_id)
        where d.worker_id = s.worker_id and %(unit)s = any(u.path)))
    and (%(first)s::date is null or s.held_on >= %(first)s) and (%(last)s::date is null or s.held_on <= %(last)s)
    and (%(after_at)s::timestamptz is null or (s.held_at, s.session_id) < (%(after_at)s, %(after_id)s::uuid))
order by s.held_at desc, s.session_id desc limit %(limit)s
"""
_ONE: LiteralString = "select * from sessions where session_id = %(session_id)s"


async def list_sessions(
    tx: Tx,
    caller: Caller,
    worker_id: UUID | None,
    org_unit_id: UUID | None,
    first: date | None,
    last: date | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Row], str | None]:
    """A page of sessions, the latest first, and the cursor of the next page."""
    if worker_id is not None:
        await caller.reach_worker(tx, worker_id)
    elif org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    else:
        raise RuleBroken("whose-sessions", "Name a worker_id or an org_unit_id.", "worker_id")
    at, session_id = _after(cursor)
    wanted = {
        "worker": worker_id,
        "unit": org_unit_id,
        "first": first,
        "last": last,
        "after_at": at,
        "after_id": session_id,
        "limit": limit + 1,
    }
    rows, more = cut(await tx.fetch_all(_LIST, wanted), limit)
    after = encode_cursor(rows[-1]["held_at"].isoformat(), rows[-1]["session_id"]) if more else None
    return await _judged(tx, rows), after


def _after(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    key = decode_cursor(cursor, 2)
    if key is None:
        return None, None
    try:
        return datetime.fromisoformat(str(key[0])), UUID(str(key[1]))
    except ValueError:
        raise BadRequest("cursor-not-known", "Send the cursor exactly as `next` gave it.") from None


async def get_session(tx: Tx, caller: Caller, session_id: UUID) -> Row:
    """One session, for its worker, its supervisor and whoever reaches the worker."""
    row = await tx.fetch_one(_ONE, {"session_id": session_id})
    if row is None:
        if not caller.unlimited:
            raise outside_reach()
        raise NotFound("no-such-session", "No session has this id.")
    if caller.worker_id is not None and caller.worker_id == row["supervisor_id"]:
        caller.nothing_to_reach()
    else:
        await caller.reach_worker(tx, row["worker_id"])
    return (await _judged(tx, [row]))[0]


async def _judged(tx: Tx, rows: Sequence[Row]) -> list[Row]:
    known = await load_known(tx, {row["worker_id"] for row in rows}) if rows else {}
    judged = []
    for row in rows:
        session, worker = session_of(row), known[row["worker_id"]].worker
        period = worker.period_on(session.stream, session.held_on)
        problems = shortfalls(session, period)
        shown: dict[str, Any] | None = {"start": period.start, "end": period.end} if period else None
        qualifies = not problems and row["cancelled_at"] is None
        judged.append({**row, "qualifies": qualifies, "problems": problems, "period": shown})
    return judged
