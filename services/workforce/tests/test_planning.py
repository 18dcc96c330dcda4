"""Posts, cases that others hold, and the rates that follow from them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.database import Database
from chassis.testing import load, published, receive
from contracts.allocation import CaseAllocatedV1, CaseChangedV1, CaseClosedV1
from contracts.registration import PostJudgedV1
from contracts.workforce import PostRecordedV1
from services.workforce.tests.builders import Authority, build_authority, someone


def allocated(case: str, worker: str, unit: str, on: date = date(2026, 2, 2)) -> CaseAllocatedV1:
    return CaseAllocatedV1(
        case_key=case,
        allocation_id=uuid4(),
        worker_id=UUID(worker),
        org_unit_id=UUID(unit),
        previous_worker_id=None,
        received_on=on,
        allocated_on=on,
        points=Decimal(7),
    )


def closed(case: str, worker: str, unit: str, on: date = date(2026, 2, 20)) -> CaseClosedV1:
    return CaseClosedV1(case_key=case, org_unit_id=UUID(unit), worker_id=UUID(worker), closed_on=on)


async def hold_cases(database: Database, worker: str, unit: str, number: int) -> None:
    events = [allocated(uuid4().hex, worker, unit) for _ in range(number)]
    await receive(database, load("workforce"), *events)


async def test_a_post_is_filled_vacated_and_closed(authority: Authority, database: Database) -> None:
    worker = await authority.worker()
    post = await authority.post()
    path = f"/posts/{post}"
    assert (await authority.send("GET", path, 200))["vacant"] is True
    held = await authority.send("PATCH", path, 200, json={"holder_id": worker}, headers={"If-Match": '"1"'})
    assert (held["holder_id"], held["holder_from"], held["vacant"]) == (worker, "2026-03-02", False)
    await authority.send("PATCH", path, 412, json={"holder_id": None}, headers={"If-Match": '"1"'})
    change: dict[str, Any] = {"holder_id": None, "closed_on": "2026-04-01"}
    await authority.send("PATCH", path, 200, json=change, headers={"If-Match": '"2"'})
    async with database.reading() as tx:
        events = [event for event in await published(tx) if event.subject == post]
    assert [(e.holder_id and str(e.holder_id), e.closed_on) for e in events if isinstance(e, PostRecordedV1)] == [
        (None, None),
        (worker, None),
        (None, date(2026, 4, 1)),
    ]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"fte": 1.5}, "fte", id="a post is for one person"),
        pytest.param({"fte": 0}, "fte", id="a post has a size"),
        pytest.param({"holder_id": str(uuid4())}, "holder_id", id="an unknown holder"),
        pytest.param({"org_unit_id": str(uuid4())}, "org_unit_id", id="an unknown unit"),
        pytest.param({"closed_on": "2023-01-01"}, "closed_on", id="dates reversed"),
    ],
)
async def test_an_impossible_post_names_the_field(authority: Authority, fields: dict[str, Any], named: str) -> None:
    body = {
        "org_unit_id": authority.team,
        "job_role": "social worker",
        "fte": 1,
        "opened_on": "2024-01-01",
        **fields,
    }
    problem = await authority.send("POST", "/posts", 422, json=body)
    assert [error["field"] for error in problem["errors"]] == [named]


async def test_vacant_posts_are_listed_within_reach(authority: Authority, client: httpx.AsyncClient) -> None:
    held = await authority.post(holder_id=await authority.worker())
    vacant = await authority.post()
    listed = await authority.send("GET", "/posts", 200, params={"org_unit_id": authority.service, "vacant": "true"})
    assert [item["post_id"] for item in listed["items"]] == [vacant]
    manager = someone("team_manager", None, authority.team)
    seen = (await client.get("/v1/workforce/posts", headers=manager)).json()["items"]
    assert [item["post_id"] for item in seen] == [held, vacant]
    other = someone("team_manager", None, (await build_authority(client)).team)
    assert (await client.get("/v1/workforce/posts", headers=other)).json()["items"] == []
    assert (await client.get(f"/v1/workforce/posts/{held}", headers=other)).status_code == 403


async def test_the_rates_of_a_small_authority_by_hand(authority: Authority, database: Database) -> None:
    full, half = await authority.worker(), await authority.worker(contracted_hours=18.5)
    agency = await authority.worker(is_agency=True)
    await authority.worker(employment_ended_on="2025-11-30")
    await authority.worker(is_social_worker=False, job_role="administrator")
    await authority.post(holder_id=full)
    await authority.post(holder_id=half, fte=0.5)
    await authority.post(holder_id=agency)
    await authority.absence(full, "2026-02-02", "2026-02-06")
    await authority.absence(half, "2026-02-02", "2026-02-03", "annual leave")
    await hold_cases(database, full, authority.team, 12)
    await hold_cases(database, half, authority.team, 6)
    rates = await authority.rates()
    shown = {name: rate["value"] for name, rate in rates.items() if name != "notes"}
    # In post 1.5, agency 1, vacant 1 (covered), one leaver of 1.0, 18 cases over 1.5, 5 days of 1.5 x 253.
    assert shown == {
        "vacancy": 40,
        "vacancy_agency_cover": 100,
        "agency": 40,
        "turnover": 66.7,
        "average_caseload": 12,
        "absence": 1.3,
    }
    assert (rates["turnover"]["numerator"], rates["turnover"]["denominator"]) == (1, 1.5)
    assert rates["notes"] == []


async def test_a_rate_whose_inputs_contradict_one_another_says_why(authority: Authority, database: Database) -> None:
    half = await authority.worker(contracted_hours=18.5)
    await authority.post(holder_id=half, fte=0.5)
    await authority.post(holder_id=half, fte=0.5)
    leaver = await authority.worker(employment_ended_on="2026-02-27")
    await hold_cases(database, leaver, authority.team, 1)
    await authority.absence(half, "2026-02-02", "2026-02-06", "ring on Monday")
    rates = await authority.rates()
    assert rates["vacancy"]["value"] is None
    assert rates["vacancy"]["refused"]["code"] == "posts-exceed-people"
    assert rates["average_caseload"]["refused"]["code"] == "cases-of-leavers"
    assert len(rates["notes"]) == 1


async def test_rates_of_the_past_are_those_of_the_past(authority: Authority, database: Database) -> None:
    worker = await authority.worker(contracted_hours=37)
    case = uuid4().hex
    await receive(
        database,
        load("workforce"),
        allocated(case, worker, authority.team),
        closed(case, worker, authority.team),
    )
    await authority.post(holder_id=worker, holder_from="2026-01-05")
    assert (await authority.rates(as_of="2026-02-10"))["average_caseload"]["value"] == 1
    assert (await authority.rates(as_of="2026-02-20"))["average_caseload"]["value"] is None
    assert (await authority.rates(as_of="2026-01-04"))["vacancy"]["value"] == 50
    assert (await authority.rates(as_of="2026-01-05"))["vacancy"]["value"] == 0
    assert (await authority.rates(as_of="2023-01-05"))["agency"]["refused"]["code"] == "nothing-to-compare"


async def test_a_case_event_that_comes_late_or_twice_changes_nothing(authority: Authority, database: Database) -> None:
    one, other = await authority.worker(), await authority.worker()
    case, service = uuid4().hex, load("workforce")
    await receive(database, service, allocated(case, other, authority.team), first_sequence=2)
    await receive(database, service, allocated(case, one, authority.team), first_sequence=1)
    await receive(database, service, allocated(case, other, authority.team), first_sequence=2)
    async with database.reading() as tx:
        rows = await tx.fetch_all("select worker_id from case_holdings where case_key = %s order by sequence", [case])
    assert [str(row["worker_id"]) for row in rows] == [one, other]
    assert (await authority.rates())["average_caseload"]["denominator"] == 1


async def test_a_case_that_waits_again_is_held_by_nobody(authority: Authority, database: Database) -> None:
    worker = await authority.worker()
    case, service = uuid4().hex, load("workforce")
    returned = CaseChangedV1(
        case_key=case,
        org_unit_id=UUID(authority.team),
        case_type="child_in_need",
        complexity="standard",
        priority="high",
        received_on=date(2026, 2, 2),
        worker_id=None,
    )
    await receive(database, service, allocated(case, worker, authority.team), returned, first_sequence=1)
    assert (await authority.rates())["average_caseload"]["numerator"] == 0


async def test_rates_of_the_future_and_of_unknown_units_are_refused(authority: Authority) -> None:
    problem = await authority.send("GET", "/rates", 422, params={"as_of": "2027-01-01"})
    assert [error["field"] for error in problem["errors"]] == ["as_of"]
    await authority.send("GET", "/rates", 404, params={"org_unit_id": str(uuid4())})


async def test_a_team_manager_sees_the_rates_of_the_own_unit_unless_another_is_named(
    authority: Authority, client: httpx.AsyncClient
) -> None:
    await authority.worker()
    headers = someone("team_manager", None, authority.team)
    own = await client.get("/v1/workforce/rates", headers=headers)
    assert own.json()["org_unit_id"] == authority.team
    above = await client.get("/v1/workforce/rates", params={"org_unit_id": authority.service}, headers=headers)
    assert above.status_code == 403
    alone = await client.get("/v1/workforce/rates", headers=someone("team_manager", str(uuid4())))
    assert alone.status_code == 403


async def test_a_designated_post_shows_a_holder_whom_the_register_does_not_allow_in_it(
    authority: Authority, database: Database
) -> None:
    worker = await authority.worker()
    designated, open_to_all = (
        await authority.post(holder_id=worker),
        await authority.post(holder_id=worker, designated=False),
    )
    for breach in (True, False):
        judged = PostJudgedV1(
            worker_id=UUID(worker),
            org_unit_id=UUID(authority.team),
            status="removed" if breach else "registered",
            posts=1,
            registered=not breach,
            breach=breach,
        )
        await receive(database, load("workforce"), judged)
        shown = [await authority.send("GET", f"/posts/{post}", 200) for post in (designated, open_to_all)]
        assert [post["holder_in_breach"] for post in shown] == [breach, False]
