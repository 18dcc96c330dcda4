"""One deployment for all fault tests: faults come one after the other, and everything must hold after each."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster
from tests.faults.journal import Journal
from tests.faults.proxy import Proxy
from tests.faults.what_holds import WHAT_HOLDS
from tests.faults.world import World
from tests.proof import record
from tests.proof.results import slug
from tests.support.plugin import Broker


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(kind, says): a fault case, whose outcome goes on record")
    config.addinivalue_line("markers", "checks(invariant): a checker of an invariant that must find the bug put back")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put each case on record, passed or not."""
    report = yield
    if report.when != "call" or report.skipped:
        return report
    if report.failed:
        logging.getLogger(__name__).error("%s\n%s", _sentence(item), str(call.excinfo and call.excinfo.value)[:3000])
    if fault := item.get_closest_marker("fault"):
        says = fault.args[1] if len(fault.args) > 1 else _sentence(item)
        outcome = {"kind": fault.args[0], "case": says, "passed": report.passed, "seconds": round(report.duration)}
        record("faults", slug(says), outcome)
    for number in _checked(item):
        bug = re.sub(r" (is|are) found by .*", "", _sentence(item))
        outcome = {"invariant": number, "says": WHAT_HOLDS[number], "bug": bug, "passed": report.passed}
        record("checkers", slug(f"{number} {bug}")[:120].strip("-"), outcome)
    return report


def _checked(item: pytest.Item) -> list[str]:
    """The invariants whose checkers a test checks: by its marker, or as its name says."""
    if checks := item.get_closest_marker("checks"):
        return [str(checks.args[0])]
    found = re.search(r"found_by_(i\d+(?:_and_i\d+)*)", item.name)
    return found[1].upper().split("_AND_") if found else []


def _sentence(item: pytest.Item) -> str:
    """The name of a test as words, with its parameters."""
    name, _, given = item.name.removeprefix("test_").partition("[")
    return name.replace("_", " ") + (f": {given.removesuffix(']')}" if given else "")


@pytest.fixture(scope="package")
async def network(cluster_kafka: Broker) -> AsyncIterator[Proxy]:
    async with Proxy(cluster_kafka.advertised_port, cluster_kafka.port) as proxy:
        yield proxy


@pytest.fixture(scope="package")
async def cluster(tmp_path_factory: pytest.TempPathFactory, network: Proxy) -> AsyncIterator[Cluster]:
    async with Cluster(tmp_path_factory.mktemp("cluster"), network.address) as cluster:
        yield cluster


@pytest.fixture(scope="package")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    folder: Path = tmp_path_factory.mktemp("journal")
    journal = Journal(folder / "answers.jsonl")
    yield journal
    journal.close()


@pytest.fixture(scope="package")
def world(cluster: Cluster, journal: Journal, network: Proxy, cluster_kafka: Broker) -> World:
    return World(cluster, journal, network, cluster_kafka)
