"""Which broker a test run gets: one of its own from Java and Maven, else from Docker, else none with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.kafka.broker import KafkaBroker
from tests.support.kafka.docker import DockerBroker, docker_answers


class KafkaUnavailableError(Exception):
    """No broker can be had on this machine; the message says what is missing."""


def own_broker(home: Path, advertised_port: int = 0) -> KafkaBroker | DockerBroker:
    """A started broker that nobody else uses; ``advertised_port`` is that of a proxy in front of it."""
    broker: KafkaBroker | DockerBroker
    if shutil.which("java") and shutil.which("mvn"):
        broker = KafkaBroker(home=home, advertised_port=advertised_port)
    elif docker_answers():
        broker = DockerBroker(advertised_port=advertised_port)
    else:
        raise KafkaUnavailableError("no KAFKA_BOOTSTRAP_SERVERS, no Java with Maven, no Docker")
    try:
        broker.start()
    except (RuntimeError, TimeoutError, OSError) as failure:
        raise KafkaUnavailableError(str(failure)) from failure
    return broker
