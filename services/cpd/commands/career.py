"""Career plans, the library, induction and attestations (clauses 1.10, 1.11, 6.3 to 6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound, RuleBroken
from contracts.cpd import AttestationMadeV1
from services.cpd.commands.texts import keep_texts
from services.cpd.commands.training import check_unit
from services.cpd.queries.workers import Known, list_workers, lock_worker
from services.cpd.rules.attestations import Clause
from services.cpd.rules.career import STAGE_AT_WORK, Stage

_PLAN: LiteralString = """
insert into career_plans (worker_id, plan_id, stage, aspires_to, review_due_on, set_at, set_by)
values (%(worker_id)s, %(plan_id)s, %(stage)s, %(aspires_to)s, %(review_due_on)s, %(now)s, %(actor)s)
on conflict (worker_id) do update set stage = excluded.stage, aspires_to = excluded.aspires_to,
    review_due_on = excluded.review_due_on, set_at = excluded.set_at, set_by = excluded.set_by
returning plan_id
"""
_HAS_PLAN: LiteralString = "select 1 as planned from career_plans where worker_id = %(worker_id)s"
_STEP: LiteralString = """
insert into career_steps (step_id, worker_id, due_on, added_at) values (%(step_id)s, %(worker_id)s, %(due_on)s, %(now)s)
"""
_STEP_DONE: LiteralString = """
update career_steps set done_on = %(done_on)s where step_id = %(step_id)s and worker_id = %(worker_id)s and done_on is null
"""
_ENTRY: LiteralString = """
insert into library_entries (entry_id, org_unit_id, kind, title, link, summary, topics, review_due_on, added_at, added_by)
values (%(entry_id)s, %(org_unit_id)s, %(kind)s, %(title)s, %(link)s, %(summary)s, %(topics)s, %(review_due_on)s,
    %(now)s, %(actor)s)
"""
_REMOVE_ENTRY: LiteralString = "update library_entries set removed_at = %(now)s where entry_id = %(entry_id)s"
_ITEM: LiteralString = """
insert into induction_items (item_id, org_unit_id, code, title, within_days, set_at, set_by)
values (%(item_id)s, %(org_unit_id)s, %(code)s, %(title)s, %(within_days)s, %(now)s, %(actor)s)
on conflict (org_unit_id, code) do update set title = excluded.title, within_days = excluded.within_days,
    set_at = excluded.set_at, set_by = excluded.set_by
returning item_id
"""
_MARK: LiteralString = """
insert into induction_marks (worker_id, item_id, done_on, marked_at, marked_by)
select %(worker_id)s, i.item_id, %(done_on)s, %(now)s, %(actor)s from induction_items i
where i.item_id = %(item_id)s and i.org_unit_id = any(%(path)s)
on conflict (worker_id, item_id) do update set done_on = excluded.done_on
"""
_ATTEST: LiteralString = """
insert into attestations (attestation_id, org_unit_id, clause, stated_by_id, stated_on, statement, evidence, review_due_on,
    recorded_at, recorded_by)
values (%(attestation_id)s, %(org_unit_id)s, %(clause)s, %(stated_by_id)s, %(stated_on)s, %(statement)s, %(evidence)s,
    %(review_due_on)s, %(now)s, %(actor)s)
"""


@dataclass(frozen=True, slots=True)
class SetPlan:
    """Where someone stands in the career structure and wants to go; no stage = the one their post suggests."""

    stage: Stage | None
    aspires_to: Stage | None
    aspirations: str | None
    plan: str | None
    review_due_on: date | None


async def set_plan(tx: Tx, worker_id: UUID, wanted: SetPlan) -> None:
    """Set a worker's career plan."""
    known = await lock_worker(tx, worker_id)
    row = {
        "worker_id": worker_id,
        "plan_id": new_id(),
        "stage": wanted.stage or STAGE_AT_WORK.get(known.person.career_stage, "practitioner"),
        "aspires_to": wanted.aspires_to,
        "review_due_on": wanted.review_due_on,
    }
    plan_id: UUID = await tx.fetch_value(_PLAN, {**row, "now": tx.now, "actor": tx.actor})
    await keep_texts(tx, worker_id, plan_id, {"aspirations": wanted.aspirations, "plan": wanted.plan})


