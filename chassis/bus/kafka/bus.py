"""The Kafka adapter of the bus: topics, publishing, subscriptions and the ends of logs."""

# mypy: disallow-untyped-calls=False
# aiokafka ships no types.

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from chassis.bus.interface import BusAway, Message, Placed, PublishFailed
from chassis.bus.kafka.connection import Connection, until_connected
from chassis.bus.kafka.publisher import Publisher
from chassis.bus.kafka.subscription import KafkaSubscription

_log = structlog.get_logger(__name__)

TOPIC_TIMEOUT_S = 30.0
RESTORE_TIMEOUT_S = 5.0
ENDS_TIMEOUT_S = 8.0
# Nothing may leave a log before everyone has read it; an operator who knows that everyone has may shorten it.
TOPIC_SETTINGS = {"retention.ms": "-1", "cleanup.policy": "delete"}


class KafkaBus:
    """The bus on one Kafka cluster. Keys map to partitions as in every Kafka client, so others may use it too."""

    def __init__(
        self,
        servers: str,
        *,
        partitions: int = 6,
        security_protocol: str = "PLAINTEXT",
        sasl_mechanism: str = "PLAIN",
        username: str = "",
        password: str = "",
        ca_file: str = "",
        publish_deadline_s: float = 15.0,
        max_record_bytes: int = 1_000_000,
        session_timeout_s: float = 10.0,
    ) -> None:
        self._connection = Connection(servers, security_protocol, sasl_mechanism, username, password, ca_file)
        self._partitions = partitions
        self._session_timeout_s = session_timeout_s
        self._publisher = Publisher(self._connection, deadline_s=publish_deadline_s, max_record_bytes=max_record_bytes)
        self._reader: AIOKafkaConsumer | None = None
        self._connecting = asyncio.Lock()
        self._topics: set[str] = set()

    async def ensure_topics(self, topics: Sequence[str]) -> None:
        """Create the missing topics with the brokers' own replication, and wait until each can be written."""
        self._topics.update(topics)
        await until_connected(partial(self._ensure, topics))

    async def _ensure(self, topics: Sequence[str]) -> None:
        admin = await self._admin()
        try:
            await _until_controlled(admin)
            await self._create(admin, topics)
            await _until_writable(admin, topics)
        finally:
            await admin.close()

    async def publish(self, messages: Sequence[Message]) -> Placed:
        """See :class:`chassis.bus.interface.Bus`."""
        try:
            return await self._publisher.publish(messages)
        except PublishFailed:
            await self._restore_topics()
            raise

    async def subscribe(self, group: str, topics: Sequence[str], member: str) -> KafkaSubscription:
        """See :class:`chassis.bus.interface.Bus`. ``member`` is unique in its group, over restarts too."""
        subscription = KafkaSubscription(self._connection, group, topics, member, self._session_timeout_s)
        await subscription.open()
        return subscription

    async def end_offsets(self, topic: str) -> Mapping[int, int]:
        """The offset after the last record, per partition; empty for a topic that does not exist."""
        try:
            async with asyncio.timeout(ENDS_TIMEOUT_S):
                return await self._ends(topic, await self._connected_reader())
        except (TimeoutError, KafkaError):
            # Its connection may be open at this end only; the next to ask gets another.
            await self._drop_reader()
            raise

    async def _ends(self, topic: str, reader: AIOKafkaConsumer) -> Mapping[int, int]:
        if topic not in await reader.topics():
            return {}
        # Asking for one partition makes the client learn of the others; it knows only the topics it was asked for.
        await reader.end_offsets([TopicPartition(topic, 0)])
        partitions = reader.partitions_for_topic(topic)
        ends = await reader.end_offsets([TopicPartition(topic, number) for number in partitions])
        return {place.partition: end for place, end in ends.items()}

    async def close(self) -> None:
        """Close every connection of publishing and asking; subscriptions are closed by who opened them."""
        await self._publisher.close()
        await self._drop_reader()

    async def _restore_topics(self) -> None:
        """A broker that came back without its log has no topics either, and would never take a record again."""
        try:
            async with asyncio.timeout(RESTORE_TIMEOUT_S):
                await self.ensure_topics(sorted(self._topics))
        except (TimeoutError, KafkaError, BusAway) as failure:
            _log.warning("topics_not_checked", reason=repr(failure))

    async def _create(self, admin: AIOKafkaAdminClient, topics: Sequence[str]) -> None:
        new = [NewTopic(topic, self._partitions, -1, {}, TOPIC_SETTINGS) for topic in topics]
        answer: Any = await admin.create_topics(new)
        for topic, code, *_ in answer.topic_errors:
            if not code:
                _log.info("topic_created", topic=topic, partitions=self._partitions)
            elif for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(f"topic {topic} was not created")

    async def _admin(self) -> AIOKafkaAdminClient:
        admin = AIOKafkaAdminClient(**self._connection.options())
        try:
            await admin.start()
        except BaseException:
            await admin.close()
            raise
        return admin

    async def _connected_reader(self) -> AIOKafkaConsumer:
        async with self._connecting:
            if self._reader is None:
                self._reader = await until_connected(self._connect_reader)
            return self._reader

    async def _drop_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.stop()

    async def _connect_reader(self) -> AIOKafkaConsumer:
        reader = AIOKafkaConsumer(**self._connection.options(), enable_auto_commit=False)
        try:
            await reader.start()
        except BaseException:
            await reader.stop()
            raise
        return reader


async def _until_controlled(admin: AIOKafkaAdminClient) -> None:
    async with asyncio.timeout(TOPIC_TIMEOUT_S):
        while True:
            cluster = await admin.describe_cluster()
            if cluster["controller_id"] >= 0:
                return
            await asyncio.sleep(0.05)


async def _until_writable(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> None:
    async with asyncio.timeout(TOPIC_TIMEOUT_S):
        while True:
            described = await admin.describe_topics(list(topics))
            if all(_has_leaders(topic) for topic in described):
                return
            await asyncio.sleep(0.05)


def _has_leaders(topic: Mapping[str, object]) -> bool:
    partitions = topic["partitions"]
    if not isinstance(partitions, list):
        raise KafkaError(f"the broker described a topic in an unknown way: {topic}")
    return bool(partitions) and not topic["error_code"] and all(part["leader"] >= 0 for part in partitions)
