"""The deployments that journeys share: one on the embedded bus, one on Kafka with a process for each service."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.e2e.deployment import Deployment
from tests.e2e.mail import Mailbox
from tests.e2e.place import Place


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server on this machine that keeps what it gets."""
    mailbox = Mailbox(_free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    yield mailbox
    controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Deployment]:
    """Everything in one process on the embedded bus, sending its mail to the mailbox."""
    yield from _running(tmp_path_factory.mktemp("embedded") / "home", environment=mailbox.environment)


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session", params=["embedded", "on_kafka"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Each of the two in turn."""
    found: Deployment = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def place(deployment: Deployment) -> Place:
    """An authority in each of the two deployments."""
    return Place(deployment)


@pytest.fixture(scope="session")
def town(embedded: Deployment) -> Place:
    """An authority on the embedded bus, shared by journeys that need only one kind of deployment."""
    return Place(embedded)
