"""Bringing workers up to date: what has gone stale, who is rightly in designated posts, and where renewals stand."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis.database import Row, Tx
from contracts.registration import PostJudgedV1
from services.registration.commands.register import Entry, current_entry, save_entry
from services.registration.commands.renewing import Concerned, settle_renewals
from services.registration.queries.policies import list_policies
from services.registration.queries.workers import list_states
from services.registration.rules.policy import UnitPolicy, in_force
from services.registration.rules.posts import Holder, judge
from services.registration.rules.status import is_stale

BATCH = 200

_LOCK: LiteralString = (
    "select 1 as locked from standings where worker_id = any(%(workers)s) order by worker_id for update"
)
_DUE: LiteralString = """
select worker_id from standings where settled_on is null or settled_on < %(today)s
order by settled_on nulls first, worker_id limit %(limit)s
"""
_SETTLED: LiteralString = """
update standings set settled_on = %(today)s, told = %(told)s where worker_id = %(worker)s
"""


async def settle_due_workers(tx: Tx) -> int:
    """Look once a day at everyone, because dates pass by themselves; how many."""
    rows = await tx.fetch_all(_DUE, {"today": tx.today, "limit": BATCH})
    if rows:
        await settle_workers(tx, [row["worker_id"] for row in rows])
    return len(rows)


async def settle_workers(tx: Tx, workers: Collection[UUID]) -> None:
    """Publish what follows from what is known of workers today, where it differs from what was told before."""
    await tx.execute(_LOCK, {"workers": list(workers)})
    states = await list_states(tx, workers, tx.today)
    policies = await list_policies(tx, {unit for state in states for unit in state["path"]})
    for state in states:
        await _forget_what_is_stale(tx, state, policies)
        await _judge(tx, state)
    await settle_renewals(tx, [_concerned(tx, state, policies) for state in states])


def _concerned(tx: Tx, state: Row, policies: list[UnitPolicy]) -> Concerned:
    return Concerned(
        state["worker_id"],
        state["org_unit_id"],
        state["line_manager_id"],
        state["employed"] and state["is_social_worker"] and state["number"] is not None,
        state["status"],
        state["valid_to"],
        in_force(state["path"], policies, tx.today),
    )


async def _forget_what_is_stale(tx: Tx, state: Row, policies: list[UnitPolicy]) -> None:
    """A date that passed without anybody asking again is no proof of anything: the status is unknown until the next check."""
    lag_days = in_force(state["path"], policies, tx.today).lag_days
    if not is_stale(state["status"], state["valid_to"], tx.today, lag_days):
        return
    current = await current_entry(tx, state["worker_id"])
    entry = Entry(state["number"], "unknown", state["valid_to"], state["checked_on"], "time")
    await save_entry(tx, state["worker_id"], state["org_unit_id"], entry, current)
    state["status"] = "unknown"


async def _judge(tx: Tx, state: Row) -> None:
    facts = ("employed", "is_social_worker", "posts", "designated", "status")
    judged = judge(Holder(*(state[name] for name in facts)))
    event = PostJudgedV1(
        worker_id=state["worker_id"],
        org_unit_id=state["org_unit_id"],
        status=state["status"],
        posts=judged.posts,
        registered=judged.registered,
        breach=judged.breach,
    )
    told: dict[str, Any] = event.model_dump(mode="json")
    if told != state["told"] and (state["told"] is not None or judged.posts):
        tx.emit(event)
    await tx.queue(_SETTLED, {"worker": state["worker_id"], "today": tx.today, "told": Jsonb(told)})
