"""The check that nobody enters who may not finds its bugs: every route, as everyone, where a lock is left open (I17)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from chassis.permissions import AUTHORITY, Allow, Caller, Scope
from chassis.testing import FakeClock, serving
from plumbline.services import load
from tests.security import test_access_matrix as matrix

NAME = "supervision"


@pytest.fixture
async def served(postgres: str) -> AsyncIterator[matrix.Served]:
    async with serving(postgres, load(NAME), FakeClock(matrix.NOW)) as (client, database):
        document = (await client.get("/openapi.json")).json()
        places = await matrix._two_authorities(NAME, database)
        yield matrix.Served(client, tuple(matrix.operations(document)), *places)


@pytest.mark.checks("I17")
async def test_a_route_that_does_not_say_who_may_call_it(served: matrix.Served) -> None:
    await matrix.test_every_route_says_who_may_call_it(served)
    first, *others = served.operations
    with pytest.raises(AssertionError):
        await matrix.test_every_route_says_who_may_call_it(
            replace(served, operations=(replace(first, allow={}), *others))
        )


@pytest.mark.checks("I17")
async def test_a_route_that_lets_every_role_in(served: matrix.Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def anyone(_self: Allow, _roles: frozenset[str]) -> Scope:
        return AUTHORITY

    monkeypatch.setattr(Allow, "scope_for", anyone)
    with pytest.raises(AssertionError):
        await matrix.test_a_role_that_is_not_named_is_turned_away_before_anything_is_read(served)


@pytest.mark.checks("I17")
async def test_a_caller_whose_reach_nobody_looks_at(served: matrix.Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def reached(self: Caller, _tx: object, _object: UUID) -> None:
        self.nothing_to_reach()

    monkeypatch.setattr(Caller, "reach_worker", reached)
    monkeypatch.setattr(Caller, "reach_unit", reached)
    with pytest.raises(AssertionError):
        await matrix.test_a_role_that_is_named_reaches_nothing_of_another_authority(served)
