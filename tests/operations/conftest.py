"""One deployment that is watched: it sends traces to a collector, mail to a mailbox, and logs all that it ever would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from tests.e2e.deployment import Deployment
from tests.e2e.mail import Mailbox
from tests.e2e.place import Place
from tests.operations.collector import Collector, collecting
from tests.support.kafka.broker import free_port


@pytest.fixture(scope="package")
def collector() -> Iterator[Collector]:
    """Where the watched deployment sends its traces."""
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="package")
def letterbox() -> Iterator[Mailbox]:
    """Where it sends its mail."""
    mailbox = Mailbox(free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    yield mailbox
    controller.stop()


@pytest.fixture(scope="package")
def watched(tmp_path_factory: pytest.TempPathFactory, collector: Collector, letterbox: Mailbox) -> Iterator[Deployment]:
    """Everything in one process on the embedded bus."""
    given = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "LOG_LEVEL": "DEBUG",
        **letterbox.environment,
    }
    deployment = Deployment(tmp_path_factory.mktemp("watched") / "home", environment=given)
    try:
        yield deployment
    finally:
        status = deployment.stop()
    assert status == 0, f"the deployment ended with {status}: {deployment.log()[-3000:]}"


@pytest.fixture(scope="package")
def place(watched: Deployment) -> Place:
    """An authority in it."""
    return Place(watched)
