"""One allocation app for tests that need no particular time, and one of its own for each test that moves the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.database import Database
from chassis.testing import MONDAY_MORNING, FakeClock, serving
from services.allocation.tests.office import SERVICE, Office


@pytest.fixture(scope="session")
async def served(postgres: str) -> AsyncIterator[tuple[httpx.AsyncClient, Database, FakeClock]]:
    clock = FakeClock(MONDAY_MORNING)
    async with serving(postgres, SERVICE, clock) as (client, database):
        yield client, database, clock


@pytest.fixture
async def office(served: tuple[httpx.AsyncClient, Database, FakeClock]) -> Office:
    return await Office(*served).open()


@pytest.fixture
async def timed(postgres: str) -> AsyncIterator[Office]:
    clock = FakeClock(MONDAY_MORNING)
    async with serving(postgres, SERVICE, clock) as (client, database):
        yield await Office(client, database, clock).open()
