"""Which bus a process uses, from its settings."""

from __future__ import annotations

from chassis.bus import Bus
from chassis.bus.embedded import EmbeddedBus
from chassis.settings import Settings


def bus_of(settings: Settings) -> Bus:
    """Kafka when its servers are named, else the embedded bus."""
    if settings.kafka_bootstrap_servers:
        from chassis.bus.kafka import KafkaBus

        return KafkaBus(
            settings.kafka_bootstrap_servers,
            partitions=settings.kafka_partitions,
            security_protocol=settings.kafka_security_protocol,
            sasl_mechanism=settings.kafka_sasl_mechanism,
            username=settings.kafka_username,
            password=settings.kafka_password.get_secret_value(),
            ca_file=settings.kafka_ca_file,
        )
    if settings.bus_url:
        return EmbeddedBus(settings.bus_url)
    raise ValueError("Set KAFKA_BOOTSTRAP_SERVERS, or BUS_URL for the embedded bus.")
