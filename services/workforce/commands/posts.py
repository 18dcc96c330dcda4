"""Recording posts and who holds them (clauses 2.1 and 7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.etags import check_etag
from chassis.ids import new_id
from contracts.workforce import PostRecordedV1
from services.workforce.commands.checks import employer_of_unit, refuse
from services.workforce.queries.posts import get_post
from services.workforce.rules.findings import Finding, date_finding, kept
from services.workforce.rules.posts import PostFacts, post_findings

_LOCK: LiteralString = "select 1 from posts where post_id = %(post)s for update"
_SAVE: LiteralString = """
insert into posts (post_id, org_unit_id, job_role, fte, designated, opened_on, closed_on, version, recorded_at)
values (%(post)s, %(org_unit_id)s, %(job_role)s, %(fte)s, %(designated)s, %(opened_on)s, %(closed_on)s, %(version)s,
    %(now)s)
on conflict (post_id) do update set org_unit_id = excluded.org_unit_id, job_role = excluded.job_role,
    fte = excluded.fte, designated = excluded.designated, opened_on = excluded.opened_on,
    closed_on = excluded.closed_on, version = excluded.version
"""
# A holder from a day replaces what was said of that day and of later ones.
_FORGET_LATER: LiteralString = "delete from post_holdings where post_id = %(post)s and from_on >= %(from_on)s"
_HOLD: LiteralString = """
insert into post_holdings (post_id, from_on, worker_id) values (%(post)s, %(from_on)s, %(holder)s)
"""
_HOLDER: LiteralString = "select employer_id, employment_ended_on from workers where worker_id = %(holder)s"
_HELD_BY: LiteralString = """
select p.post_id from posts p join lateral (
    select worker_id from post_holdings where post_id = p.post_id order by from_on desc limit 1
) h on true where h.worker_id = %(worker)s and p.closed_on is null order by p.post_id for update of p
"""


async def create_post(tx: Tx, facts: PostFacts, holder_from: date | None) -> UUID:
    """A new post, vacant or held from a date, by default from the day that it opens."""
    post = new_id()
    await _check(tx, facts, holder_from, check_holder=True)
    await _save(tx, post, facts, 1)
    await _hold(tx, post, facts.holder_id, holder_from or facts.opened_on)
    return post


async def change_post(
    tx: Tx, post: UUID, changes: Mapping[str, Any], holder_from: date | None, if_match: str | None
) -> None:
    """Change a post, fill it or vacate it; a new holder holds it from ``holder_from``, by default from today."""
    await tx.execute(_LOCK, {"post": post})
    row = await get_post(tx, post)
    check_etag(if_match, row["version"])
    before = _facts_of(row)
    after = replace(before, **changes)
    if after == before:
        return
    await _check(tx, after, holder_from, check_holder=after.holder_id != before.holder_id)
    await _save(tx, post, after, row["version"] + 1)
    if after.holder_id != before.holder_id:
        await _hold(tx, post, after.holder_id, holder_from or max(tx.today, after.opened_on))


async def vacate_posts(tx: Tx, worker_id: UUID, last_day: date) -> None:
    """Nobody holds the posts of a worker after the last day of employment."""
    for held in await tx.fetch_all(_HELD_BY, {"worker": worker_id}):
        row = await get_post(tx, held["post_id"])
        await _hold(tx, row["post_id"], None, max(last_day + timedelta(days=1), row["opened_on"]))
        await _save(tx, row["post_id"], replace(_facts_of(row), holder_id=None), row["version"] + 1)


async def _check(tx: Tx, facts: PostFacts, holder_from: date | None, *, check_holder: bool) -> None:
    refuse([*post_findings(facts), *kept((date_finding("holder_from", holder_from),))])
    employer = await employer_of_unit(tx, facts.org_unit_id)
    if facts.holder_id is None or not check_holder:
        return
    holder = await tx.fetch_one(_HOLDER, {"holder": facts.holder_id})
    if holder is None or holder["employer_id"] != employer:
        refuse([Finding("holder_id", f"{facts.holder_id} is not a worker of this employer; record the worker first")])
    elif holder["employment_ended_on"] is not None and holder["employment_ended_on"] < (holder_from or tx.today):
        refuse([Finding("holder_id", "has left; leave the post vacant or name someone who works here")])


async def _save(tx: Tx, post: UUID, facts: PostFacts, version: int) -> None:
    values = {name: getattr(facts, name) for name in PostFacts.__dataclass_fields__}
    await tx.execute(_SAVE, {**values, "post": post, "version": version, "now": tx.now})
    tx.emit(
        PostRecordedV1(
            post_id=post,
            org_unit_id=facts.org_unit_id,
            fte=facts.fte,
            designated=facts.designated,
            holder_id=facts.holder_id,
            closed_on=facts.closed_on,
        )
    )


async def _hold(tx: Tx, post: UUID, holder: UUID | None, from_on: date) -> None:
    values = {"post": post, "holder": holder, "from_on": from_on}
    await tx.execute(_FORGET_LATER, values)
    await tx.execute(_HOLD, values)


def _facts_of(row: Row) -> PostFacts:
    return PostFacts(**{name: row[name] for name in PostFacts.__dataclass_fields__})
