"""Agreements, agreed actions, training, policy and the team view."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chassis.testing import token
from contracts.supervision import (
    AgreementRecordedV1,
    CadenceChangedV1,
    PolicySetV1,
    TrainingRecordedV1,
)
from services.supervision.tests.test_sessions import problem
from services.supervision.tests.world import World

PSW = {"roles": ["principal_social_worker"]}


async def set_policy(world: World, expect: int = 200, **numbers: Any) -> dict[str, Any]:
    body = {"org_unit_id": str(world.authority), "effective_from": "2026-03-02", **numbers}
    answer = await world.call("PUT", "/policy", token(**PSW), json=body)
    assert answer.status_code == expect, answer.text
    found: dict[str, Any] = answer.json()
    return found


# Agreed actions


async def test_actions_are_carried_to_the_next_session_and_closed_there(world: World) -> None:
    worker = await world.worker(employment_started_on=world.day(10))
    first = await world.recorded(
        worker, world.ago(5), agreed_actions=["read the new guidance", {"text": "book leave", "due_on": "2026-03-06"}]
    )
    open_before = (await world.call("GET", f"/workers/{worker}/actions")).json()["items"]
    assert [(a["text"], a["due_on"], a["session_id"]) for a in open_before] == [
        ("read the new guidance", None, first["session_id"]),
        ("book leave", "2026-03-06", first["session_id"]),
    ]
    closing = [{"action_id": open_before[0]["action_id"]}]
    second = await world.recorded(worker, world.ago(1), closed_actions=closing)
    open_after = (await world.call("GET", f"/workers/{worker}/actions")).json()["items"]
    assert [a["text"] for a in open_after] == ["book leave"]
    closed = (await world.call("GET", f"/workers/{worker}/actions", params={"status": "closed"})).json()["items"]
    assert [(a["closed_in_session_id"], a["outcome"]) for a in closed] == [(second["session_id"], "done")]


async def test_an_action_is_closed_once_and_the_session_that_tries_again_is_refused_whole(world: World) -> None:
    worker = await world.worker(employment_started_on=world.day(10))
    await world.recorded(worker, world.ago(5), agreed_actions=["one"])
    action = (await world.call("GET", f"/workers/{worker}/actions")).json()["items"][0]["action_id"]
    closing: dict[str, Any] = {"closed_actions": [{"action_id": action, "outcome": "dropped"}]}
    await world.recorded(worker, world.ago(2), **closing)
    again = await world.record(worker, world.ago(1), **closing)
    assert (again.status_code, problem(again.json())[0]) == (409, "action-not-open")
    listed = (await world.call("GET", "/sessions", params={"worker_id": str(worker)})).json()["items"]
    assert len(listed) == 2


async def test_texts_can_be_erased_and_the_facts_stay(world: World) -> None:
    worker = await world.worker(employment_started_on=world.day(10))
    await world.recorded(worker, world.ago(5), agreed_actions=["one", "two"])
    erased = await world.call("DELETE", f"/workers/{worker}/notes", token(roles=["workforce_admin"]))
    assert erased.json() == {"erased": 2}
    actions = (await world.call("GET", f"/workers/{worker}/actions")).json()["items"]
    assert [a["text"] for a in actions] == [None, None]


# Agreements


async def test_a_new_agreement_ends_the_one_before(world: World) -> None:
    worker, other = await world.worker(), await world.worker()
    body = {"worker_id": str(worker), "supervisor_id": str(world.manager), "agreed_on": "2026-01-05", "terms": "weekly"}
    first = await world.call("POST", "/agreements", json={**body, "review_due_on": "2026-07-05"})
    assert first.status_code == 201, first.text
    second = await world.call(
        "POST", "/agreements", json={**body, "supervisor_id": str(other), "agreed_on": "2026-02-02"}
    )
    items = (await world.call("GET", "/agreements", params={"worker_id": str(worker)})).json()["items"]
    assert [(a["agreement_id"], a["ended_on"], a["terms"]) for a in items] == [
        (second.json()["agreement_id"], None, "weekly"),
        (first.json()["agreement_id"], "2026-02-02", "weekly"),
    ]
    older = await world.call("POST", "/agreements", json={**body, "agreed_on": "2026-01-20"})
    assert problem(older.json())[0] == "newer-agreement"
    assert len(await world.events(AgreementRecordedV1, worker)) == 2


async def test_an_agreement_ends_once_and_its_review_falls_due(world: World) -> None:
    worker = await world.worker()
    body = {"worker_id": str(worker), "supervisor_id": str(world.manager), "agreed_on": "2026-01-05"}
    made = (await world.call("POST", "/agreements", json={**body, "review_due_on": "2026-02-05"})).json()
    due = {"org_unit_id": str(world.team), "review_due_by": "2026-03-02"}
    assert len((await world.call("GET", "/agreements", params=due)).json()["items"]) == 1
    path = f"/agreements/{made['agreement_id']}/end"
    early = await world.call("POST", path, json={"ended_on": "2025-12-31"})
    assert problem(early.json()) == ("ended-on-not-possible", ["ended_on"])
    assert (await world.call("POST", path, json={"ended_on": "2026-02-01"})).status_code == 200
    assert (await world.call("POST", path, json={"ended_on": "2026-02-01"})).status_code == 409
    assert (await world.call("GET", "/agreements", params=due)).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"agreed_on": "2026-03-03"}, "agreed-in-future", id="tomorrow"),
        pytest.param({"review_due_on": "2026-01-05"}, "review-before-agreement", id="reviewed on the same day"),
        pytest.param({"supervisor_id": "self"}, "own-supervisor", id="with oneself"),
    ],
)
async def test_an_agreement_that_breaks_a_rule_is_refused(world: World, change: dict[str, str], code: str) -> None:
    worker = await world.worker()
    body = {"worker_id": str(worker), "supervisor_id": str(world.manager), "agreed_on": "2026-01-05", **change}
    if body["supervisor_id"] == "self":
        body["supervisor_id"] = str(worker)
    answer = await world.call("POST", "/agreements", json=body)
    assert (answer.status_code, problem(answer.json())[0]) == (422, code)


async def test_professional_supervision_is_agreed_with_a_registered_social_worker_only(world: World) -> None:
    worker, lead = await world.worker(), await world.worker(is_social_worker=False)
    body = {"worker_id": str(worker), "supervisor_id": str(lead), "agreed_on": "2026-01-05", "stream": "professional"}
    answer = await world.call("POST", "/agreements", json=body)
    assert problem(answer.json()) == ("supervisor-not-registered", ["supervisor_id"])


# Training


async def test_training_has_no_end_until_the_authority_sets_a_validity(world: World) -> None:
    await world.worker()
    body = {"worker_id": str(world.manager), "completed_on": "2025-09-01", "course": "Supervision skills"}
    psw = token(**PSW)
    made = await world.call("POST", "/training", psw, json=body)
    assert (made.status_code, made.json()["current_until"]) == (201, None)
    listed = (await world.call("GET", "/supervisors", params={"org_unit_id": str(world.team)})).json()["items"]
    assert [(s["worker_id"], s["supervises"], s["currency"]) for s in listed] == [
        (str(world.manager), 1, "no_validity_set")
    ]
    await set_policy(world, training_valid_months=6)
    listed = (await world.call("GET", "/supervisors", params={"org_unit_id": str(world.team)})).json()["items"]
    assert [(s["current_until"], s["currency"]) for s in listed] == [("2026-03-01", "expired")]
    newer = await world.call("POST", "/training", psw, json={**body, "completed_on": "2026-03-01"})
    assert newer.json()["current_until"] == "2026-09-01"
    told = await world.events(TrainingRecordedV1, world.manager)
    assert [t.current_until for t in told] == [None, date(2026, 9, 1)]
    again = await world.call("POST", "/training", psw, json=body)
    assert problem(again.json())[0] == "training-known"


# Policy


async def test_an_authority_is_stricter_from_a_date(world: World) -> None:
    worker = await world.worker(newly_qualified=True)
    made = await set_policy(world, effective_from="2026-03-09", minimum_minutes=100, weekly_days=5)
    assert made["fortnightly_days"] == 14
    await world.to("2026-03-15T12:00:00")
    before = await world.recorded(worker, "2026-03-05T10:00:00Z", minutes=95)
    after = await world.recorded(worker, "2026-03-10T10:00:00Z", minutes=95)
    assert (before["qualifies"], after["problems"]) == (True, ["too-short"])
    assert after["period"] == {"start": "2026-03-09", "end": "2026-03-14"}
    told = await world.events(CadenceChangedV1, worker)
    assert [(c.from_on.isoformat(), c.minutes_per_session) for c in told] == [("2026-03-02", 90), ("2026-03-14", 100)]
    assert [p.minimum_minutes for p in await world.events(PolicySetV1)] == [100]


async def test_a_policy_that_began_before_it_was_set_restates(world: World) -> None:
    worker = await world.worker(newly_qualified=True, employment_started_on=date(2026, 2, 16))
    await world.recorded(worker, "2026-02-18T10:00:00Z", minutes=95)
    await set_policy(world, effective_from="2026-02-01", minimum_minutes=100)
    await world.scan()
    assert [(kind, start) for kind, start, _ in await world.outcomes(worker) if start == "2026-02-16"] == [
        ("missed", "2026-02-16"),
        ("met", "2026-02-16"),
        ("missed", "2026-02-16"),
    ]


async def test_a_policy_laxer_than_the_standard_is_refused_by_name(world: World) -> None:
    refused = await set_policy(world, 422, minimum_minutes=60, weekly_days=10, monthly_days=31)
    assert problem(refused) == ("laxer-than-standard", ["weekly_days", "monthly_days", "minimum_minutes"])


async def test_the_policy_in_force_shows_what_it_comes_from(world: World) -> None:
    await set_policy(world, minimum_minutes=100)
    await set_policy(world, org_unit_id=str(world.team), monthly_days=28, effective_from="2026-04-01")
    shown = await world.call("GET", "/policy", params={"org_unit_id": str(world.team), "as_of": "2026-04-01"})
    body = shown.json()
    assert (body["in_force"]["minimum_minutes"], body["in_force"]["monthly_days"]) == (100, 28)
    assert [p["org_unit_id"] for p in body["policies"]] == [str(world.authority), str(world.team)]


async def test_only_the_principal_social_worker_sets_policy(world: World) -> None:
    body = {"org_unit_id": str(world.team), "effective_from": "2026-03-02"}
    assert (await world.call("PUT", "/policy", json=body)).status_code == 403


# The team view


async def test_the_team_view_shows_the_overdue_first(world: World) -> None:
    overdue = await world.worker(newly_qualified=True, employment_started_on=date(2026, 2, 23))
    due = await world.worker(newly_qualified=True)
    met = await world.worker(newly_qualified=True)
    await world.worker(employment_started_on=date(2026, 2, 1), org_unit_id=world.other_team)
    left = await world.worker(newly_qualified=True, employment_started_on=date(2026, 2, 16))
    await world.leaves(left, date(2026, 2, 20))
    await world.recorded(met, world.ago(0, hour=10))
    shown = await world.call("GET", "/due", params={"org_unit_id": str(world.team)})
    items = shown.json()["items"]
    assert [(i["worker_id"], i["status"], i["due_by"]) for i in items] == [
        (str(overdue), "overdue", "2026-03-08"),
        (str(due), "due", "2026-03-08"),
        (str(world.manager), "due", "2026-04-01"),
        (str(met), "met", "2026-03-08"),
    ]
    assert (items[3]["last_session_on"], items[0]["days_left"]) == ("2026-03-02", 6)
    only = await world.call(
        "GET", "/due", params={"org_unit_id": str(world.authority), "status": "overdue"}, who=token(**PSW)
    )
    assert {i["status"] for i in only.json()["items"]} == {"overdue"}


async def test_how_good_sessions_were_is_counted_with_why_others_were_cancelled(world: World) -> None:
    worker = await world.worker(employment_started_on=world.day(20))
    await world.recorded(worker, world.ago(9), quality_by_worker=2, reflective=True)
    await world.recorded(worker, world.ago(6), quality_by_worker=5, quality_by_supervisor=4, uninterrupted=False)
    gone = await world.recorded(worker, world.ago(3))
    await world.call("POST", f"/sessions/{gone['session_id']}/cancel", json={"reason": "urgent_work"})
    span = {"org_unit_id": str(world.team), "from": "2026-02-01", "to": "2026-03-02"}
    assert (await world.call("GET", "/quality", params=span)).json() == {
        "sessions": 2,
        "reflective": 1,
        "interrupted": 1,
        "rated_by_worker": 2,
        "average_by_worker": 3.5,
        "rated_by_supervisor": 1,
        "average_by_supervisor": 4,
        "cancelled": [{"reason": "urgent_work", "sessions": 1, "rebooked": 0}],
    }


@pytest.mark.parametrize("path", ["/due", "/supervisors", "/policy", "/agreements"])
async def test_nobody_looks_into_another_team(world: World, path: str) -> None:
    answer = await world.call("GET", path, params={"org_unit_id": str(world.other_team)})
    assert answer.status_code == 403


async def test_a_reading_can_be_asked_for_any_day(world: World) -> None:
    worker = await world.worker(newly_qualified=True)
    assert (await world.periods(worker, as_of="2025-01-01"))["periods"] == []
    ahead = await world.periods(worker, as_of="2026-03-20")
    assert [p["status"] for p in ahead["periods"]] == ["missed", "missed", "open"]
    assert (await world.call("GET", f"/workers/{worker}/periods", params={"as_of": "2100-01-01"})).status_code == 422
    assert await world.outcomes(worker) == []
