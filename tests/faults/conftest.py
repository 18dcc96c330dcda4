"""One deployment for all fault tests: faults come one after the other, and everything must hold after each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster
from tests.faults.journal import Journal
from tests.faults.proxy import Proxy
from tests.support.plugin import Broker


@pytest.fixture(scope="session")
async def network(cluster_kafka: Broker) -> AsyncIterator[Proxy]:
    async with Proxy(cluster_kafka.advertised_port, cluster_kafka.port) as proxy:
        yield proxy


@pytest.fixture(scope="session")
async def cluster(tmp_path_factory: pytest.TempPathFactory, network: Proxy) -> AsyncIterator[Cluster]:
    async with Cluster(tmp_path_factory.mktemp("cluster"), network.address) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    folder: Path = tmp_path_factory.mktemp("journal")
    journal = Journal(folder / "answers.jsonl")
    yield journal
    journal.close()
