"""Recording workers, changing them, and what is refused on the way."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis import migrations
from chassis.database import Database
from chassis.testing import FakeClock, fresh_database, load, published
from contracts.workforce import AbsenceRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.workforce.scans import scan_leavers
from services.workforce.tests.builders import Authority, build_authority, someone


async def events_about(database: Database, subject: str) -> list[Any]:
    async with database.reading() as tx:
        return [event for event in await published(tx) if event.subject == subject]


def fields_of(problem: dict[str, Any]) -> list[str]:
    assert problem["type"].startswith("/problems/")
    return [error["field"] for error in problem["errors"]]


async def test_a_recorded_worker_is_read_back_and_published_without_a_name(
    authority: Authority, database: Database
) -> None:
    worker = await authority.worker(name="  Amina Shah ", registration_number="sw 123", email="amina@example.org")
    seen = await authority.send("GET", f"/workers/{worker}", 200)
    assert (seen["name"], seen["registration_number"], seen["contracted_hours"]) == ("Amina Shah", "SW123", 37)
    assert seen["monitored_from"] == "2024-01-08"
    (event,) = await events_about(database, worker)
    assert isinstance(event, WorkerRecordedV1)
    assert event.has_registration_number
    assert "Amina" not in event.model_dump_json()


async def test_the_same_reference_again_is_refused_and_another_employer_may_use_it(
    authority: Authority, client: httpx.AsyncClient
) -> None:
    body = authority.body()
    await authority.send("POST", "/workers", 201, json=body)
    problem = await authority.send("POST", "/workers", 409, json=body)
    assert problem["type"] == "/problems/employee-ref-taken"
    elsewhere = await build_authority(client)
    await elsewhere.send("POST", "/workers", 201, json={**body, "org_unit_id": elsewhere.team})


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"org_unit_id": str(uuid4())}, ["org_unit_id"], id="an unknown unit"),
        pytest.param({"line_manager_id": str(uuid4())}, ["line_manager_id"], id="an unknown manager"),
        pytest.param({"employment_ended_on": "2023-01-01"}, ["employment_ended_on"], id="dates reversed"),
        pytest.param({"contracted_hours": 61}, ["contracted_hours"], id="hours out of range"),
        pytest.param({"contracted_hours": -1, "name": ""}, ["name", "contracted_hours"], id="two at once"),
        pytest.param({"registration_number": "X1"}, ["registration_number"], id="a number of another register"),
        pytest.param({"career_stage": "guru"}, ["career_stage"], id="an unknown stage"),
        pytest.param({"shoe_size": 9}, ["shoe_size"], id="a field that nobody knows"),
        pytest.param({"employment_started_on": "0001-01-01"}, ["employment_started_on"], id="a date out of range"),
        pytest.param({"name": "Am\ud800ina"}, ["name"], id="half of a character"),
        pytest.param({"name": "Am\u0000ina"}, ["name"], id="a NUL"),
    ],
)
async def test_refused_input_names_the_field(authority: Authority, fields: dict[str, Any], named: list[str]) -> None:
    content = json.dumps(authority.body(**fields))
    problem = await authority.send(
        "POST", "/workers", 422, content=content, headers={"Content-Type": "application/json"}
    )
    assert fields_of(problem) == named


async def test_change_needs_the_version_that_was_read(authority: Authority) -> None:
    worker = await authority.worker()
    path = f"/workers/{worker}"
    await authority.send("PATCH", path, 428, json={"job_role": "lead"})
    changed = await authority.send("PATCH", path, 200, json={"job_role": "lead"}, headers={"If-Match": '"1"'})
    assert changed["job_role"] == "lead"
    problem = await authority.send("PATCH", path, 412, json={"job_role": "x"}, headers={"If-Match": '"1"'})
    assert problem["type"] == "/problems/changed-meanwhile"


async def test_a_change_that_changes_nothing_publishes_nothing(authority: Authority, database: Database) -> None:
    worker = await authority.worker(contracted_hours=37)
    await authority.change(worker, contracted_hours=37.0, job_role=" social worker ")
    assert len(await events_about(database, worker)) == 1


async def test_null_clears_what_may_be_empty_and_nothing_else(authority: Authority) -> None:
    manager = await authority.worker()
    worker = await authority.worker(line_manager_id=manager, email="a@example.org")
    cleared = await authority.change(worker, line_manager_id=None, email=None)
    assert (cleared["line_manager_id"], cleared["email"]) == (None, None)
    assert fields_of(await authority.change(worker, 422, name=None)) == ["name"]


async def test_nobody_is_managed_by_someone_they_manage(authority: Authority) -> None:
    top = await authority.worker()
    middle = await authority.worker(line_manager_id=top)
    bottom = await authority.worker(line_manager_id=middle)
    assert fields_of(await authority.change(top, 422, line_manager_id=bottom)) == ["line_manager_id"]
    assert fields_of(await authority.change(top, 422, line_manager_id=top)) == ["line_manager_id"]


async def test_a_manager_of_another_employer_or_one_who_left_is_refused(
    authority: Authority, client: httpx.AsyncClient
) -> None:
    stranger = await (await build_authority(client)).worker()
    former = await authority.worker(employment_ended_on="2026-01-31")
    for manager in (stranger, former):
        problem = await authority.send("POST", "/workers", 422, json=authority.body(line_manager_id=manager))
        assert fields_of(problem) == ["line_manager_id"]


async def test_a_worker_cannot_move_to_another_employer(authority: Authority, client: httpx.AsyncClient) -> None:
    worker = await authority.worker()
    elsewhere = await build_authority(client)
    assert fields_of(await authority.change(worker, 422, org_unit_id=elsewhere.team)) == ["org_unit_id"]


async def test_the_end_of_employment_is_known_at_once_and_announced_once_when_the_day_comes(
    authority: Authority, database: Database, clock: FakeClock
) -> None:
    worker = await authority.worker()
    post = await authority.post(holder_id=worker)
    await authority.change(worker, employment_ended_on="2026-03-04")
    async with database.transaction() as tx:
        await scan_leavers(tx)
    recorded = (await events_about(database, worker))[-1]
    assert isinstance(recorded, WorkerRecordedV1)
    assert recorded.employment_ended_on == date(2026, 3, 4)
    now = clock.instant
    try:
        clock.forward(days=3)
        for _ in range(2):
            async with database.transaction() as tx:
                await scan_leavers(tx)
    finally:
        clock.instant = now
    left = [event for event in await events_about(database, worker) if isinstance(event, WorkerLeftV1)]
    assert [event.left_on for event in left] == [date(2026, 3, 4)]
    assert (await authority.send("GET", f"/posts/{post}", 200))["vacant"] is True


async def test_someone_who_comes_back_and_leaves_again_is_announced_again(
    authority: Authority, database: Database
) -> None:
    worker = await authority.worker(employment_ended_on="2026-02-27")
    for ended in (None, "2026-02-27"):
        async with database.transaction() as tx:
            await scan_leavers(tx)
        await authority.change(worker, employment_ended_on=ended)
    async with database.transaction() as tx:
        await scan_leavers(tx)
    left = [event for event in await events_about(database, worker) if isinstance(event, WorkerLeftV1)]
    assert len(left) == 2


async def test_an_absence_is_recorded_listed_and_published_without_its_reason(
    authority: Authority, database: Database
) -> None:
    worker = await authority.worker()
    absence = await authority.absence(worker, "2026-02-02", "2026-02-06", "back pain")
    (listed,) = (await authority.send("GET", f"/workers/{worker}/absences", 200))["items"]
    assert (listed["from"], listed["to"], listed["reason"], listed["kind"]) == (
        "2026-02-02",
        "2026-02-06",
        "back pain",
        "not_stated",
    )
    event = (await events_about(database, worker))[-1]
    assert isinstance(event, AbsenceRecordedV1)
    assert event.absence_id == UUID(absence)
    assert "pain" not in event.model_dump_json()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"from": "2026-02-06", "to": "2026-02-02"}, ["to"], id="dates reversed"),
        pytest.param({"from": "2020-02-06", "to": "2020-02-07"}, ["from"], id="before employment"),
        pytest.param({"reason": " "}, ["reason"], id="no reason"),
        pytest.param({"kind": "boredom"}, ["kind"], id="an unknown kind"),
    ],
)
async def test_an_impossible_absence_names_the_field(
    authority: Authority, fields: dict[str, Any], named: list[str]
) -> None:
    worker = await authority.worker()
    body = {"from": "2026-02-02", "to": "2026-02-06", "reason": "flu", **fields}
    assert fields_of(await authority.send("POST", f"/workers/{worker}/absences", 422, json=body)) == named


async def test_a_corrected_absence_is_published_again_under_its_id(authority: Authority, database: Database) -> None:
    worker = await authority.worker()
    absence = await authority.absence(worker, "2026-02-02", "2026-02-06")
    path = f"/workers/{worker}/absences/{absence}"
    await authority.send("PATCH", path, 204, json={"to": "2026-02-04"}, headers={"If-Match": '"1"'})
    await authority.send("PATCH", path, 412, json={"to": "2026-02-05"}, headers={"If-Match": '"1"'})
    await authority.send("PATCH", path, 204, json={"kind": "training"}, headers={"If-Match": '"2"'})
    spans = [
        (event.from_on.day, event.to_on.day)
        for event in await events_about(database, worker)
        if isinstance(event, AbsenceRecordedV1)
    ]
    assert spans == [(2, 6), (2, 4)]


async def test_notes_are_erased_and_the_facts_stay(authority: Authority) -> None:
    worker = await authority.worker()
    await authority.absence(worker, "2026-02-02", "2026-02-06", "back pain")
    await authority.send("DELETE", f"/workers/{worker}/notes", 204)
    (listed,) = (await authority.send("GET", f"/workers/{worker}/absences", 200))["items"]
    assert (listed["reason"], listed["from"]) == (None, "2026-02-02")


async def test_workers_are_listed_in_pages_without_those_who_left(authority: Authority) -> None:
    wanted = [await authority.worker() for _ in range(5)]
    await authority.worker(employment_ended_on="2026-01-31")
    query = {"org_unit_id": authority.authority, "limit": "2"}
    seen: list[str] = []
    while True:
        page = await authority.send("GET", "/workers", 200, params=query)
        seen += [item["worker_id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == wanted
    everyone = await authority.send(
        "GET", "/workers", 200, params={"org_unit_id": authority.team, "include_left": "true"}
    )
    assert len(everyone["items"]) == 6


async def test_a_forged_cursor_and_an_unknown_unit_are_named(authority: Authority) -> None:
    await authority.send("GET", "/workers", 400, params={"cursor": "WyJ4Il0="})
    await authority.send("GET", "/workers", 404, params={"org_unit_id": str(uuid4())})
    await authority.send("GET", f"/workers/{uuid4()}", 404)


async def test_people_see_those_whom_their_role_covers(authority: Authority, client: httpx.AsyncClient) -> None:
    other_team = await authority.unit("South", "team", authority.service)
    manager = await authority.worker()
    mine = await authority.worker(line_manager_id=manager)
    theirs = await authority.worker(org_unit_id=other_team)
    stranger = await (await build_authority(client)).worker()
    cases = [
        (someone("practitioner", mine, authority.team), {mine}),
        (someone("team_manager", manager, authority.team), {manager, mine}),
        (someone("team_manager", manager, other_team), {manager, mine, theirs}),
        (someone("principal_social_worker", None, authority.team), {manager, mine, theirs}),
        (someone("senior_leader", None, authority.team), {manager, mine, theirs}),
        (someone("workforce_admin", None, authority.authority), {manager, mine, theirs}),
    ]
    for headers, visible in cases:
        listed = (await client.get("/v1/workforce/workers", headers=headers)).json()["items"]
        assert {item["worker_id"] for item in listed} == visible
        for worker in (manager, mine, theirs, stranger):
            answer = await client.get(f"/v1/workforce/workers/{worker}", headers=headers)
            assert answer.status_code == (200 if worker in visible else 403), answer.text


@pytest.mark.parametrize("role", ["integration", "reporting", "concerns_guardian", "platform_admin", "service"])
async def test_names_do_not_leave_to_other_roles(authority: Authority, client: httpx.AsyncClient, role: str) -> None:
    worker = await authority.worker()
    for path in (f"/v1/workforce/workers/{worker}", "/v1/workforce/workers"):
        assert (await client.get(path, headers=someone(role, None, authority.team))).status_code == 403


async def test_a_contact_is_for_services_only(authority: Authority, client: httpx.AsyncClient) -> None:
    worker = await authority.worker(name="Amina Shah", email="amina@example.org", registration_number="SW7")
    path = f"/v1/workforce/workers/{worker}/contact"
    answer = await client.get(path, headers=someone("service"))
    assert answer.json() == {"name": "Amina Shah", "email": "amina@example.org", "registration_number": "SW7"}
    for role in ("workforce_admin", "platform_admin", "team_manager"):
        assert (await client.get(path, headers=someone(role, worker, authority.team))).status_code == 403
    assert (await client.get(path)).status_code == 401
    unknown = await client.get(f"/v1/workforce/workers/{uuid4()}/contact", headers=someone("service"))
    assert unknown.status_code == 404


async def test_an_administrator_of_one_authority_cannot_write_in_another(
    authority: Authority, client: httpx.AsyncClient
) -> None:
    elsewhere = await build_authority(client)
    worker = await elsewhere.worker()
    elsewhere.headers = someone("workforce_admin", None, authority.authority)
    await elsewhere.send("POST", "/workers", 403, json=elsewhere.body())
    await elsewhere.send("PATCH", f"/workers/{worker}", 403, json={"job_role": "x"}, headers={"If-Match": '"1"'})
    await elsewhere.send("POST", "/org-units", 403, json={"name": "X", "kind": "team", "parent_id": elsewhere.service})
    await elsewhere.send("POST", "/org-units", 400, json={"name": "X", "kind": "authority"})


def test_migrated_tables_are_the_described_tables(postgres: str) -> None:
    service = load("workforce")
    assert migrations.drift(fresh_database(postgres, service), service.tables) == []
