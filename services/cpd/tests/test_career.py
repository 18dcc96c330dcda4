"""Career plans, induction, the library and attestations on a real database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import token
from contracts.cpd import AttestationMadeV1
from services.cpd.rules.attestations import standing
from services.cpd.rules.career import Step, induction_status, progress_pct
from services.cpd.tests.world import World, problem

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("done", "open_steps", "pct"),
    [
        pytest.param(0, 0, None, id="no steps"),
        pytest.param(0, 3, 0, id="none done"),
        pytest.param(1, 2, 33, id="one of three"),
        pytest.param(2, 0, 100, id="all"),
    ],
)
def test_progress_is_steps_done_of_all_steps(done: int, open_steps: int, pct: int | None) -> None:
    assert progress_pct([Step(None, DAY)] * done + [Step(DAY, None)] * open_steps) == pct


@pytest.mark.parametrize(
    ("due", "done", "status"),
    [
        pytest.param(DAY, None, "due", id="due today"),
        pytest.param(date(2026, 3, 1), None, "overdue", id="due yesterday"),
        pytest.param(date(2026, 3, 1), DAY, "done", id="done late"),
    ],
)
def test_an_item_of_induction_is_done_due_or_overdue(due: date, done: date | None, status: str) -> None:
    assert induction_status(due, done, DAY) == status


@pytest.mark.parametrize(
    ("review", "expected"),
    [
        pytest.param(None, "none", id="nothing was stated"),
        pytest.param(date(2026, 3, 3), "current", id="to be reviewed tomorrow"),
        pytest.param(DAY, "due", id="to be reviewed today"),
    ],
)
def test_a_statement_is_current_until_it_is_to_be_reviewed(review: date | None, expected: str) -> None:
    assert standing(review, DAY) == expected


async def test_a_career_plan_says_where_someone_stands_wants_to_go_and_how_far_they_came(world: World) -> None:
    worker = await world.worker(career_stage="asye")
    me, path = world.as_worker(worker), f"/workers/{worker}/career"
    before = await world.done("GET", path, me)
    assert (before["planned"], before["stage"], len(before["structure"])) == (False, "assessed_year", 5)
    early = await world.call("POST", f"{path}/steps", me, json={"text": "x"})
    assert problem(early) == (409, "no-career-plan")
    body = {"aspires_to": "practice_supervisor", "aspirations": "Lead a team.", "review_due_on": "2026-09-01"}
    plan = await world.done("PUT", path, me, json=body)
    assert (plan["stage"], plan["aspirations"], plan["progress_pct"]) == ("assessed_year", "Lead a team.", None)
    for text in ("Shadow a supervisor", "Take the course"):
        plan = await world.done("POST", f"{path}/steps", me, 201, json={"text": text})
    step = f"{path}/steps/{plan['steps'][0]['step_id']}/done"
    done = await world.done("POST", step, me, json={"done_on": "2026-03-02"})
    assert (done["progress_pct"], done["steps"][0]["done_on"]) == (50, "2026-03-02")
    assert problem(await world.call("POST", step, me, json={"done_on": "2026-03-02"})) == (404, "no-such-step")


async def test_induction_is_due_by_days_from_the_start_of_employment(world: World) -> None:
    worker = await world.worker(employment_started_on=date(2026, 2, 23))
    for code, days in (("keys", 1), ("visits", 30)):
        body = {"org_unit_id": str(world.authority), "title": code, "within_days": days}
        await world.done("PUT", f"/induction-items/{code}", world.as_psw(), json=body)
    path = f"/workers/{worker}/induction"
    items = (await world.done("GET", path))["items"]
    assert [(one["code"], one["due_on"], one["status"]) for one in items] == [
        ("keys", "2026-02-24", "overdue"),
        ("visits", "2026-03-25", "due"),
    ]
    await world.done("PUT", f"{path}/{items[0]['item_id']}", json={"done_on": "2026-03-02"})
    assert (await world.done("GET", path))["items"][0]["status"] == "done"
    strange = await world.call("PUT", f"{path}/{new_id()}", json={"done_on": "2026-03-02"})
    assert problem(strange) == (404, "no-such-item")


async def test_the_library_is_read_by_everyone_of_the_authority(world: World) -> None:
    worker = await world.worker()
    entry = {"org_unit_id": str(world.authority), "kind": "research", "link": "https://example.org/a"}
    for title, topics in (("Neglect and its signs", ["neglect"]), ("Strengths", [])):
        await world.done("POST", "/library", world.as_psw(), 201, json={**entry, "title": title, "topics": topics})
    me = world.as_worker(worker)
    assert [one["title"] for one in (await world.done("GET", "/library?words=SIGNS", me))["items"]] == [
        "Neglect and its signs"
    ]
    found = (await world.done("GET", "/library?topic=neglect&kind=research", me))["items"]
    elsewhere = token(roles=["practitioner"], worker_id=new_id(), org_unit_id=new_id())
    assert (await world.done("GET", "/library", elsewhere))["items"] == []
    await world.done("DELETE", f"/library/{found[0]['entry_id']}", world.as_psw(), 204)
    assert len((await world.done("GET", "/library", me))["items"]) == 1
    script = await world.call("POST", "/library", world.as_psw(), json={**entry, "title": "x", "link": "javascript:x"})
    assert script.status_code == 422


async def test_a_named_person_states_how_a_clause_is_kept(world: World) -> None:
    body: dict[str, Any] = {
        "org_unit_id": str(world.authority),
        "clause": "6.6",
        "stated_by_id": str(world.manager),
        "stated_on": "2026-03-01",
        "statement": "Four of us took part in the university's study.",
        "evidence": ["https://example.org/study"],
        "review_due_on": "2026-06-01",
    }
    await world.done("POST", "/attestations", world.as_psw(), 201, json=body)
    (told,) = await world.events(AttestationMadeV1)
    assert (told.clause, told.stated_by) == ("6.6", world.manager)
    listed = (await world.done("GET", f"/attestations?org_unit_id={world.team}"))["items"]
    assert [(one["clause"], one["standing"]) for one in listed] == [
        ("1.11", "none"),
        ("6.5", "none"),
        ("6.6", "current"),
    ]
    await world.to("2026-06-01T12:00:00")
    assert (await world.done("GET", f"/attestations?org_unit_id={world.team}"))["items"][2]["standing"] == "due"
    for change, code in (
        ({"stated_on": "2026-06-02"}, "stated-in-future"),
        ({"review_due_on": "2026-03-01"}, "review-before-statement"),
        ({"evidence": []}, "invalid-input"),
        ({"clause": "6.1"}, "invalid-input"),
    ):
        refused = await world.call("POST", "/attestations", world.as_psw(), json={**body, **change})
        assert problem(refused) == (422, code)
