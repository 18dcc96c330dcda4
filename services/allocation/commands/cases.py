"""Cases come in, change, come back to their team and are closed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.etags import check_etag
from chassis.ids import new_id
from chassis.problems import Conflict, FieldProblem, RuleBroken
from contracts.allocation import CaseChangedV1, CaseClosedV1, CaseReceivedV1
from services.allocation.commands.case_keys import CaseKeys
from services.allocation.commands.notes import write_note
from services.allocation.commands.workloads import refresh_workloads
from services.allocation.queries.cases import CaseName, get_case, lock_case
from services.allocation.rules.arrival import Arrival, CaseFacts, arrival, problems_of, weighs_otherwise

EndKind = Literal["reallocated", "closed", "returned", "worker_left"]

_UNIT_IS_KNOWN: LiteralString = "select exists (select from directory_units where org_unit_id = %(unit)s)"
_INSERT: LiteralString = """
insert into cases (case_id, source, reference, case_key, case_type, complexity, org_unit_id, priority, received_on,
                   skills, modifiers)
values (%(case_id)s, %(source)s, %(reference)s, %(case_key)s, %(case_type)s, %(complexity)s, %(org_unit_id)s,
        %(priority)s, %(received_on)s, %(skills)s, %(modifiers)s)
on conflict (source, reference) do nothing
"""
_UPDATE: LiteralString = """
update cases set case_type = %(case_type)s, complexity = %(complexity)s, org_unit_id = %(org_unit_id)s,
    priority = %(priority)s, received_on = %(received_on)s, skills = %(skills)s, modifiers = %(modifiers)s,
    closed_on = null, version = version + 1
where case_id = %(case_id)s
"""
# What a case was before a change stays readable: the first change of a day keeps the facts of the day before.
_REMEMBER: LiteralString = """
insert into case_history (case_id, until_on, case_type, complexity, modifiers)
values (%(case_id)s, %(until_on)s, %(case_type)s, %(complexity)s, %(modifiers)s) on conflict do nothing
"""
_RELEASE: LiteralString = """
update cases set worker_id = null, closed_on = %(closed_on)s, version = version + 1 where case_id = %(case_id)s
"""
_END: LiteralString = """
update allocations set ended_on = greatest(%(on)s, allocated_on), end_kind = %(kind)s
where allocation_id = %(allocation_id)s
"""


@dataclass(frozen=True, slots=True)
class ReceiveCase:
    """A case as its system sends it; ``if_match`` is the version that the sender read, if it says so."""

    name: CaseName
    facts: CaseFacts
    if_match: str | None = None


async def receive_case(tx: Tx, sent: ReceiveCase, keys: CaseKeys) -> tuple[Arrival, dict[str, Any]]:
    """Take a case in, or note what changed about it; the same again changes nothing."""
    known_unit = await tx.fetch_value(_UNIT_IS_KNOWN, {"unit": sent.facts.org_unit_id})
    if problems := problems_of(sent.facts, tx.today, unit_is_known=known_unit):
        fields = [FieldProblem(*problem) for problem in problems]
        raise RuleBroken("case-not-acceptable", "Correct what `errors` names and send the case again.", fields=fields)
    key = keys.key_of(sent.name.source, sent.name.reference)
    row = {**asdict(sent.name), **_columns(sent.facts), "case_id": new_id(), "case_key": key}
    if sent.if_match is None and await tx.execute(_INSERT, row):
        tx.emit(received_event(key, sent.facts))
        return "received", await get_case(tx, sent.name)
    return await _change(tx, sent)


async def _change(tx: Tx, sent: ReceiveCase) -> tuple[Arrival, dict[str, Any]]:
    case = await lock_case(tx, sent.name)
    if sent.if_match is not None:
        check_etag(sent.if_match, case["version"])
    outcome = await change_case(tx, case, sent.facts)
    if outcome == "changed" and case["worker_id"] is not None:
        await refresh_workloads(tx, [case["worker_id"]])
    return outcome, await get_case(tx, sent.name)


async def change_case(tx: Tx, case: dict[str, Any], sent: CaseFacts) -> Arrival:
    """Note what changed about a locked case; the caller tells of its worker's workload."""
    known = facts_of(case)
    outcome = arrival(known, case["closed_on"], sent)
    if outcome == "refused":
        raise Conflict("case-closed", "The case is closed. A new referral has a received_on after it was closed.")
    if outcome == "unchanged":
        return outcome
    if weighs_otherwise(known, sent):
        await tx.execute(_REMEMBER, {**case, "until_on": tx.today})
    await tx.execute(_UPDATE, {**_columns(sent), "case_id": case["case_id"]})
    if outcome == "reopened":
        tx.emit(received_event(case["case_key"], sent))
    else:
        tx.emit(changed_event(case["case_key"], sent, case["worker_id"]))
    return outcome


