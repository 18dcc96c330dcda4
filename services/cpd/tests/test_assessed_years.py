"""The assessed year on a real database."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from chassis.testing import token
from contracts.cpd import (
    AssessedYearAgreedV1,
    AssessedYearEndedV1,
    AssessedYearPausedV1,
    AssessedYearResumedV1,
    ProtectedTimeChangedV1,
    ReviewJudgedV1,
)
from services.cpd.tests.world import World, problem

PROGRAMME = "asye-child-and-family"


async def agree(world: World, worker: UUID, expect: int = 201, **changes: Any) -> Any:
    body = {
        "worker_id": str(worker),
        "programme": PROGRAMME,
        "assessor_id": str(world.manager),
        "started_on": "2026-03-02",
        "agreed_on": "2026-03-02",
        **changes,
    }
    return await world.done("POST", "/assessed-years", expect=expect, json=body)


async def newcomer(world: World) -> UUID:
    start = date(2026, 3, 2)
    return await world.worker(career_stage="asye", newly_qualified=True, employment_started_on=start)


async def began(world: World) -> tuple[UUID, str]:
    """A newcomer and the path of the assessed year that began today."""
    worker = await newcomer(world)
    made = await agree(world, worker)
    return worker, f"/assessed-years/{made['assessed_year_id']}"


async def held(world: World, path: str, month: int, on: str, expect: int = 201) -> Any:
    body = {"month": month, "held_on": on, "progress": "on_track", "notes": "Well."}
    return await world.done("POST", f"{path}/reviews", expect=expect, json=body)


async def gather_everything(world: World, path: str) -> None:
    year = await world.done("GET", path)
    for item in year["evidence"]:
        for _ in range(item["needed"] - item["had"]):
            body = {"item": item["item"], "done_on": year["started_on"]}
            await world.done("POST", f"{path}/evidence", expect=201, json=body)


async def judged(world: World, worker: UUID) -> list[tuple[int, str, int]]:
    return [(e.month, e.outcome, e.overdue_reviews) for e in await world.events(ReviewJudgedV1, worker)]


async def test_an_agreement_plans_reviews_evidence_and_protected_time(world: World) -> None:
    worker, path = await began(world)
    year = await world.done("GET", path, world.as_worker(worker))
    assert [(one["month"], one["due_on"], one["required"]) for one in year["reviews"]] == [
        (3, "2026-06-02", True),
        (6, "2026-09-02", True),
        (9, "2026-12-02", False),
        (12, "2027-03-02", True),
    ]
    assert (year["ends_on"], year["limit_on"], year["workload_pct"]) == ("2027-03-01", "2028-03-02", 90)
    assert sum(one["needed"] for one in year["evidence"]) == 14
    (told,) = await world.events(AssessedYearAgreedV1, worker)
    assert (told.programme, told.ends_on) == (PROGRAMME, date(2027, 3, 1))
    (weekly,) = await world.events(ProtectedTimeChangedV1, worker)
    assert str(weekly.hours_per_week) == "3.7000"


async def test_a_review_that_is_not_held_is_missed_until_it_is(world: World) -> None:
    worker, path = await began(world)
    await world.to("2026-06-02T22:59:00")
    assert await judged(world, worker) == []
    await world.to("2026-06-02T23:01:00")
    assert await judged(world, worker) == [(3, "missed", 1)], "in London it is 3 June"
    assert await world.scan() == 0
    late = await held(world, path, 3, "2026-06-03")
    assert late["reviews"][0]["status"] == "held"
    assert (await judged(world, worker))[-1] == (3, "late", 0)
    again = await held(world, path, 3, "2026-06-03", expect=409)
    assert again["type"] == "/problems/review-held"


async def test_two_reviews_behind_are_one_less_when_one_is_held(world: World) -> None:
    worker, path = await began(world)
    await world.to("2026-10-01T12:00:00")
    assert await judged(world, worker) == [(3, "missed", 2), (6, "missed", 2)]
    await held(world, path, 6, "2026-09-02")
    assert (await judged(world, worker))[-1] == (6, "on_time", 1)


async def test_a_pause_moves_what_is_to_come_and_takes_back_what_it_excuses(world: World) -> None:
    worker, path = await began(world)
    await world.to("2026-06-10T12:00:00")
    assert await judged(world, worker) == [(3, "missed", 1)]
    body = {"from_on": "2026-06-01", "cause": "sickness", "reason": "Long illness."}
    paused = await world.done("POST", f"{path}/pause", json=body)
    assert (paused["status"], paused["pauses"][0]["reason"]) == ("paused", "Long illness.")
    assert (await judged(world, worker))[-1] == (3, "withdrawn", 0)
    await world.to("2026-09-01T12:00:00")
    assert len(await judged(world, worker)) == 2, "nothing falls due while it stands still"
    resumed = await world.done("POST", f"{path}/resume", json={"resumed_on": "2026-09-01"})
    assert (resumed["reviews"][0]["due_on"], resumed["ends_on"]) == ("2026-09-02", "2027-06-01")
    assert [e.cause for e in await world.events(AssessedYearPausedV1, worker)] == ["sickness"]
    assert [e.beyond_limit for e in await world.events(AssessedYearResumedV1, worker)] == [False]
    weekly = [str(e.hours_per_week) for e in await world.events(ProtectedTimeChangedV1, worker)]
    assert weekly == ["3.7000", "0.0000", "3.7000"]
    await world.to("2026-09-03T12:00:00")
    assert (await judged(world, worker))[-1] == (3, "missed", 1)


async def test_nobody_passes_while_reviews_or_evidence_are_missing(world: World) -> None:
    worker, path = await began(world)
    for month, on in ((3, "2026-06-01"), (6, "2026-09-01")):
        await world.to(f"{on}T12:00:00")
        await held(world, path, month, on)
    await world.to("2027-02-20T12:00:00")
    panel = {"decided_on": "2027-02-20", "recommended": "pass", "outcome": "passed"}
    refused = await world.call("POST", f"{path}/panel", json=panel)
    assert problem(refused) == (409, "assessed-year-incomplete")
    assert refused.json()["missing"][:2] == ["review-12", "direct_observation"]
    await held(world, path, 12, "2027-02-20")
    await gather_everything(world, path)
    done = await world.done("POST", f"{path}/panel", json=panel)
    assert (done["status"], done["outcome"], done["missing"]) == ("ended", "passed", [])
    (told,) = await world.events(AssessedYearEndedV1, worker)
    assert (told.outcome, told.on_time) == ("passed", True)
    assert (await world.events(ProtectedTimeChangedV1, worker))[-1].hours_per_week == 0
    assert problem(await world.call("POST", f"{path}/panel", json=panel)) == (409, "assessed-year-ended")


async def test_a_decision_after_the_limit_needs_a_reason_and_counts_as_late(world: World) -> None:
    worker, path = await began(world)
    await world.to("2028-03-03T12:00:00")
    panel = {"decided_on": "2028-03-03", "recommended": "fail", "outcome": "failed"}
    assert problem(await world.call("POST", f"{path}/panel", json=panel)) == (422, "beyond-limit")
    await world.done("POST", f"{path}/panel", json={**panel, "reason": "The panel agreed to hear it."})
    assert [e.on_time for e in await world.events(AssessedYearEndedV1, worker)] == [False]
    last = (await judged(world, worker))[-3:]
    assert last == [(3, "missed", 0), (6, "missed", 0), (12, "missed", 0)], "what was missed stays, and alerts no more"


async def test_a_year_that_was_given_up_makes_room_for_another(world: World) -> None:
    worker, path = await began(world)
    again = await agree(world, worker, expect=409)
    assert again["type"] == "/problems/assessed-year-running"
    gone = await world.done("POST", f"{path}/withdraw", json={"ended_on": "2026-03-02", "reason": "Moved away."})
    assert gone["outcome"] == "withdrawn"
    await agree(world, worker)
    items = (await world.done("GET", f"/assessed-years?org_unit_id={world.team}&status=active"))["items"]
    assert [one["worker_id"] for one in items] == [str(worker)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"programme": "unknown"}, "no-such-programme", id="a programme that does not exist"),
        pytest.param({"programme": "ecdp-child-and-family"}, "programme-not-offered", id="the coming one, too early"),
        pytest.param({"agreed_on": "2026-03-03"}, "agreed-in-future", id="tomorrow"),
        pytest.param({"started_on": "2026-03-01"}, "before-employment", id="before the first day at work"),
        pytest.param({"protected_pct": 9}, "less-than-programme", id="less time than the programme protects"),
        pytest.param({"workload_pct": 95}, "more-than-programme", id="more work than the programme allows"),
        pytest.param({"assessor_id": "019af004-71c0-7e11-a2b3-0c4d9e5f7101"}, "no-such-assessor", id="a stranger"),
    ],
)
async def test_an_agreement_that_breaks_a_rule_is_refused(world: World, change: dict[str, Any], code: str) -> None:
    refused = await agree(world, await newcomer(world), expect=422, **change)
    assert refused["type"] == f"/problems/{code}"


async def test_programmes_are_data_and_a_year_keeps_the_terms_under_which_it_was_agreed(world: World) -> None:
    _, path = await began(world)
    listed = await world.done("GET", "/programmes")
    assert [(one["programme"], one["provisional"]) for one in listed["items"]] == [
        ("asye-adults", False),
        ("asye-child-and-family", False),
        ("ecdp-child-and-family", True),
    ]
    changed = {**next(one for one in listed["items"] if one["programme"] == PROGRAMME), "protected_pct": 20}
    changed["reviews"] = [{"month": 4, "required": True}]
    admin = token(roles=["platform_admin"])
    await world.done("PUT", f"/programmes/{PROGRAMME}", admin, json=changed)
    assert [one["month"] for one in (await world.done("GET", path))["reviews"]] == [3, 6, 9, 12]
    other = await agree(world, await newcomer(world))
    assert ([one["month"] for one in other["reviews"]], other["protected_pct"]) == ([4], 20)
    twice = {**changed, "reviews": [{"month": 4}, {"month": 4}]}
    assert (await world.call("PUT", f"/programmes/{PROGRAMME}", admin, json=twice)).status_code == 422


async def test_an_assessor_of_another_team_sees_and_reviews_and_a_colleague_does_not(world: World) -> None:
    worker, path = await began(world)
    assessor = await world.worker(org_unit_id=world.other_team, line_manager_id=None)
    as_assessor = token(roles=["team_manager"], worker_id=assessor, org_unit_id=world.other_team)
    assert problem(await world.call("GET", path, as_assessor)) == (403, "outside-reach")
    await world.done("PUT", f"{path}/assessor", json={"assessor_id": str(assessor)})
    assert (await world.call("GET", path, as_assessor)).status_code == 200
    body = {"month": 3, "held_on": "2026-03-02", "progress": "concerns"}
    assert (await world.call("POST", f"{path}/reviews", as_assessor, json=body)).status_code == 201
    own = await world.call("POST", f"{path}/reviews", world.as_worker(worker), json={**body, "month": 6})
    assert problem(own) == (403, "own-assessment")
    as_colleague = token(roles=["practitioner"], worker_id=assessor, org_unit_id=world.other_team)
    assert (await world.call("POST", f"{path}/reviews", as_colleague, json={**body, "month": 6})).status_code == 201
    wrong = await world.call("POST", f"{path}/evidence", json={"item": "poem", "done_on": "2026-03-02"})
    assert problem(wrong) == (422, "no-such-item")
