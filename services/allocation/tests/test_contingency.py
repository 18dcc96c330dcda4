"""When demand exceeds capacity, and what a unit agrees about it (clause 3.3)."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from chassis.ids import new_id
from contracts.allocation import ContingencyAgreedV1, ContingencyEndedV1
from services.allocation.rules.contingency import demand_of, plan_status
from services.allocation.rules.load import Cases
from services.allocation.rules.workload import team_workload, workload_of
from services.allocation.tests.builders import CHILD_IN_NEED, TODAY, a_policy, a_worker, cases
from services.allocation.tests.office import Office


@pytest.mark.parametrize(
    ("exceeds", "gap", "waiting"),
    [
        pytest.param(False, 0, [], id="nothing waits"),
        pytest.param(False, 0, cases(4), id="what waits fits exactly"),
        pytest.param(True, 7, cases(5), id="one case more does not"),
        pytest.param(
            False, 0, [Cases("unknown", "standard", count=9)], id="cases without a weight are told, not guessed"
        ),
    ],
)
def test_demand_exceeds_capacity(exceeds: bool, gap: int, waiting: list[Cases]) -> None:
    policy = a_policy()
    full = workload_of(policy, a_worker(), [*cases(8), CHILD_IN_NEED], [], [], on=TODAY)
    spare = workload_of(a_policy(stable_points=TODAY.resolution.days * 94), a_worker(), [], [], [], on=TODAY)
    seen = demand_of(policy, team_workload(policy, [full, spare]), waiting)
    assert (seen.exceeds, seen.gap) == (exceeds, Fraction(gap))
    assert seen.unweighed_cases == sum(case.count for case in waiting if case.case_type == "unknown")


@pytest.mark.parametrize(
    ("status", "on"),
    [
        ("active", date(2026, 3, 9)),
        ("review_due", date(2026, 3, 10)),
        ("review_due", date(2026, 3, 19)),
        ("ended", date(2026, 3, 20)),
    ],
)
def test_plan_follows_its_dates(status: str, on: date) -> None:
    assert plan_status(date(2026, 3, 10), date(2026, 3, 20), on) == status


async def test_unit_sees_the_gap_agrees_a_plan_reviews_it_and_ends_it(timed: Office) -> None:
    await timed.agree()
    worker, owner = await timed.hire(), new_id()
    await timed.give_cases(worker, 11)
    for _ in range(3):
        await timed.case()
    unit = f"/org-units/{timed.team}"
    seen = await timed.get(f"{unit}/contingency", timed.boss)
    assert (seen["held_points"], seen["waiting_points"], seen["capacity_points"]) == (92, 21, 100)
    assert (seen["gap_points"], seen["demand_exceeds_capacity"], seen["plans"]) == (13, True, [])

    review_on = str(timed.today + timedelta(days=7))
    body = {
        "owner_id": str(owner),
        "review_on": review_on,
        "steps": ["defer_work", "escalate"],
        "plan": "closures first",
    }
    plan = await timed.post(f"{unit}/contingency-plans", body, timed.boss)
    assert (plan["status"], plan["plan"], plan["agreed_on"]) == ("active", "closures first", str(timed.today))
    path = f"{unit}/contingency-plans/{plan['plan_id']}"

    timed.clock.forward(days=7)
    assert [one["status"] for one in (await timed.get(f"{unit}/contingency", timed.boss))["plans"]] == ["review_due"]
    answer = await timed.post(f"{path}/review", {"review_on": review_on, "plan": "still so"}, timed.boss, 422)
    assert answer["errors"][0]["field"] == "review_on"
    later = {"review_on": str(timed.today + timedelta(days=7)), "plan": "two agency workers"}
    assert (await timed.post(f"{path}/review", later, timed.boss, 200))["status"] == "active"

    for _ in range(2):
        assert (await timed.post(f"{path}/end", {}, timed.boss, 200))["status"] == "ended"
    assert (await timed.post(f"{path}/review", later, timed.boss, 409))["type"] == "/problems/plan-ended"
    assert (await timed.get(f"{unit}/contingency", timed.boss))["plans"] == []
    assert [one["plan"] for one in (await timed.get(f"{unit}/contingency-plans", timed.psw))["items"]] == [
        "two agency workers"
    ]
    told = await timed.told(plan["plan_id"])
    assert [type(event) for event in told] == [ContingencyAgreedV1, ContingencyAgreedV1, ContingencyEndedV1]


async def test_plans_of_others_are_out_of_reach(office: Office) -> None:
    elsewhere = await Office(office.client, office.database, office.clock).open()
    for path in ("contingency", "contingency-plans"):
        await office.get(f"/org-units/{office.team}/{path}", elsewhere.boss, 403)
    answer = await office.get(f"/org-units/{office.team}/contingency", office.boss, 404)
    assert answer["type"] == "/problems/policy-missing"
    await office.post(f"/org-units/{office.team}/contingency-plans/{new_id()}/end", {}, office.boss, 404)
