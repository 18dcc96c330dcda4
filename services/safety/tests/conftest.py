"""The world that safety's tests happen in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chassis.testing import FakeClock, serving
from services.safety.service import service
from services.safety.tests.world import World

SECRET = "a long random text"


@pytest.fixture
async def world(postgres: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Monday 2 March 2026, 12:00, in an authority with a service and a team."""
    monkeypatch.setenv("CASE_KEY_SECRET", SECRET)
    clock = FakeClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    async with serving(postgres, service, clock) as (client, database):
        yield await World(client, database, clock).begin()
