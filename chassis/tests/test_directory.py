"""The local copy of who belongs where, and what permissions make of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis import directory
from chassis.database import Database, Tx
from chassis.ids import new_id
from chassis.permissions import NOWHERE, Allow, Caller, Scope
from chassis.routing import DeclaredRoute, Routes, UndeclaredRoute
from chassis.testing import MONDAY_MORNING, FakeClock, rolled_back, serving, token
from chassis.tests.sample.service import service


@pytest.fixture
async def served(postgres: str) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    async with serving(postgres, service, FakeClock(MONDAY_MORNING)) as pair:
        yield pair


async def path_of(tx: Tx, unit: UUID) -> list[UUID]:
    path: list[UUID] = await tx.fetch_value("select path from directory_units where org_unit_id = %(u)s", {"u": unit})
    return path


async def test_a_child_that_arrives_before_its_parent_finds_its_place(
    served: tuple[httpx.AsyncClient, Database],
) -> None:
    _, database = served
    top, middle, leaf = new_id(), new_id(), new_id()
    async with rolled_back(database) as tx:
        await directory.record_unit(tx, leaf, middle, "team", 1)
        await directory.record_unit(tx, middle, top, "service", 1)
        await directory.record_unit(tx, top, None, "authority", 1)
        assert await path_of(tx, leaf) == [top, middle, leaf]


async def test_an_old_fact_never_overwrites_a_newer_one(served: tuple[httpx.AsyncClient, Database]) -> None:
    _, database = served
    worker, old, new = new_id(), new_id(), new_id()
    async with rolled_back(database) as tx:
        await directory.record_worker(tx, worker, new, None, None, 2)
        await directory.record_worker(tx, worker, old, None, date(2026, 1, 1), 1)
        row = await tx.fetch_one("select org_unit_id, left_on from directory_workers")
        assert row == {"org_unit_id": new, "left_on": None}


class Place:
    """Two authorities; in the first a service with two teams, a manager over a worker in each."""

    def __init__(self) -> None:
        self.authority, self.service, self.north, self.south, self.elsewhere = (new_id() for _ in range(5))
        self.manager, self.in_north, self.in_south, self.far = (new_id() for _ in range(4))

    async def record(self, database: Database) -> None:
        async with database.transaction() as tx:
            await directory.record_unit(tx, self.authority, None, "authority", 1)
            await directory.record_unit(tx, self.service, self.authority, "service", 1)
            await directory.record_unit(tx, self.north, self.service, "team", 1)
            await directory.record_unit(tx, self.south, self.service, "team", 1)
            await directory.record_unit(tx, self.elsewhere, None, "authority", 1)
            await directory.record_worker(tx, self.manager, self.north, None, None, 1)
            await directory.record_worker(tx, self.in_north, self.north, self.manager, None, 1)
            await directory.record_worker(tx, self.in_south, self.south, self.manager, None, 1)
            await directory.record_worker(tx, self.far, self.elsewhere, None, None, 1)


async def test_each_role_reaches_whom_it_is_named_for_and_nobody_else(
    served: tuple[httpx.AsyncClient, Database],
) -> None:
    client, database = served
    place = Place()
    await place.record(database)
    own: dict[str, Any] = {"roles": ["practitioner"], "worker_id": place.in_north, "org_unit_id": place.north}
    manager = {"roles": ["team_manager"], "worker_id": place.manager, "org_unit_id": place.north}
    head = {"roles": ["team_manager"], "org_unit_id": place.service}
    admin = {"roles": ["workforce_admin"], "org_unit_id": place.north}
    everyone = {"roles": ["workforce_admin"]}
    cases: list[tuple[str, dict[str, Any], UUID, int]] = [
        ("a practitioner sees the own record", own, place.in_north, 200),
        ("a practitioner does not see a colleague", own, place.manager, 403),
        ("a manager sees the own team", manager, place.in_north, 200),
        ("a manager sees a worker managed in another team", manager, place.in_south, 200),
        ("a head of service sees the units below", head, place.in_south, 200),
        ("a head of service does not see another authority", head, place.far, 403),
        ("an administrator sees the own authority", admin, place.in_south, 200),
        ("an administrator does not see another authority", admin, place.far, 403),
        ("an administrator without a unit sees the deployment", everyone, place.far, 200),
        ("an unknown worker is answered like one out of reach", manager, new_id(), 403),
    ]
    for sentence, claims, worker, expected in cases:
        answer = await client.get(f"/v1/sample/workers/{worker}", headers=token(**claims))
        assert answer.status_code == expected, sentence


def test_a_route_without_a_declaration_does_not_start() -> None:
    async def endpoint() -> None: ...

    with pytest.raises(UndeclaredRoute):
        DeclaredRoute("/x", endpoint)
    with pytest.raises(TypeError):
        Routes("sample").get("/x")  # type: ignore[call-arg] # the declaration is what is missing
    with pytest.raises(ValueError, match="no such role"):
        Allow(nobody="own")  # type: ignore[arg-type] # the role is what is wrong


@pytest.mark.parametrize(
    ("sentence", "scope", "has_unit", "bound"),
    [
        ("the whole deployment has no bound", Scope.AUTHORITY, False, None),
        ("the own record is part of no unit", Scope.OWN, True, NOWHERE),
        ("someone without a unit is bound to nothing", Scope.UNIT, False, NOWHERE),
    ],
)
async def test_a_list_never_takes_a_missing_unit_for_no_bound(
    served: tuple[httpx.AsyncClient, Database], sentence: str, scope: Scope, has_unit: bool, bound: UUID | None
) -> None:
    _, database = served
    caller = Caller("someone", frozenset(), new_id(), new_id() if has_unit else None, scope)
    async with rolled_back(database) as tx:
        assert await caller.resolve(tx) == bound, sentence
