"""The bus on Apache Kafka: idempotent publishing with a deadline, and reading that commits only what it owns."""

from chassis.bus.kafka.bus import KafkaBus

__all__ = ["KafkaBus"]
