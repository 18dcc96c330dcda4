"""Two people, or two systems, do the same thing at the same moment: it happens once."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from contracts.cpd import AssessedYearAgreedV1, BalanceChangedV1, ReadinessChangedV1, TrainingCompletedV1
from services.cpd.tests.test_imports import send, statement
from services.cpd.tests.world import World


async def test_one_statement_sent_twice_at_once_is_one_completion(world: World) -> None:
    worker = await world.worker()
    one = statement(worker)
    answers = await asyncio.gather(*(send(world, one) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 204, 409}
    assert len(await world.events(TrainingCompletedV1, worker)) == 1


async def test_one_worker_is_in_one_assessed_year(world: World) -> None:
    worker = await world.worker()
    body = {
        "worker_id": str(worker),
        "programme": "asye-adults",
        "assessor_id": str(world.manager),
        "started_on": "2026-03-02",
        "agreed_on": "2026-03-02",
    }
    answers = await asyncio.gather(*(world.call("POST", "/assessed-years", json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(await world.events(AssessedYearAgreedV1, worker)) == 1


async def test_learning_written_at_once_is_all_counted(world: World) -> None:
    worker = await world.worker()
    await asyncio.gather(*(world.learn(worker, description=f"Piece {n}") for n in range(4)))
    assert [event.pieces for event in await world.events(ReadinessChangedV1, worker)] == [1, 2, 3, 4]


async def test_a_request_decided_twice_at_once_is_decided_once(world: World) -> None:
    worker = await world.worker()
    body = {"worker_id": str(worker), "for_on": "2026-03-02", "hours": 5, "purpose": "Course"}
    made = await world.done("POST", "/time-requests", expect=201, json=body)
    path = f"/time-requests/{made['request_id']}"
    refusal = {"cause": "workload", "reason": "Too much to do."}
    decisions = [world.call("POST", f"{path}/refuse", json=refusal), world.call("POST", f"{path}/take", json={})]
    answers = await asyncio.gather(*decisions)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    last = (await world.events(BalanceChangedV1, worker))[-1]
    assert (last.taken_hours + last.withheld_hours, last.wanted_hours) == (Decimal(5), Decimal(0))
