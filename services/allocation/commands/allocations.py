"""A manager gives a case to a named worker: within the limit, or above it with a reason of the manager's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import Conflict
from contracts.allocation import CaseAllocatedV1, LimitOverriddenV1
from services.allocation.commands.cases import end_holding
from services.allocation.commands.notes import write_note
from services.allocation.commands.workloads import lock_workers, refresh_workloads
from services.allocation.queries.cases import CaseName, lock_case, weighed
from services.allocation.queries.offers import Offer, read_offer
from services.allocation.rules.exact import as_decimal
from services.allocation.rules.load import case_points
from services.allocation.rules.offer import Answer, Refusal, Terms, answer_to, refusals_of_terms

_HOLD: LiteralString = "update cases set worker_id = %(worker)s, version = version + 1 where case_id = %(case_id)s"
_INSERT: LiteralString = """
insert into allocations (allocation_id, case_id, worker_id, allocated_on, points, overridden, allocated_by, allocated_at)
values (%(allocation_id)s, %(case_id)s, %(worker)s, %(today)s, %(points)s, %(overridden)s, %(actor)s, %(now)s)
"""


@dataclass(frozen=True, slots=True)
class AllocateCase:
    """A case, the worker who is to hold it, and what the manager says about it."""

    case: CaseName
    worker_id: UUID
    terms: Terms


@dataclass(frozen=True, slots=True)
class Allocated:
    """The allocation, whether it is new, and the workload around it."""

    allocation_id: UUID
    is_new: bool
    offer: Offer


async def allocate_case(tx: Tx, wanted: AllocateCase) -> Allocated:
    """Let a worker hold a case. The worker stays locked from reading the workload to the commit, so that two managers
    cannot together exceed a limit that each alone keeps."""
    case = await lock_case(tx, wanted.case)
    holders = {wanted.worker_id, case["worker_id"]} - {None}
    await lock_workers(tx, holders)
    offer = await read_offer(tx, case, wanted.worker_id)
    if case["worker_id"] == wanted.worker_id:
        return Allocated(case["allocation_id"], is_new=False, offer=offer)
    refusals = [*refusals_of_terms(wanted.terms), *offer.refusals]
    answer = answer_to(refusals, wanted.terms)
    if answer == "refuse":
        raise refused(refusals)
    allocation_id = await _hold(tx, case, wanted, offer, answer)
    await refresh_workloads(tx, holders)
    return Allocated(allocation_id, is_new=True, offer=offer)


def refused(refusals: list[Refusal]) -> Conflict:
    """The answer to an allocation that cannot be: its first reason, and all of them."""
    told = [{"code": refusal.code, "problem": refusal.sentence} for refusal in refusals]
    return Conflict(refusals[0].code, " ".join(refusal.sentence for refusal in refusals), problems=told)


async def _hold(tx: Tx, case: dict[str, Any], wanted: AllocateCase, offer: Offer, answer: Answer) -> UUID:
    allocation_id = new_id()
    if case["worker_id"] is not None:
        await end_holding(tx, case, "reallocated", tx.today)
    row = {"allocation_id": allocation_id, "case_id": case["case_id"], "worker": wanted.worker_id, "today": tx.today}
    points = offer.reading.policy and case_points(offer.reading.policy, weighed(case))
    given = {"points": points, "overridden": answer == "override", "actor": tx.actor, "now": tx.now}
    await tx.execute(_HOLD, row)
    await tx.execute(_INSERT, {**row, **given})
    await write_note(tx, allocation_id, "reason", wanted.terms.reason, wanted.worker_id)
    tx.emit(
        CaseAllocatedV1(
            case_key=case["case_key"],
            allocation_id=allocation_id,
            worker_id=wanted.worker_id,
            org_unit_id=case["org_unit_id"],
            previous_worker_id=case["worker_id"],
            received_on=case["received_on"],
            allocated_on=tx.today,
            points=points,
        )
    )
    if answer == "override":
        await _override(tx, case, wanted, offer, allocation_id)
    return allocation_id


async def _override(tx: Tx, case: dict[str, Any], wanted: AllocateCase, offer: Offer, allocation_id: UUID) -> None:
    await write_note(tx, allocation_id, "override_reason", wanted.terms.override_reason, wanted.worker_id)
    tx.emit(
        LimitOverriddenV1(
            worker_id=wanted.worker_id,
            org_unit_id=offer.reading.org_unit_id,
            case_key=case["case_key"],
            allocation_id=allocation_id,
            overridden_by=tx.actor,
            load_points_after=as_decimal(offer.after.load),
            available_points=as_decimal(offer.after.available),
        )
    )
