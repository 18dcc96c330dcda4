"""A migrated database of accountability, and a small authority to play in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chassis.database import Database, Tx
from chassis.testing import MONDAY_MORNING, FakeClock, open_database, rolled_back
from services.accountability.service import service
from services.accountability.tests.authority import Authority


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
def session_clock() -> FakeClock:
    return FakeClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
async def database(postgres: str, session_clock: FakeClock) -> AsyncIterator[Database]:
    async with open_database(postgres, service, session_clock) as opened:
        yield opened


@pytest.fixture
async def tx(database: Database, session_clock: FakeClock) -> AsyncIterator[Tx]:
    """A transaction that is rolled back, on Monday 2 March 2026 at nine."""
    session_clock.instant = MONDAY_MORNING
    async with rolled_back(database) as transaction:
        yield transaction


@pytest.fixture
async def fresh(postgres: str, clock: FakeClock) -> AsyncIterator[Database]:
    """A database of its own, for what must really commit."""
    async with open_database(postgres, service, clock) as opened:
        yield opened


@pytest.fixture
def place() -> Authority:
    return Authority()
