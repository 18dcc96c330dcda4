"""The pytest plugin that offers a real broker to tests, says loudly when there was none, and spreads a run over processes."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import Any, NoReturn

import pytest

from tests.support.kafka.broker import KafkaBroker, free_port
from tests.support.kafka.choice import KafkaUnavailableError, own_broker
from tests.support.kafka.docker import DockerBroker
from tests.support.spread import Units, longest_first

Broker = KafkaBroker | DockerBroker
_UNTESTED = pytest.StashKey[str]()
_UNTESTED_THERE = "why Kafka was not tested"


def _start(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, name: str, advertised_port: int = 0
) -> Broker:
    reason = request.config.stash.get(_UNTESTED, "")
    try:
        broker = None if reason else own_broker(tmp_path_factory.mktemp(name), advertised_port)
    except KafkaUnavailableError as failure:
        broker, reason = None, str(failure)
    if broker is None:
        request.config.stash[_UNTESTED] = reason
        _without_kafka(reason)
    return broker


def _without_kafka(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"Kafka must be tested here and cannot be: {reason}", pytrace=False)
    pytest.skip(f"Kafka was not tested: {reason}")


@pytest.fixture(scope="session")
def kafka_broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The broker of this run, which a test may pause or restart if it leaves it running with its log."""
    broker = _start(request, tmp_path_factory, "kafka")
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def cluster_kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker for the one deployment of the fault tests, behind a port that is theirs to put a proxy on."""
    broker = _start(request, tmp_path_factory, "cluster-kafka", free_port())
    yield broker
    broker.stop()


@pytest.fixture
def spare_kafka_broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker for one test alone, which may do anything to it."""
    broker = _start(request, tmp_path_factory, "spare-kafka")
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> str:
    """Bootstrap servers of a real broker: ``KAFKA_BOOTSTRAP_SERVERS``, else the broker of this run."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        return given
    broker: Broker = request.getfixturevalue("kafka_broker")
    return broker.bootstrap


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Make it the very last line of the run: everything else has been written when this goes on."""
    config = session.config
    if _is_one_of_several(config):
        config.workeroutput[_UNTESTED_THERE] = config.stash.get(_UNTESTED, "")  # type: ignore[attr-defined] # pytest-xdist's
    yield
    reason, reporter = config.stash.get(_UNTESTED, ""), config.pluginmanager.get_plugin("terminalreporter")
    if reason and reporter is not None:
        reporter.write_line("")
        reporter.write_line(f"KAFKA WAS NOT TESTED: {reason}", red=True, bold=True)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a process of the run whether it had a broker."""
    if reason := (getattr(node, "workeroutput", None) or {}).get(_UNTESTED_THERE):
        node.config.stash[_UNTESTED] = reason


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run in one process keeps the order in which tests are written."""
    if _is_one_of_several(config):
        longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Units | None:
    """With ``-n`` and no other ``--dist``, tests are spread by what they share."""
    return Units(config, log) if config.getvalue("dist") == "load" else None


def _is_one_of_several(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")
