"""Who an employee reference belongs to, for services that were sent a token with one."""

from __future__ import annotations

import httpx
import pytest

from services.workforce.tests.builders import Authority, build_authority, someone


async def ask(client: httpx.AsyncClient, employee_ref: str, role: str = "service") -> httpx.Response:
    return await client.get(
        "/v1/workforce/employed", params={"employee_ref": employee_ref}, headers=someone(role, None)
    )


async def test_a_reference_leads_to_the_one_worker_who_is_employed_today(
    authority: Authority, client: httpx.AsyncClient
) -> None:
    body = authority.body()
    worker = (await authority.send("POST", "/workers", 201, json=body))["worker_id"]
    answer = await ask(client, body["employee_ref"])
    assert answer.json() == {"worker_id": worker, "org_unit_id": authority.team}
    assert (await ask(client, body["employee_ref"] + "x")).status_code == 404


async def test_someone_who_has_left_is_nobody_any_more(authority: Authority, client: httpx.AsyncClient) -> None:
    body = {**authority.body(), "employment_ended_on": "2026-03-01"}
    await authority.send("POST", "/workers", 201, json=body)
    assert (await ask(client, body["employee_ref"])).status_code == 404


async def test_no_guess_is_made_between_two_employers(authority: Authority, client: httpx.AsyncClient) -> None:
    elsewhere = await build_authority(client)
    body = authority.body()
    await authority.send("POST", "/workers", 201, json=body)
    await elsewhere.send("POST", "/workers", 201, json={**body, "org_unit_id": elsewhere.team})
    assert (await ask(client, body["employee_ref"])).status_code == 404


@pytest.mark.parametrize("role", ["workforce_admin", "platform_admin", "reporting", "practitioner"])
async def test_only_services_may_ask(authority: Authority, client: httpx.AsyncClient, role: str) -> None:
    assert (await ask(client, "anything", role)).status_code == 403
