"""The embedded adapter keeps the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from chassis.bus.embedded import EmbeddedBus
from chassis.bus.tests.contract import BusContract
from chassis.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("pg"), for_tests=True) as server:
        yield server.create_database("bus")


@pytest.fixture(scope="module")
async def bus(postgres_url: str) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(postgres_url)
    yield bus
    await bus.close()


class TestEmbeddedBus(BusContract):
    """The log table in PostgreSQL."""
