"""The broker that benchmarks measure on: one that is named, else one started for the occasion."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.kafka.broker import KafkaBroker


@contextmanager
def kafka_broker(folder: Path) -> Iterator[str]:
    """HOST:PORT of Apache Kafka."""
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if named:
        yield named
        return
    broker = KafkaBroker(folder / "kafka")
    broker.start()
    try:
        yield broker.bootstrap
    finally:
        broker.stop()
