"""Asking for time and money for development, and what becomes of it (clauses 6.1, 6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.permissions import Caller
from chassis.problems import Conflict, Forbidden, RuleBroken
from contracts.cpd import TimeChangedV1
from services.cpd.commands.balances import settle_balances
from services.cpd.commands.texts import keep_texts
from services.cpd.queries.time import lock_request
from services.cpd.queries.workers import lock_worker, reached
from services.cpd.rules.entitlement import Cause, Decision, step

_ASK: LiteralString = """
insert into time_requests (request_id, worker_id, status, for_on, hours, cost, version, requested_at, requested_by)
values (%(request_id)s, %(worker_id)s, 'requested', %(for_on)s, %(hours)s, %(cost)s, 1, %(now)s, %(actor)s)
"""
_DECIDE: LiteralString = """
update time_requests set status = %(status)s, cause = %(cause)s, hours = %(hours)s, cost = %(cost)s,
    version = version + 1, decided_at = %(now)s, decided_by = %(actor)s, closed_at = %(closed_at)s
where request_id = %(request_id)s
"""
_BY_OTHERS: frozenset[Decision] = frozenset({"agree", "refuse"})


@dataclass(frozen=True, slots=True)
class AskForTime:
    """Time, money or both, from a day on."""

    worker_id: UUID
    for_on: date
    hours: Decimal
    cost: Decimal
    purpose: str


@dataclass(frozen=True, slots=True)
class DecideOnTime:
    """What becomes of a request; hours and cost when what was given differs from what was asked."""

    decision: Decision
    cause: Cause | None = None
    reason: str | None = None
    hours: Decimal | None = None
    cost: Decimal | None = None


async def ask_for_time(tx: Tx, wanted: AskForTime) -> UUID:
    """Ask for time or money."""
    if not wanted.hours and not wanted.cost:
        raise RuleBroken("nothing-asked", "Ask for hours, money or both.", "hours")
    known = await lock_worker(tx, wanted.worker_id)
    row: Row = {
        "request_id": new_id(),
        "worker_id": wanted.worker_id,
        "for_on": wanted.for_on,
        "hours": wanted.hours,
        "cost": wanted.cost,
    }
    await tx.queue(_ASK, {**row, "now": tx.now, "actor": tx.actor})
    await keep_texts(tx, wanted.worker_id, row["request_id"], {"purpose": wanted.purpose})
    tx.emit(_changed(tx, known.org_unit_id, {**row, "status": "requested", "cause": None}))
    await settle_balances(tx, [wanted.worker_id])
    request_id: UUID = row["request_id"]
    return request_id


async def decide_on_time(tx: Tx, request_id: UUID, wanted: DecideOnTime, caller: Caller) -> Row:
    """Agree, refuse, take or cancel; the request as it is then. Nobody agrees or refuses their own."""
    before = await reached(tx, caller, await lock_request(tx, request_id), "request")
    if wanted.decision in _BY_OTHERS and caller.worker_id == before["worker_id"]:
        raise Forbidden("own-request", "Somebody else decides on your request: ask whoever you report to.")
    status = step(before["status"], wanted.decision)
    if status is None:
        raise Conflict("request-closed", f"This request is {before['status']}: it cannot be changed in this way now.")
    if status == "taken" and before["for_on"] > tx.today:
        raise RuleBroken("taken-in-future", "Say that time was taken once it was.", "for_on")
    known = await lock_worker(tx, before["worker_id"])
    after = {**before, "status": status, "cause": wanted.cause, **_given(wanted, before)}
    closed = tx.now if status != "agreed" else None
    await tx.queue(_DECIDE, {**after, "now": tx.now, "actor": tx.actor, "closed_at": closed})
    if wanted.reason:
        await keep_texts(tx, known.worker_id, request_id, {"reason": wanted.reason})
    tx.emit(_changed(tx, known.org_unit_id, after))
    await settle_balances(tx, [known.worker_id])
    return after


def _given(wanted: DecideOnTime, before: Mapping[str, Any]) -> dict[str, Decimal]:
    return {
        "hours": before["hours"] if wanted.hours is None else wanted.hours,
        "cost": before["cost"] if wanted.cost is None else wanted.cost,
    }


def _changed(tx: Tx, org_unit_id: UUID, row: Mapping[str, Any]) -> TimeChangedV1:
    return TimeChangedV1(
        request_id=row["request_id"],
        worker_id=row["worker_id"],
        org_unit_id=org_unit_id,
        status=row["status"],
        cause=row["cause"],
        on_date=tx.today,
        hours=row["hours"],
        cost=row["cost"],
    )
