"""What a unit agrees about workload, and for whom it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.testing import token
from services.allocation.tests.office import WEIGHTS, Office


async def test_same_policy_again_changes_nothing(office: Office) -> None:
    first = await office.agree()
    assert await office.agree() == first
    assert await office.told_types(office.authority) == ["policy.set"]


async def test_changed_policy_of_the_same_date_takes_the_place_of_the_first(office: Office) -> None:
    first = await office.agree()
    second = await office.agree(limit_pct=110)
    assert (first["policy_id"], second["limit_pct"]) == (second["policy_id"], 110)
    listed = await office.get(f"/policies?org_unit_id={office.authority}", office.psw)
    assert [policy["limit_pct"] for policy in listed["items"]] == [110]


async def test_nearest_unit_decides_for_a_worker(office: Office) -> None:
    worker = await office.hire()
    assert await office.figures(worker) == (0, 0, None, "none")
    await office.agree()
    assert await office.figures(worker) == (100, 15, 15, "ok")
    await office.agree(office.service, stable_points=20)
    assert await office.figures(worker) == (100, 20, 20, "ok")
    await office.agree(office.team, stable_points=30)
    in_force = await office.get(f"/policy?org_unit_id={office.team}", office.boss)
    assert (in_force["org_unit_id"], in_force["stable_points"]) == (str(office.team), 30)
    above = await office.get(f"/policy?org_unit_id={office.service}&on={office.today}", office.psw)
    assert above["stable_points"] == 20


async def test_new_policy_is_told_of_everyone_below_at_once(office: Office) -> None:
    worker, other = await office.hire(), await office.hire(org_unit_id=office.service)
    await office.agree(limit_pct=10, amber_above_pct=5)
    assert await office.told_types(worker) == ["workload.changed", "workload.overloaded"]
    assert await office.told_types(other) == ["workload.changed", "workload.overloaded"]
    await office.agree()
    assert (await office.told_types(worker))[2:] == ["workload.changed", "workload.relieved"]


async def test_policy_of_a_unit_that_is_not_known_yet_waits_for_it(office: Office) -> None:
    late = Office(office.client, office.database, office.clock)
    await late.agree()
    await late.open()
    assert await late.figures(await late.hire()) == (100, 15, 15, "ok")


async def test_unit_that_arrives_after_its_people_brings_them_its_policy(office: Office) -> None:
    late = Office(office.client, office.database, office.clock)
    await late.agree()
    worker = await late.hire()
    assert await late.told_types(worker) == []
    await late.open()
    assert await late.told_types(worker) == ["workload.changed"]


async def test_policy_takes_effect_on_its_date(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    await timed.give_cases(worker, 10)
    heavier = [{**WEIGHTS[0], "points": 9}, WEIGHTS[1]]
    await timed.agree(effective_from=str(timed.today + timedelta(days=3)), weights=heavier)
    await timed.let_time_work()
    assert (await timed.figures(worker))[1] == 85
    assert (await timed.figures(worker, timed.today + timedelta(days=3)))[1] == 105
    timed.clock.forward(days=3)
    await timed.let_time_work()
    assert await timed.figures(worker) == (100, 105, 105, "over")
    assert (await timed.told_types(worker))[-2:] == ["workload.changed", "workload.overloaded"]
    assert (await timed.figures(worker, timed.today - timedelta(days=1)))[1] == 85


async def test_case_that_loses_its_weight_stays_visible_without_points(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    await office.give_cases(worker, 1)
    await office.agree(weights=[WEIGHTS[1]])
    seen = await office.workload(worker)
    assert seen["load_points"] == 15
    assert [line["kind"] for line in seen["lines"] if line["side"] == "load"] == ["stable", "case_without_weight"]


async def test_modifiers_add_points(office: Office) -> None:
    await office.agree(modifiers=[{"modifier": "court", "points": 2.5}])
    worker = await office.hire()
    case = await office.case(modifiers=["court"])
    done = await office.allocate(case, worker)
    assert done["after"]["load_points"] == 24.5


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("full_time_hours", {"full_time_hours": 0}),
        ("full_time_points", {"full_time_points": -1}),
        ("amber_above_pct", {"amber_above_pct": 101}),
        ("stable_points", {"stable_points": 101}),
        ("weights.0.points", {"weights": [{**WEIGHTS[0], "points": -1}]}),
        ("stage_factors.retired", {"stage_factors": {"retired": 1}}),
        ("sustained_weeks", {"sustained_weeks": 0}),
        ("effective_from", {"effective_from": "yesterday"}),
        ("limit_percent", {"limit_percent": 90}),
        ("limit_pct", {"limit_pct": "NaN"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_impossible_policy_is_refused_and_the_field_named(
    office: Office, field: str, wrong: dict[str, Any]
) -> None:
    body = {**await office.agree(), **wrong}
    body.pop("policy_id")
    answer = await office.put("/policy", body, office.psw, 422)
    assert any(error["field"].startswith(field) for error in answer["errors"]), answer


async def test_each_weight_is_named_once(office: Office) -> None:
    body = {**await office.agree(), "weights": [WEIGHTS[0], WEIGHTS[0]]}
    body.pop("policy_id")
    await office.put("/policy", body, office.psw, 422)


async def test_only_the_principal_social_worker_sets_a_policy(office: Office) -> None:
    body = {**await office.agree(), "limit_pct": 500}
    body.pop("policy_id")
    for role in ("practitioner", "senior_leader", "workforce_admin", "integration", "reporting", "team_manager"):
        who = token(roles=[role], worker_id=office.team, org_unit_id=office.team)
        await office.put("/policy", body, who, 403)
    elsewhere = await Office(office.client, office.database, office.clock).open()
    await office.put("/policy", body, token(roles=["principal_social_worker"], org_unit_id=elsewhere.authority), 403)


async def test_no_policy_at_all_is_told_so(office: Office) -> None:
    answer = await office.get(f"/policy?org_unit_id={office.team}", office.boss, 404)
    assert answer["type"] == "/problems/policy-missing"
