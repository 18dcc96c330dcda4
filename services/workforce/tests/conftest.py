"""One workforce app on one fresh database for the whole session; each test builds an authority of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.database import Database
from chassis.testing import MONDAY_MORNING, FakeClock, load, serving
from services.workforce.tests.builders import Authority, build_authority


@pytest.fixture(scope="session")
def clock() -> FakeClock:
    return FakeClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
async def served(postgres: str, clock: FakeClock) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    async with serving(postgres, load("workforce"), clock) as pair:
        yield pair


@pytest.fixture
def client(served: tuple[httpx.AsyncClient, Database]) -> httpx.AsyncClient:
    return served[0]


@pytest.fixture
def database(served: tuple[httpx.AsyncClient, Database]) -> Database:
    return served[1]


@pytest.fixture
async def authority(client: httpx.AsyncClient) -> Authority:
    return await build_authority(client)
