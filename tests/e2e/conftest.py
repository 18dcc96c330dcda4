"""The deployments that journeys share: one on the embedded bus, one on Kafka with a process for each service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.e2e.deployment import Deployment
from tests.e2e.mail import Mailbox
from tests.e2e.place import Place
from tests.support.kafka.broker import free_port


@pytest.fixture(scope="package")
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server on this machine that keeps what it gets."""
    mailbox = Mailbox(free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    yield mailbox
    controller.stop()


@pytest.fixture(scope="package")
def embedded(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Deployment]:
    """Everything in one process on the embedded bus, sending its mail to the mailbox."""
    yield from _running(tmp_path_factory.mktemp("embedded") / "home", environment=mailbox.environment)


@pytest.fixture(scope="package")
def on_kafka(tmp_path_factory: pytest.TempPathFactory, kafka: str) -> Iterator[Deployment]:
    """One process for each service, on a real Apache Kafka."""
    yield from _running(tmp_path_factory.mktemp("kafka") / "home", "--bus", f"kafka://{kafka}", "--processes")


def _running(home: Path, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[Deployment]:
    deployment = Deployment(home, *arguments, environment=environment)
    try:
        yield deployment
    finally:
        status = deployment.stop()
    assert status == 0, f"the deployment ended with {status}: {deployment.log()[-3000:]}"


@pytest.fixture(scope="package", params=["embedded", "on_kafka"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Each of the two in turn."""
    found: Deployment = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="package")
def place(deployment: Deployment) -> Place:
    """An authority in each of the two deployments."""
    return Place(deployment)


@pytest.fixture(scope="package")
def town(embedded: Deployment) -> Place:
    """An authority on the embedded bus, shared by journeys that need only one kind of deployment."""
    return Place(embedded)
