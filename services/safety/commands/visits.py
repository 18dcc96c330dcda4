"""Lone visits: planned, checked in from, missed, and closed by a person; what is known of an address (clause 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, RuleBroken
from contracts.safety import CheckinClosedV1, CheckinMissedV1
from services.safety.commands.notes import write_note
from services.safety.queries.people import get_unit_of, list_line
from services.safety.queries.policies import get_policy
from services.safety.rules.visits import (
    MarkerKind,
    closing_problem,
    overdue_at,
    plain,
    plan_problem,
    raise_alarm,
)

_PLAN: LiteralString = """
insert into visits (visit_id, worker_id, org_unit_id, planned_at, expected_back_at, state, chain, due_at, ladder_minutes)
values (%(visit)s, %(worker)s, %(unit)s, %(planned_at)s, %(back_at)s, 'planned', %(chain)s, %(due_at)s, %(ladder)s)
"""
_ADDRESS: LiteralString = """
insert into addresses (about_id, address, plain) values (%(about)s, %(address)s, %(plain)s)
"""
_FORGET: LiteralString = "delete from addresses where about_id = %(about)s"
_BACK: LiteralString = """
update visits set checked_in_at = %(now)s, state = case when state = 'planned' then 'back' else state end,
    due_at = case when state = 'planned' then null else due_at end
where visit_id = %(visit)s
"""
_EXTEND: LiteralString = """
update visits set expected_back_at = %(back_at)s, due_at = %(due_at)s where visit_id = %(visit)s
"""
_CANCEL: LiteralString = "update visits set state = 'cancelled', due_at = null where visit_id = %(visit)s"
_CLOSE: LiteralString = """
update visits set state = 'closed', due_at = null, closed_at = %(now)s, closed_by_id = %(closer)s where visit_id = %(visit)s
"""
_OVERDUE: LiteralString = """
select * from visits where due_at <= %(now)s and state in ('planned', 'missed')
order by due_at, visit_id limit 100 for update skip locked
"""
_MISSED: LiteralString = """
update visits set state = 'missed', missed_at = coalesce(missed_at, %(now)s), level = %(level)s, due_at = %(next_at)s
where visit_id = %(visit)s
"""
_MARKER: LiteralString = """
insert into address_markers (marker_id, org_unit_id, kind, marked_on, review_on, marked_by)
values (%(marker)s, %(unit)s, %(kind)s, %(today)s, %(review_on)s, %(actor)s)
"""
_REVIEW: LiteralString = """
update address_markers set review_on = coalesce(%(review_on)s, review_on),
    ended_on = case when %(review_on)s::date is null then %(today)s end
