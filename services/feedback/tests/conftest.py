"""The world that feedback's tests happen in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chassis.testing import FakeClock, serving
from services.feedback.service import service
from services.feedback.tests.world import World


@pytest.fixture
async def world(postgres: str) -> AsyncIterator[World]:
    """Monday 2 March 2026, 12:00, in an authority with a service and three teams."""
    clock = FakeClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    async with serving(postgres, service, clock) as (client, database):
        yield await World(client, database, clock).begin()
