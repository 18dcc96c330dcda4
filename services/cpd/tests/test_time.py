"""Entitlement, requests and balances on a real database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.cpd import BalanceChangedV1, EntitlementSetV1, ProtectedTimeChangedV1, TimeChangedV1
from services.cpd.tests.world import World, problem


async def grant(world: World, hours: float = 52, **changes: Any) -> None:
    body = {"org_unit_id": str(world.authority), "effective_from": "2025-12-01", "hours_per_year": hours, **changes}
    await world.done("PUT", "/entitlements", world.as_psw(), json=body)
    await world.scan()


async def ask(world: World, worker: UUID, hours: float = 7.5, **changes: Any) -> str:
    body = {"worker_id": str(worker), "for_on": "2026-03-02", "hours": hours, "purpose": "Conference", **changes}
    made = await world.done("POST", "/time-requests", world.as_worker(worker), 201, json=body)
    return str(made["request_id"])


async def refuse(world: World, worker: UUID, cause: str = "workload") -> None:
    request = await ask(world, worker)
    body = {"cause": cause, "reason": "Too many cases."}
    await world.done("POST", f"/time-requests/{request}/refuse", json=body)


async def test_what_is_granted_is_protected_and_told(world: World) -> None:
    worker = await world.worker()
    await grant(world, budget_per_year=400)
    (told,) = await world.events(BalanceChangedV1, worker)
    assert (told.entitled_hours, told.taken_hours, told.year_end) == (Decimal(52), Decimal(0), date(2026, 11, 30))
    (weekly,) = await world.events(ProtectedTimeChangedV1, worker)
    assert weekly.hours_per_week == 1
    seen = await world.done("GET", f"/workers/{worker}/entitlement", world.as_worker(worker))
    assert (seen["entitled_hours"], seen["entitled_budget"], seen["left_hours"]) == (52, 400, 52)
    assert len(await world.events(EntitlementSetV1)) == 1
    await grant(world, 104, career_stage="practitioner", effective_from="2026-03-02")
    assert (await world.done("GET", "/entitlements", world.as_worker(worker)))["items"][0]["hours_per_year"] == 104


async def test_time_is_asked_for_agreed_and_taken(world: World) -> None:
    worker = await world.worker()
    await grant(world)
    request = await ask(world, worker, cost=120)
    me = world.as_worker(worker)
    own = await world.call("POST", f"/time-requests/{request}/agree", me)
    assert problem(own) == (403, "role-not-allowed")
    assert (await world.done("POST", f"/time-requests/{request}/agree"))["status"] == "agreed"
    taken = await world.done("POST", f"/time-requests/{request}/take", me, json={"hours": 6})
    assert taken["status"] == "taken"
    seen = await world.done("GET", f"/workers/{worker}/entitlement", me)
    assert (seen["taken_hours"], seen["wanted_hours"], seen["taken_budget"]) == (6, 0, 120)
    told = [event.status for event in await world.events(TimeChangedV1, worker)]
    assert told == ["requested", "agreed", "taken"]
    again = await world.call("POST", f"/time-requests/{request}/take", me, json={})
    assert problem(again) == (409, "request-closed")


async def test_a_manager_does_not_agree_to_their_own_request(world: World) -> None:
    request = await ask(world, world.manager)
    assert problem(await world.call("POST", f"/time-requests/{request}/agree")) == (403, "own-request")
    assert (await world.done("POST", f"/time-requests/{request}/agree", world.as_psw()))["status"] == "agreed"


async def test_time_refused_three_times_for_the_work_is_repeated_until_time_is_given(world: World) -> None:
    worker = await world.worker()
    await grant(world)
    for cause in ("workload", "budget", "workload", "cover"):
        await refuse(world, worker, cause)
    seen = await world.done("GET", f"/workers/{worker}/entitlement")
    assert (seen["refused_in_a_row"], seen["repeatedly_refused"], seen["withheld_hours"]) == (3, True, 22.5)
    request = await ask(world, worker)
    await world.done("POST", f"/time-requests/{request}/take", world.as_worker(worker), json={})
    told = [event.repeatedly_refused for event in await world.events(BalanceChangedV1, worker)]
    assert (True in told, told[-1]) == (True, False)
    reasons = (await world.done("GET", f"/time-requests?worker_id={worker}&status=refused"))["items"]
    assert {one["reason"] for one in reasons} == {"Too many cases."}


async def test_a_refusal_needs_a_cause_and_words_and_time_is_taken_when_it_has_come(world: World) -> None:
    worker = await world.worker()
    request = await ask(world, worker, for_on="2026-03-03")
    bare = await world.call("POST", f"/time-requests/{request}/refuse", json={"cause": "workload"})
    assert problem(bare) == (422, "invalid-input")
    early = await world.call("POST", f"/time-requests/{request}/take", json={})
    assert problem(early) == (422, "taken-in-future")
    empty = {"worker_id": str(worker), "for_on": "2026-03-02", "purpose": "x"}
    assert problem(await world.call("POST", "/time-requests", json=empty)) == (422, "nothing-asked")


async def test_a_new_year_starts_with_nothing_taken_and_a_leaver_s_ends(world: World) -> None:
    worker = await world.worker()
    await grant(world)
    request = await ask(world, worker)
    await world.done("POST", f"/time-requests/{request}/take", json={})
    await world.to("2026-12-01T00:30:00")
    last = (await world.events(BalanceChangedV1, worker))[-1]
    assert (last.year_end, last.taken_hours, last.entitled_hours) == (date(2027, 11, 30), Decimal(0), Decimal(52))
    await world.leaves(worker, date(2026, 12, 1))
    last = (await world.events(BalanceChangedV1, worker))[-1]
    assert last.entitled_hours == Decimal("0.1425")
    await world.to("2026-12-02T12:00:00")
    assert (await world.events(ProtectedTimeChangedV1, worker))[-1].hours_per_week == 0
    assert await world.scan() == 0


async def test_a_team_s_time_is_a_ratio_of_sums(world: World) -> None:
    given_time, without = await world.worker(), await world.worker()
    await grant(world)
    request = await ask(world, given_time, 39)
    await world.done("POST", f"/time-requests/{request}/take", json={})
    team = await world.done("GET", f"/entitlement?org_unit_id={world.team}")
    assert (team["entitled_hours"], team["taken_hours"], team["taken_pct"]) == (156, 39, 25)
    assert team["workers"][-1]["worker_id"] == str(given_time)
    assert str(without) in {one["worker_id"] for one in team["workers"]}
