"""The world that cpd's tests happen in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chassis.testing import FakeClock, serving
from services.cpd.service import service
from services.cpd.tests.world import World


@pytest.fixture
async def world(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Monday 2 March 2026, 12:00, in a team with a manager; attachments go to a folder of the test."""
    monkeypatch.setenv("ATTACHMENTS_FOLDER", str(tmp_path / "attachments"))
    clock = FakeClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    async with serving(postgres, service, clock) as (client, database):
        yield await World(client, database, clock, folder=tmp_path / "attachments").begin()