where marker_id = %(marker)s
"""


@dataclass(frozen=True, slots=True)
class PlanVisit:
    """A visit that a worker makes alone; without contacts, the line above the worker is told."""

    worker_id: UUID
    planned_at: datetime
    expected_back_at: datetime
    contacts: Sequence[UUID]
    address: str | None


async def plan_visit(tx: Tx, wanted: PlanVisit) -> UUID:
    """Plan a visit, so that somebody notices when the worker does not come back."""
    unit = await get_unit_of(tx, wanted.worker_id)
    chain = list(dict.fromkeys(wanted.contacts)) or (await list_line(tx, wanted.worker_id))[1:]
    problem = plan_problem(wanted.planned_at, wanted.expected_back_at, chain, wanted.worker_id)
    if problem:
        raise RuleBroken("visit-not-possible", problem, field="expected_back_at")
    for contact in chain:
        await get_unit_of(tx, contact)
    policy = await get_policy(tx, unit, tx.today)
    visit = new_id()
    due_at = overdue_at(wanted.expected_back_at, policy.grace_minutes)
    values = {"visit": visit, "worker": wanted.worker_id, "unit": unit, "planned_at": wanted.planned_at}
    more = {"back_at": wanted.expected_back_at, "chain": chain, "due_at": due_at, "ladder": policy.ladder_minutes}
    await tx.execute(_PLAN, {**values, **more})
    await _keep_address(tx, visit, wanted.address)
    return visit


async def check_in(tx: Tx, visit: Row) -> None:
    """The worker is back. After a missed check-in this is noted, and somebody else still closes it."""
    if visit["state"] not in ("planned", "missed"):
        raise Conflict("visit-over", "This visit is over.")
    await tx.execute(_BACK, {"visit": visit["visit_id"], "now": tx.now})
    if visit["state"] == "planned":
        await forget_address(tx, visit["visit_id"])


async def extend(tx: Tx, visit: Row, back_at: datetime) -> None:
    """It takes longer: the worker says so before anybody is told."""
    _must_be_planned(visit)
    problem = plan_problem(visit["planned_at"], back_at, visit["chain"], visit["worker_id"])
    if problem:
        raise RuleBroken("visit-not-possible", problem, field="expected_back_at")
    policy = await get_policy(tx, visit["org_unit_id"], tx.today)
    due_at = overdue_at(back_at, policy.grace_minutes)
    await tx.execute(_EXTEND, {"visit": visit["visit_id"], "back_at": back_at, "due_at": due_at})


async def cancel(tx: Tx, visit: Row) -> None:
    """The visit does not take place."""
    _must_be_planned(visit)
    await tx.execute(_CANCEL, {"visit": visit["visit_id"]})
    await forget_address(tx, visit["visit_id"])


async def close_missed(tx: Tx, visit: Row, closer: UUID, words: str) -> None:
    """A person made sure of the worker, and says how."""
    problem = closing_problem(visit["state"], visit["worker_id"], closer)
    if problem:
        raise Conflict("not-yours-to-close", problem)
    await tx.execute(_CLOSE, {"visit": visit["visit_id"], "closer": closer, "now": tx.now})
    await write_note(tx, visit["visit_id"], "closing", words)
    await forget_address(tx, visit["visit_id"])
    minutes = int((tx.now - visit["missed_at"]).total_seconds() // 60)
    tx.emit(CheckinClosedV1(**_about(visit), closed_by_id=closer, minutes=minutes))


async def notice_missed(tx: Tx) -> int:
    """Tell the next contact of everyone who is not back; how many."""
    rows = await tx.fetch_all(_OVERDUE, {"now": tx.now})
    for visit in rows:
        await _notice(tx, visit)
    return len(rows)


async def _notice(tx: Tx, visit: Row) -> None:
    alarm = raise_alarm(visit["chain"], visit["level"], tx.now, visit["ladder_minutes"])
    next_at = alarm.next_at if alarm else None
    level = alarm.level if alarm else visit["level"]
    await tx.execute(_MISSED, {"visit": visit["visit_id"], "level": level, "next_at": next_at, "now": tx.now})
    if alarm:
        back_at = visit["expected_back_at"]
        about = {**_about(visit), "contact_id": alarm.contact, "level": alarm.level}
        tx.emit(CheckinMissedV1(**about, expected_back_at=back_at))


async def mark_address(tx: Tx, unit: UUID, kind: MarkerKind, address: str, review_on: date, words: str | None) -> UUID:
    """Mark an address, until it is looked at again."""
    _must_come(tx, review_on)
    marker = new_id()
    values = {"marker": marker, "unit": unit, "kind": kind, "review_on": review_on}
    await tx.execute(_MARKER, {**values, "today": tx.today, "actor": tx.actor})
    await _keep_address(tx, marker, address)
    await write_note(tx, marker, "marker", words)
    return marker


async def review_marker(tx: Tx, marker: UUID, review_on: date | None) -> None:
    """Keep a marker until another day of review; without one it ends and its address is forgotten."""
    if review_on is not None:
        _must_come(tx, review_on)
    await tx.execute(_REVIEW, {"marker": marker, "review_on": review_on, "today": tx.today})
    if review_on is None:
        await forget_address(tx, marker)


async def forget_address(tx: Tx, about: UUID) -> int:
    """Erase an address; how many there were."""
    return await tx.execute(_FORGET, {"about": about})


async def _keep_address(tx: Tx, about: UUID, address: str | None) -> None:
    if address:
        await tx.execute(_ADDRESS, {"about": about, "address": address, "plain": plain(address)})


def _about(visit: Row) -> Row:
    return {name: visit[name] for name in ("visit_id", "worker_id", "org_unit_id")}


def _must_be_planned(visit: Row) -> None:
    if visit["state"] != "planned":
        raise Conflict("visit-over", "This visit is over, or its check-in was missed.")


def _must_come(tx: Tx, review_on: date) -> None:
    if review_on <= tx.today:
        raise RuleBroken("review-in-the-past", "Name a day of review that is still to come.", field="review_on")
