"""Finding the worker behind a token that names an employee, and what happens when there is none."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from chassis import people as module
from chassis.claims import Claims
from chassis.clients import Clients
from chassis.people import People
from chassis.problems import Forbidden, Unavailable
from chassis.tokens import TokenIssuer

FOUND = {"worker_id": "w1", "org_unit_id": "u1"}


class Workforce:
    """Stands where workforce answers."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return httpx.Response(self.status, json=FOUND)


def people(answer: Callable[[httpx.Request], httpx.Response]) -> People:
    clients = Clients({"workforce": "http://workforce"}, TokenIssuer.generate("urn:plumbline:services", "plumbline"))
    clients._http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return People(clients)


def claims(employee_ref: str | None = "E/1 2", worker_id: str | None = None, org_unit_id: str | None = None) -> Claims:
    return Claims("someone", frozenset({"team_manager"}), worker_id, org_unit_id, 0, employee_ref)


async def test_the_worker_and_the_unit_are_found_once_and_kept() -> None:
    workforce = Workforce()
    known = people(workforce)
    for _ in range(3):
        found = await known.complete(claims())
        assert (found.worker_id, found.org_unit_id, found.subject) == ("w1", "u1", "someone")
    assert workforce.asked == ["http://workforce/v1/workforce/employed?employee_ref=E%2F1%202"]


async def test_what_the_token_says_itself_comes_first() -> None:
    workforce = Workforce()
    known = people(workforce)
    assert (await known.complete(claims(worker_id="w2"))).worker_id == "w2"
    assert (await known.complete(claims(employee_ref=None))).worker_id is None
    assert workforce.asked == []
    assert (await known.complete(claims(org_unit_id="u2"))).org_unit_id == "u2"


async def test_someone_unknown_is_refused_instead_of_passing_for_a_system_without_a_unit() -> None:
    workforce = Workforce()
    workforce.status = 404
    known = people(workforce)
    for _ in range(2):
        with pytest.raises(Forbidden, match="employee reference"):
            await known.complete(claims())
    assert len(workforce.asked) == 1


async def test_an_outage_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    workforce = Workforce()
    workforce.status = 503
    known = people(workforce)
    with pytest.raises(Unavailable):
        await known.complete(claims())
    workforce.status = 200
    assert (await known.complete(claims())).worker_id == "w1"
    monkeypatch.setattr(module, "monotonic", lambda: 1e12)
    workforce.status = 404
    with pytest.raises(Forbidden):
        await known.complete(claims())


async def test_without_a_key_of_its_own_a_service_says_what_is_missing() -> None:
    with pytest.raises(Unavailable, match="service key"):
        await People(Clients({}, None)).complete(claims())