async def close_case(tx: Tx, name: CaseName, closed_on: date, reason: str) -> dict[str, Any]:
    """End the work on a case; its worker is free of it from that day on."""
    case = await lock_case(tx, name)
    if case["closed_on"] == closed_on:
        return case
    if case["closed_on"] is not None:
        raise Conflict("case-closed", f"The case was closed on {case['closed_on']} already.")
    if not case["received_on"] <= closed_on <= tx.today:
        sentence = f"Send a closed_on from {case['received_on']}, when the case was received, to today."
        raise RuleBroken("closed-on-not-possible", sentence, "closed_on")
    await write_note(tx, case["case_id"], "end_reason", reason, None)
    await end_holding(tx, case, "closed", closed_on, closed_on=closed_on)
    event = {name: case[name] for name in ("case_key", "org_unit_id", "worker_id")}
    tx.emit(CaseClosedV1(**event, closed_on=closed_on))
    if case["worker_id"] is not None:
        await refresh_workloads(tx, [case["worker_id"]])
    return await get_case(tx, name)


async def release_case(tx: Tx, name: CaseName, reason: str) -> dict[str, Any]:
    """Give a case back to its team, where it waits for another worker and counts as unallocated."""
    case = await lock_case(tx, name)
    if case["worker_id"] is None:
        raise Conflict("case-not-held", "No worker holds the case.")
    await write_note(tx, case["allocation_id"], "end_reason", reason, case["worker_id"])
    await return_to_team(tx, case, "returned")
    await refresh_workloads(tx, [case["worker_id"]])
    return await get_case(tx, name)


async def return_to_team(tx: Tx, case: dict[str, Any], kind: EndKind) -> None:
    """Let a locked case wait again; the caller tells of the worker's workload."""
    await end_holding(tx, case, kind, tx.today)
    tx.emit(changed_event(case["case_key"], facts_of(case), None))


async def end_holding(tx: Tx, case: dict[str, Any], kind: EndKind, on: date, *, closed_on: date | None = None) -> None:
    """End the open allocation of a locked case, if it has one."""
    if case["allocation_id"] is not None:
        await tx.execute(_END, {"allocation_id": case["allocation_id"], "on": on, "kind": kind})
    await tx.execute(_RELEASE, {"case_id": case["case_id"], "closed_on": closed_on})


def _columns(facts: CaseFacts) -> dict[str, Any]:
    return {**asdict(facts), "skills": list(facts.skills), "modifiers": list(facts.modifiers)}


def facts_of(case: dict[str, Any]) -> CaseFacts:
    """A case row as the rule's value."""
    return CaseFacts(
        case["case_type"],
        case["complexity"],
        case["org_unit_id"],
        case["priority"],
        case["received_on"],
        tuple(case["skills"]),
        tuple(case["modifiers"]),
    )


def received_event(case_key: str, facts: CaseFacts) -> CaseReceivedV1:
    """The fact that a case waits for a worker."""
    return CaseReceivedV1(case_key=case_key, **_published(facts))


def changed_event(case_key: str, facts: CaseFacts, worker_id: UUID | None) -> CaseChangedV1:
    """The fact that something known of a case changed, or that no worker holds it any more."""
    return CaseChangedV1(case_key=case_key, worker_id=worker_id, **_published(facts))


def _published(facts: CaseFacts) -> dict[str, Any]:
    return {
        "org_unit_id": facts.org_unit_id,
        "case_type": facts.case_type,
        "complexity": facts.complexity,
        "priority": facts.priority,
        "received_on": facts.received_on,
    }
