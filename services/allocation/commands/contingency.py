"""A unit agrees what to do while demand exceeds capacity, reviews it and ends it (clause 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import Conflict, RuleBroken
from contracts.allocation import ContingencyAgreedV1, ContingencyEndedV1
from services.allocation.commands.notes import write_note
from services.allocation.queries.contingency import get_plan
from services.allocation.rules.contingency import Step

_AGREE: LiteralString = """
insert into contingency_plans (plan_id, org_unit_id, worker_id, owner_id, agreed_on, review_on, steps, recorded_by)
values (%(plan)s, %(unit)s, %(worker)s, %(owner)s, %(today)s, %(review_on)s, %(steps)s, %(actor)s)
"""
_REVIEW: LiteralString = "update contingency_plans set review_on = %(review_on)s where plan_id = %(plan)s"
_END: LiteralString = "update contingency_plans set ended_on = %(today)s where plan_id = %(plan)s and ended_on is null"


@dataclass(frozen=True, slots=True)
class AgreePlan:
    """What a unit will do, who sees to it, and when it looks again; ``worker_id`` when it is about one worker."""

    org_unit_id: UUID
    worker_id: UUID | None
    owner_id: UUID
    review_on: date
    steps: Sequence[Step]
    words: str


async def agree_plan(tx: Tx, wanted: AgreePlan) -> dict[str, Any]:
    """Keep a plan."""
    _must_lie_ahead(tx, wanted.review_on)
    plan_id = new_id()
    who = {"unit": wanted.org_unit_id, "worker": wanted.worker_id, "owner": wanted.owner_id, "actor": tx.actor}
    what = {"review_on": wanted.review_on, "steps": list(wanted.steps), "today": tx.today}
    await tx.execute(_AGREE, {"plan": plan_id, **who, **what})
    await write_note(tx, plan_id, "plan", wanted.words, wanted.worker_id)
    row = await get_plan(tx, wanted.org_unit_id, plan_id)
    tx.emit(ContingencyAgreedV1.model_validate(row))
    return row


async def review_plan(tx: Tx, org_unit_id: UUID, plan_id: UUID, next_review_on: date, words: str) -> dict[str, Any]:
    """Look at a plan again: what it says now, and when it is looked at next."""
    plan = await get_plan(tx, org_unit_id, plan_id)
    if plan["status"] == "ended":
        raise Conflict("plan-ended", "The plan has ended. Agree on a new one.")
    _must_lie_ahead(tx, next_review_on)
    await tx.execute(_REVIEW, {"plan": plan_id, "review_on": next_review_on})
    await write_note(tx, plan_id, "plan", words, plan["worker_id"])
    row = await get_plan(tx, org_unit_id, plan_id)
    tx.emit(ContingencyAgreedV1.model_validate(row))
    return row


async def end_plan(tx: Tx, org_unit_id: UUID, plan_id: UUID) -> dict[str, Any]:
    """End a plan from today on; ending it twice changes nothing."""
    plan = await get_plan(tx, org_unit_id, plan_id)
    if await tx.execute(_END, {"plan": plan_id, "today": tx.today}):
        tx.emit(ContingencyEndedV1(plan_id=plan_id, org_unit_id=plan["org_unit_id"], ended_on=tx.today))
    return await get_plan(tx, org_unit_id, plan_id)


def _must_lie_ahead(tx: Tx, review_on: date) -> None:
    if review_on <= tx.today:
        raise RuleBroken("review-on-not-ahead", "Choose a day after today on which the plan is reviewed.", "review_on")
