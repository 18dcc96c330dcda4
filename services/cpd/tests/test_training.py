"""Mandatory training on a real database."""

from __future__ import annotations

from typing import Any

from contracts.cpd import TrainingCompletedV1
from services.cpd.tests.world import World, problem


async def course(world: World, code: str = "safeguarding", **changes: Any) -> None:
    body = {"org_unit_id": str(world.authority), "title": "Safeguarding", "valid_months": 12, **changes}
    await world.done("PUT", f"/courses/{code}", world.as_psw(), json=body)


async def test_a_worker_s_training_is_missing_then_ok_then_expiring_then_expired(world: World) -> None:
    worker = await world.worker()
    await course(world)
    assert await statuses(world, worker) == ["missing"]
    body = {"worker_id": str(worker), "course_code": "safeguarding", "completed_on": "2026-03-02", "hours": 6}
    await world.done("POST", "/completions", expect=201, json=body)
    assert await statuses(world, worker) == ["ok"]
    await world.to("2026-12-02T12:00:00")
    assert await statuses(world, worker) == ["expiring"]
    await world.to("2027-03-03T12:00:00")
    assert await statuses(world, worker) == ["expired"]
    (told,) = await world.events(TrainingCompletedV1, worker)
    assert str(told.expires_on) == "2027-03-02"


async def statuses(world: World, worker: object) -> list[str]:
    found = await world.done("GET", f"/workers/{worker}/training")
    return [one["status"] for one in found["mandatory"]]


async def test_the_same_completion_twice_is_one(world: World) -> None:
    worker = await world.worker()
    body = {"worker_id": str(worker), "course_code": "fire", "completed_on": "2026-03-01"}
    first = await world.done("POST", "/completions", expect=201, json=body)
    assert await world.done("POST", "/completions", expect=200, json=body) == first
    assert len(await world.events(TrainingCompletedV1, worker)) == 1
    tomorrow = await world.call("POST", "/completions", json={**body, "completed_on": "2026-03-03"})
    assert problem(tomorrow) == (422, "completed-in-future")


async def test_a_team_sees_the_most_urgent_first_and_a_nearer_course_replaces_the_authority_s(world: World) -> None:
    await world.worker()
    await course(world)
    await course(world, "fire", org_unit_id=str(world.team), career_stages=["manager"])
    items = (await world.done("GET", f"/training?org_unit_id={world.team}"))["items"]
    assert sorted(one["course_code"] for one in items) == ["fire", "safeguarding", "safeguarding"]
    await course(world, org_unit_id=str(world.team), mandatory=False)
    assert len((await world.done("GET", f"/training?org_unit_id={world.team}&status=missing"))["items"]) == 1
    shown = await world.done("GET", f"/courses?org_unit_id={world.team}")
    assert [one["course_code"] for one in shown["items"]] == ["fire", "safeguarding", "safeguarding"]
