"""The org tree and the people accountable for it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.database import Database
from chassis.testing import published
from contracts.workforce import AccountableChangedV1, OrgUnitRecordedV1
from services.workforce.tests.builders import Authority, build_authority, someone


async def events_about(database: Database, subject: str) -> list[Any]:
    async with database.reading() as tx:
        return [event for event in await published(tx) if event.subject == subject]


async def test_the_tree_is_read_parents_before_children_and_in_pages(authority: Authority) -> None:
    south = await authority.unit("South", "team", authority.service)
    adults = await authority.unit("Adults", "service", authority.authority)
    whole = await authority.send("GET", "/org-units", 200, params={"under": authority.authority})
    assert [(item["name"], item["depth"]) for item in whole["items"]][1:] == [
        ("Children", 1),
        ("North", 2),
        ("South", 2),
        ("Adults", 1),
    ]
    part = await authority.send("GET", "/org-units", 200, params={"under": authority.service})
    assert [item["org_unit_id"] for item in part["items"]] == [authority.service, authority.team, south]
    first = await authority.send("GET", "/org-units", 200, params={"under": authority.authority, "limit": 4})
    query = {"under": authority.authority, "cursor": first["next"]}
    second = await authority.send("GET", "/org-units", 200, params=query)
    assert ([item["org_unit_id"] for item in second["items"]], second["next"]) == ([adults], None)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        pytest.param({"kind": "directorate"}, "parent_id", id="a directorate does not lie in a service"),
        pytest.param({"parent_id": str(uuid4())}, "parent_id", id="an unknown parent"),
        pytest.param({"kind": "galaxy"}, "kind", id="an unknown kind"),
        pytest.param({"name": " "}, "name", id="no name"),
    ],
)
async def test_an_impossible_unit_names_the_field(authority: Authority, fields: dict[str, Any], named: str) -> None:
    body = {"name": "X", "kind": "team", "parent_id": authority.service, **fields}
    problem = await authority.send("POST", "/org-units", 422, json=body)
    assert [error["field"] for error in problem["errors"]] == [named]


async def test_a_renamed_unit_publishes_nothing_because_names_do_not_travel(
    authority: Authority, database: Database
) -> None:
    path = f"/org-units/{authority.team}"
    await authority.send("PATCH", path, 428, json={"name": "Far North"})
    renamed = await authority.send("PATCH", path, 200, json={"name": "Far North"}, headers={"If-Match": '"1"'})
    assert (renamed["name"], renamed["parent_id"]) == ("Far North", authority.service)
    assert len(await events_about(database, authority.team)) == 1


async def test_a_moved_unit_takes_its_people_along(
    authority: Authority, client: httpx.AsyncClient, database: Database
) -> None:
    adults = await authority.unit("Adults", "service", authority.authority)
    worker = await authority.worker()
    head = someone("team_manager", None, adults)
    assert (await client.get(f"/v1/workforce/workers/{worker}", headers=head)).status_code == 403
    path = f"/org-units/{authority.team}"
    await authority.send("PATCH", path, 200, json={"parent_id": adults}, headers={"If-Match": '"1"'})
    assert (await client.get(f"/v1/workforce/workers/{worker}", headers=head)).status_code == 200
    event = (await events_about(database, authority.team))[-1]
    assert isinstance(event, OrgUnitRecordedV1)
    assert str(event.parent_id) == adults


async def test_a_unit_moves_neither_below_itself_nor_to_another_employer(
    authority: Authority, client: httpx.AsyncClient
) -> None:
    elsewhere = await build_authority(client)
    for unit, parent in (
        (authority.service, authority.team),
        (authority.team, elsewhere.service),
        (authority.team, None),
    ):
        problem = await authority.send(
            "PATCH", f"/org-units/{unit}", 422, json={"parent_id": parent}, headers={"If-Match": '"1"'}
        )
        assert [error["field"] for error in problem["errors"]] == ["parent_id"]


async def test_an_authority_may_join_a_region_later(authority: Authority) -> None:
    region = await authority.unit("North East", "region", None)
    await authority.send(
        "PATCH", f"/org-units/{authority.authority}", 200, json={"parent_id": region}, headers={"If-Match": '"1"'}
    )
    assert (await authority.send("GET", f"/org-units/{authority.team}", 200))["depth"] == 3


async def test_accountability_has_dates_and_a_name_today(authority: Authority, database: Database) -> None:
    first, second, third = [await authority.worker() for _ in range(3)]
    path = f"/org-units/{authority.team}/accountable"
    for worker, since in ((first, "2025-01-01"), (second, "2026-01-01"), (third, "2026-06-01"), (second, "2026-01-01")):
        answer = await authority.send("PUT", path, 200, json={"worker_id": worker, "from": since})
    assert [(item["worker_id"], item["from"], item["to"]) for item in answer["items"]] == [
        (first, "2025-01-01", "2025-12-31"),
        (second, "2026-01-01", "2026-05-31"),
        (third, "2026-06-01", None),
    ]
    assert (await authority.send("GET", f"/org-units/{authority.team}", 200))["accountable_worker_id"] == second
    appointed = [e for e in await events_about(database, authority.team) if isinstance(e, AccountableChangedV1)]
    assert len(appointed) == 3


async def test_nobody_unknown_or_gone_is_accountable(authority: Authority) -> None:
    gone = await authority.worker(employment_ended_on="2025-12-31")
    path = f"/org-units/{authority.team}/accountable"
    await authority.send("PUT", path, 422, json={"worker_id": gone, "from": "2026-01-01"})
    await authority.send("PUT", path, 404, json={"worker_id": str(uuid4()), "from": "2026-01-01"})
    await authority.send(
        "PUT", f"/org-units/{uuid4()}/accountable", 404, json={"worker_id": gone, "from": "2025-01-01"}
    )


@pytest.mark.parametrize("role", ["practitioner", "team_manager", "senior_leader", "integration", "reporting"])
async def test_everyone_sees_the_tree_of_their_own_authority_and_few_shape_it(
    authority: Authority, client: httpx.AsyncClient, role: str
) -> None:
    elsewhere = await build_authority(client)
    headers = someone(role, await authority.worker(), authority.team)
    seen = (await client.get("/v1/workforce/org-units", headers=headers)).json()["items"]
    assert {item["org_unit_id"] for item in seen} == {authority.authority, authority.service, authority.team}
    assert (await client.get(f"/v1/workforce/org-units/{elsewhere.team}", headers=headers)).status_code == 403
    body = {"name": "X", "kind": "team", "parent_id": authority.service}
    assert (await client.post("/v1/workforce/org-units", json=body, headers=headers)).status_code == 403
