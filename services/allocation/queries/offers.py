"""What would become of a worker's workload if the worker took a case, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound
from services.allocation.queries.cases import weighed
from services.allocation.queries.workloads import WorkerReading, get_workload
from services.allocation.rules.offer import (
    Refusal,
    refusals_of_case,
    refusals_of_limit,
    refusals_of_policy,
    refusals_of_worker,
)
from services.allocation.rules.workload import Workload, with_case


@dataclass(frozen=True, slots=True)
class Offer:
    """A case held against a worker's workload on a day."""

    reading: WorkerReading
    before: Workload
    after: Workload
    refusals: list[Refusal]


async def read_offer(tx: Tx, case: dict[str, Any], worker_id: UUID) -> Offer:
    """Before and after; a case that the worker holds already changes nothing and nothing speaks against it."""
    reading = await get_workload(tx, worker_id, tx.today)
    if reading is None:
        raise NotFound("worker-not-known", "No such worker. Record the worker in workforce first.")
    before = reading.workload
    if case["worker_id"] == worker_id:
        return Offer(reading, before, before, [])
    refusals = [*refusals_of_case(closed=case["closed_on"] is not None), *refusals_of_worker(reading.standing)]
    refusals += refusals_of_policy(reading.policy, weighed(case))
    if reading.policy is None:
        return Offer(reading, before, before, refusals)
    after = with_case(reading.policy, before, weighed(case))
    return Offer(reading, before, after, [*refusals, *refusals_of_limit(reading.policy, after)])
