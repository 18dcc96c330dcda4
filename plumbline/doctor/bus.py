"""What can be wrong with the bus: unreachable, topics missing or of another size, services that do not keep up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    KafkaError,
    NotCoordinatorForGroupError,
)
from aiokafka.structs import OffsetAndMetadata

from chassis.bus.embedded import PARTITION, EmbeddedBus
from chassis.bus.kafka.connection import Connection
from chassis.failures import reason_of
from chassis.settings import Settings
from contracts import topic_of
from plumbline.doctor.words import say
from plumbline.services import SERVICES, load

ANSWER_WITHIN_S = 20.0
BETWEEN_S = 3.0
"""Between two looks at what waits."""

Partitions = Mapping[str, int]
Places = Mapping[tuple[str, str, int], tuple[int, int]]
"""Per group, topic and partition: where the group is, and where the topic ends."""


async def examine_kafka(settings: Settings, between_s: float = BETWEEN_S) -> list[str]:
    """Findings about Apache Kafka."""
    kafka = Connection(
        settings.kafka_bootstrap_servers,
        settings.kafka_security_protocol,
        settings.kafka_sasl_mechanism,
        settings.kafka_username,
        settings.kafka_password.get_secret_value(),
        settings.kafka_ca_file,
    )
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S + between_s), _connected(kafka) as (admin, reader):
            partitions = await _partitions(admin)
            found = topics_found(partitions, settings.kafka_partitions)
            before = await _places(admin, reader, partitions)
            await asyncio.sleep(between_s)
            return found + lag_found(before, await _places(admin, reader, partitions), between_s)
    except (KafkaError, OSError, TimeoutError) as failure:
        return [
            say(
                f"The brokers at {settings.kafka_bootstrap_servers} cannot be used ({reason_of(failure)}). Check that",
                "they run, that this machine may reach the addresses that they advertise, and",
                "KAFKA_SECURITY_PROTOCOL, KAFKA_USERNAME and KAFKA_PASSWORD. Until then services take writes and keep",
                "their events: docs/runbooks/lag-and-outbox-age.md.",
            ),
        ]


@asynccontextmanager
async def _connected(kafka: Connection) -> AsyncIterator[tuple[AIOKafkaAdminClient, AIOKafkaConsumer]]:
    admin = AIOKafkaAdminClient(**kafka.options(), request_timeout_ms=15000)
    reader = AIOKafkaConsumer(**kafka.options(), request_timeout_ms=15000)
    try:
        await admin.start()
        await reader.start()
        yield admin, reader
    finally:
        await reader.stop()
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient) -> Partitions:
    described: list[dict[str, Any]] = await admin.describe_topics()
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


async def _places(admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer, partitions: Partitions) -> Places:
    every = [TopicPartition(topic_of(name), n) for name in SERVICES for n in range(partitions.get(topic_of(name), 0))]
    ends = await reader.end_offsets(every) if every else {}
    places = {}
    for group in SERVICES:
        stored = await _stored(admin, group)
        if stored is None:
            continue
        for name in load(group).listens_to:
            for place in (place for place in every if place.topic == topic_of(name)):
                at = stored[place].offset if place in stored else 0
                places[group, place.topic, place.partition] = max(at, 0), ends[place]
    return places


async def _stored(admin: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, OffsetAndMetadata] | None:
    """Where a group is; None while brokers that have just started do not know who keeps that."""
    try:
        return dict(await admin.list_consumer_group_offsets(group))
    except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError):
        return None


def topics_found(partitions: Partitions, wanted: int) -> list[str]:
    """Findings about topics that are missing or of another size than the settings say."""
    found = []
    for topic in map(topic_of, SERVICES):
        if topic not in partitions:
            found.append(
                say(
                    f"The topic {topic} does not exist. Services make it when they start and may; where they may not,",
                    f"create it with {wanted} partitions.",
                ),
            )
        elif partitions[topic] != wanted:
            found.append(
                say(
                    f"The topic {topic} has {partitions[topic]} partitions and KAFKA_PARTITIONS says {wanted}. Set it to",
                    f"{partitions[topic]}; to really change the number, follow docs/runbooks/partitions.md, which keeps",
                    "each key in order.",
                ),
            )
    return found


def lag_found(before: Places, after: Places, between_s: float) -> list[str]:
    """Findings about services behind which records wait, from two looks."""
    found = []
    for group in SERVICES:
        was, now = _sums(before, group), _sums(after, group)
        waiting, more = now[1] - now[0], (now[1] - now[0]) - (was[1] - was[0])
        if waiting > 0 and was[1] > was[0] and now[0] == was[0]:
            found.append(
                say(
                    f"{group}: {waiting} records wait on the bus and none was applied within {between_s:g} seconds. Start",
                    "a worker of it, or read its log for why it stands: docs/runbooks/lag-and-outbox-age.md.",
                ),
            )
        elif waiting > 0 and more > 0 and was[1] > was[0]:
            found.append(
                say(
                    f"{group}: {waiting} records wait on the bus, {more} more than {between_s:g} seconds ago: it hears",
                    "less than is said. Wait if an import is running, else add a replica of its worker:",
                    "docs/runbooks/lag-and-outbox-age.md.",
                ),
            )
    return found


def _sums(places: Places, group: str) -> tuple[int, int]:
    mine = [place for (of, _, _), place in places.items() if of == group]
    return sum(min(at, end) for at, end in mine), sum(end for _, end in mine)


async def examine_embedded(url: str, between_s: float = BETWEEN_S) -> list[str]:
    """Findings about the embedded bus."""
    bus = EmbeddedBus(url, pool_size=2)
    try:
        before = await _embedded_places(bus)
        await asyncio.sleep(between_s)
        return lag_found(before, await _embedded_places(bus), between_s)
    finally:
        await bus.close()


async def _embedded_places(bus: EmbeddedBus) -> Places:
    await bus.open()
    async with bus.connection() as connection:
        heads = await (await connection.execute("select topic, head from bus_topics")).fetchall()
        stored = await (await connection.execute("select consumer, topic, next_position from bus_offsets")).fetchall()
    ends = {row["topic"]: row["head"] for row in heads}
    at = {(row["consumer"], row["topic"]): row["next_position"] for row in stored}
    return {
        (group, topic, PARTITION): (at.get((group, topic), 0), ends.get(topic, 0))
        for group in SERVICES
        for topic in map(topic_of, load(group).listens_to)
    }