async def add_step(tx: Tx, worker_id: UUID, text: str, due_on: date | None) -> UUID:
    """Add a step to a career plan."""
    if not await tx.fetch_value(_HAS_PLAN, {"worker_id": worker_id}):
        raise Conflict("no-career-plan", "Set a career plan first; steps belong to it.")
    step_id = new_id()
    await tx.queue(_STEP, {"step_id": step_id, "worker_id": worker_id, "due_on": due_on, "now": tx.now})
    await keep_texts(tx, worker_id, step_id, {"step": text})
    return step_id


async def finish_step(tx: Tx, worker_id: UUID, step_id: UUID, done_on: date) -> None:
    """A step was done."""
    if done_on > tx.today:
        raise RuleBroken("done-in-future", "Say that a step was done once it was.", "done_on")
    if not await tx.execute(_STEP_DONE, {"step_id": step_id, "worker_id": worker_id, "done_on": done_on}):
        raise NotFound("no-such-step", "This worker's plan has no open step with this id.")


@dataclass(frozen=True, slots=True)
class AddEntry:
    """Research, guidance, a policy or a tool, for an org unit's authority to read."""

    org_unit_id: UUID
    kind: str
    title: str
    link: str
    summary: str | None
    topics: list[str]
    review_due_on: date | None


async def add_entry(tx: Tx, wanted: AddEntry) -> UUID:
    """Add an entry to the library."""
    await check_unit(tx, wanted.org_unit_id)
    entry_id = new_id()
    row = {name: getattr(wanted, name) for name in wanted.__slots__}
    await tx.queue(_ENTRY, {**row, "entry_id": entry_id, "now": tx.now, "actor": tx.actor})
    return entry_id


async def remove_entry(tx: Tx, entry_id: UUID) -> None:
    """Take an entry out of the library."""
    await tx.queue(_REMOVE_ENTRY, {"entry_id": entry_id, "now": tx.now})


async def set_induction_item(tx: Tx, org_unit_id: UUID, code: str, title: str, within_days: int) -> UUID:
    """Set an item of the induction that everyone in a unit and below goes through."""
    await check_unit(tx, org_unit_id)
    row = {"org_unit_id": org_unit_id, "code": code, "title": title, "within_days": within_days, "item_id": new_id()}
    item_id: UUID = await tx.fetch_value(_ITEM, {**row, "now": tx.now, "actor": tx.actor})
    return item_id


async def mark_induction(tx: Tx, known: Known, item_id: UUID, done_on: date) -> None:
    """An item of a worker's induction was done."""
    if done_on > tx.today:
        raise RuleBroken("done-in-future", "Mark an item once it was done.", "done_on")
    row = {"worker_id": known.worker_id, "item_id": item_id, "done_on": done_on, "path": list(known.person.path)}
    if not await tx.execute(_MARK, {**row, "now": tx.now, "actor": tx.actor}):
        raise NotFound("no-such-item", "This worker's induction has no item with this id.")


@dataclass(frozen=True, slots=True)
class Attest:
    """A statement by a named person about a clause, with evidence, and when it is to be looked at again."""

    org_unit_id: UUID
    clause: Clause
    stated_by_id: UUID
    stated_on: date
    statement: str
    evidence: list[str]
    review_due_on: date


async def attest(tx: Tx, wanted: Attest) -> UUID:
    """Record an attestation; earlier ones stay as they were made."""
    await check_unit(tx, wanted.org_unit_id)
    if wanted.stated_on > tx.today:
        raise RuleBroken("stated-in-future", "Record a statement once it was made.", "stated_on")
    if wanted.review_due_on <= wanted.stated_on:
        raise RuleBroken("review-before-statement", "Set the review after the day of the statement.", "review_due_on")
    if not await list_workers(tx, [wanted.stated_by_id]):
        raise RuleBroken("no-such-worker", "Name the worker who states it by their id.", "stated_by_id")
    attestation_id = new_id()
    row = {name: getattr(wanted, name) for name in wanted.__slots__}
    await tx.queue(_ATTEST, {**row, "attestation_id": attestation_id, "now": tx.now, "actor": tx.actor})
    tx.emit(
        AttestationMadeV1(
            attestation_id=attestation_id,
            org_unit_id=wanted.org_unit_id,
            clause=wanted.clause,
            stated_by=wanted.stated_by_id,
            stated_on=wanted.stated_on,
            review_due_on=wanted.review_due_on,
        )
    )
    return attestation_id
