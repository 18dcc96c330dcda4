"""Giving a case to a worker: refused with a reason, or done and told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import token
from contracts.allocation import CaseAllocatedV1, LimitOverriddenV1
from contracts.registration import PostJudgedV1
from services.allocation.tests.office import Office


@pytest.mark.parametrize(
    ("code", "terms"),
    [
        ("reason-missing", {"reason": ""}),
        ("reason-missing", {"reason": " "}),
        ("discussion-missing", {"discussed_with_worker": False}),
    ],
)
async def test_allocation_without_reason_or_discussion_is_refused(
    office: Office, code: str, terms: dict[str, Any]
) -> None:
    await office.agree()
    worker = await office.hire()
    case = await office.case()
    assert (await office.allocate(case, worker, 409, **terms))["type"] == f"/problems/{code}"
    assert (await office.get(case, office.boss))["worker_id"] is None


async def test_missing_policy_and_missing_weight_are_told(office: Office) -> None:
    worker = await office.hire()
    case = await office.case("adoption")
    assert (await office.allocate(case, worker, 409))["type"] == "/problems/policy-missing"
    await office.agree()
    refusal = await office.allocate(case, worker, 409, override_reason="all the same")
    assert refusal["type"] == "/problems/weight-missing"
    assert "adoption, standard" in refusal["detail"]
    preview = await office.post(f"{case}/preview", {"worker_id": str(worker)}, office.boss, 200)
    assert (preview["allowed"], preview["problems"]) == (False, ["weight-missing"])


async def test_exactly_at_the_limit_is_allowed_and_a_hair_above_is_not(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    await office.give_cases(worker, 11)
    body = {"description": "lead", "points": 1, "from": str(office.today)}
    await office.post(f"/workers/{worker}/responsibilities", body, office.boss)
    await office.allocate(await office.case(), worker)
    assert await office.figures(worker) == (100, 100, 100, "amber")
    hair = {"description": "lead", "points": 0.000001, "from": str(office.today)}
    await office.post(f"/workers/{worker}/responsibilities", hair, office.boss)
    assert await office.figures(worker) == (100, 100.000001, 100, "over")


async def test_case_the_worker_holds_already_changes_nothing(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    case = (await office.give_cases(worker, 1))[0]
    told = len(await office.told())
    again = await office.allocate(case, worker, 200, reason="", discussed_with_worker=False)
    assert again["before"] == again["after"]
    preview = await office.post(f"{case}/preview", {"worker_id": str(worker)}, office.boss, 200)
    assert (preview["allowed"], preview["before"]) == (True, preview["after"])
    assert len(await office.told()) == told


async def test_case_passes_from_one_worker_to_another(office: Office) -> None:
    await office.agree()
    first, second = await office.hire(), await office.hire()
    case = (await office.give_cases(first, 1))[0]
    await office.allocate(case, second, reason="caseload adjustment")
    assert ((await office.figures(first))[1], (await office.figures(second))[1]) == (15, 22)
    history = (await office.get(f"{case}/allocations", office.boss))["items"]
    assert [(one["worker_id"], one["end_kind"], one["reason"]) for one in history] == [
        (str(first), "reallocated", "initial allocation"),
        (str(second), None, "caseload adjustment"),
    ]
    told = [event for event in await office.told() if isinstance(event, CaseAllocatedV1) and event.worker_id == second]
    assert [event.previous_worker_id for event in told] == [first]
    assert [item["reference"] for item in (await office.get(f"/workers/{second}/cases", office.boss))["items"]]


async def test_override_is_kept_with_its_reason_and_is_an_event(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    await office.give_cases(worker, 12)
    case = await office.case()
    await office.allocate(case, worker, 409, override_reason="  ")
    done = await office.allocate(case, worker, override_reason="sibling group")
    told = [event for event in await office.told(worker) if isinstance(event, LimitOverriddenV1)]
    assert [(str(event.allocation_id), event.load_points_after) for event in told] == [
        (done["allocation_id"], Decimal(106))
    ]
    history = (await office.get(f"{case}/allocations", office.boss))["items"]
    assert [(one["overridden"], one["override_reason"]) for one in history] == [(True, "sibling group")]


async def test_override_that_was_not_needed_overrides_nothing(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    case = await office.case()
    await office.allocate(case, worker, override_reason="just in case")
    assert "limit.overridden" not in await office.told_types(worker)
    history = (await office.get(f"{case}/allocations", office.boss))["items"]
    assert [(one["overridden"], one["override_reason"]) for one in history] == [(False, None)]


async def test_closed_case_cannot_be_allocated(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    case = await office.case()
    await office.post(f"{case}/close", {"closed_on": str(office.today), "reason": "done"}, office.boss, 200)
    assert (await office.allocate(case, worker, 409))["type"] == "/problems/case-closed"
    preview = await office.post(f"{case}/preview", {"worker_id": str(worker)}, office.boss, 200)
    assert preview["problems"] == ["case-closed"]
    assert (await office.get(f"{case}/recommendations", office.boss, 409))["type"] == "/problems/case-closed"


async def test_worker_who_is_not_employed_gets_no_case(office: Office) -> None:
    await office.agree()
    early = await office.hire(employment_started_on=office.today + timedelta(days=1))
    late = await office.hire(employment_ended_on=office.today - timedelta(days=1))
    for worker in (early, late):
        assert (await office.allocate(await office.case(), worker, 409, override_reason="x"))[
            "type"
        ] == "/problems/not-employed"


async def test_worker_whom_registration_refused_gets_no_case_of_a_designated_post(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    judged: dict[str, Any] = {"worker_id": worker, "org_unit_id": office.team, "posts": 1}
    await office.hear(PostJudgedV1(**judged, status="removed", registered=False, breach=True))
    assert (await office.allocate(await office.case(), worker, 409, override_reason="x"))[
        "type"
    ] == "/problems/not-registered"
    await office.hear(PostJudgedV1(**judged, status="registered", registered=True, breach=False))
    await office.allocate(await office.case(), worker)


async def test_no_capacity_is_refused_and_told_in_words(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    body = {"hours": 37, "reason": "away", "from": str(office.today)}
    await office.post(f"/workers/{worker}/reductions", body, office.boss)
    assert await office.figures(worker) == (0, 15, None, "no_capacity")
    refusal = await office.allocate(await office.case(), worker, 409)
    assert (refusal["type"], "no capacity" in refusal["detail"]) == ("/problems/workload-limit", True)


async def test_manager_reaches_own_unit_only(office: Office) -> None:
    await office.agree()
    elsewhere = await Office(office.client, office.database, office.clock).open()
    stranger, case = await elsewhere.hire(), await office.case()
    await office.allocate(case, stranger, 403)
    await elsewhere.allocate(case, stranger, 403)
    await office.allocate(case, new_id(), 403)
    body = {"worker_id": str(new_id()), "reason": "x", "discussed_with_worker": True}
    await office.post(f"{case}/allocations", body, office.psw, 404)
    await office.post("/cases/mosaic/none/allocations", body, office.boss, 404)
    for role in ("practitioner", "senior_leader", "integration", "reporting", "workforce_admin"):
        await office.post(
            f"{case}/allocations", body, token(roles=[role], worker_id=stranger, org_unit_id=office.team), 403
        )


async def test_same_idempotency_key_allocates_once(office: Office) -> None:
    await office.agree()
    worker, case = await office.hire(), await office.case()
    who = {**office.boss, "Idempotency-Key": str(new_id())}
    body = {"worker_id": str(worker), "reason": "initial", "discussed_with_worker": True}
    first = await office.post(f"{case}/allocations", body, who)
    assert await office.post(f"{case}/allocations", body, who) == first
    assert (await office.told_types(worker)).count("workload.changed") == 2


async def test_two_managers_together_cannot_exceed_the_limit(office: Office) -> None:
    """Each of eight cases fits alone; only two fit together."""
    await office.agree()
    worker = await office.hire()
    await office.give_cases(worker, 10)
    waiting = [await office.case() for _ in range(8)]
    body = {"worker_id": str(worker), "reason": "initial", "discussed_with_worker": True}

    async def offer(case: str) -> int:
        answer = await office.client.post(f"/v1/allocation{case}/allocations", headers=office.boss, json=body)
        return answer.status_code

    statuses = await asyncio.gather(*[offer(case) for case in waiting])
    assert sorted(statuses) == [201, 201, 409, 409, 409, 409, 409, 409]
    assert await office.figures(worker) == (100, 99, 99, "amber")


async def test_one_case_offered_to_many_ends_with_one_worker(office: Office) -> None:
    await office.agree()
    workers = [await office.hire() for _ in range(6)]
    case = await office.case()
    await asyncio.gather(*[office.allocate(case, worker) for worker in workers])
    history = (await office.get(f"{case}/allocations", office.boss))["items"]
    assert len([one for one in history if one["ended_on"] is None]) == 1
    loads = sorted([(await office.figures(worker))[1] for worker in workers])
    assert loads == [15, 15, 15, 15, 15, 22]
