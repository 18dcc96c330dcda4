"""Publishing to Kafka: in order per key, durable before it returns, and never later than its deadline."""

# mypy: disallow-untyped-calls=False
# aiokafka ships no types.

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.codec import has_lz4
from aiokafka.errors import KafkaError, ProducerClosed
from aiokafka.partitioner import murmur2

from chassis.bus.interface import Message, Placed, PublishFailed
from chassis.bus.kafka.connection import Connection
from chassis.failpoints import failpoint

_log = structlog.get_logger(__name__)

BATCH_BYTES = 512 * 1024
HEADER_ROOM = 16 * 1024
CLOSE_TIMEOUT_S = 2.0
SYNC_EVERY = 256
"""Records built into batches before the event loop gets a turn, so that heartbeats of the same process keep going."""


@lru_cache(maxsize=65536)
def _hash(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF


class Publisher:
    """One idempotent producer at a time, replaced as soon as it is not known to be sound.

    aiokafka's idempotent producer never expires a batch, its cancelled sends go on, and an OutOfOrderSequenceNumber
    leaves it wedged (aiokafka #1017). So a publication has a deadline; whatever misses it, or fails, costs the producer
    its life. Publishing the same records again with a fresh one is harmless: consumers know an event by its id.

    So does a broken connection, at once. Left alone, the client would connect again and send what was under way: to a broker
    that may have come back without its log, where these records would stand before all that are older.
    """

    def __init__(self, connection: Connection, *, deadline_s: float, max_record_bytes: int) -> None:
        self._connection = connection
        self._deadline_s = deadline_s
        self._max_value_bytes = max_record_bytes - HEADER_ROOM
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._patience: asyncio.Timeout | None = None
        self._cut = False

    async def publish(self, messages: Sequence[Message]) -> Placed:
        """Publish all, and say where they are, or raise :class:`PublishFailed` naming what is not known to be on the bus."""
        publication = _Publication(messages, self._max_value_bytes)
        producer: AIOKafkaProducer | None = None
        if self._cut:
            await self._retire(self._producer)
        try:
            async with asyncio.timeout(self._deadline_s) as self._patience:
                producer = await self.producer()
                await publication.send(producer)
        except TimeoutError:
            why = "a connection broke" if self._cut else f"not acknowledged within {self._deadline_s:g} s"
            publication.reason = why
        except KafkaError as failure:
            publication.reason = repr(failure)
        except BaseException:
            # Cancelled in the middle: what was handed over goes on inside this producer, so it must not be used again.
            await self._retire(producer)
            raise
        finally:
            self._patience = None
        if publication.broken or publication.reason:
            await self._retire(producer)
        publication.raise_for_failed()
        return publication.placed

    async def producer(self) -> AIOKafkaProducer:
        """The started producer; also the way to ask for the partitions of a topic."""
        async with self._starting:
            if self._producer is None:
                self._producer = await self._start()
            return self._producer

    async def close(self) -> None:
        """Close the producer; nothing is waiting in it, since publishing returns only when all is durable."""
        await self._retire(self._producer)

    async def _start(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._connection.options(),
            acks="all",
            enable_idempotence=True,
            compression_type="lz4" if has_lz4() else None,
            max_batch_size=min(BATCH_BYTES, self._max_value_bytes),
            request_timeout_ms=max(1000, int(self._deadline_s * 1000)),
            linger_ms=0,
        )
        self._watch(producer)
        try:
            await producer.start()
        except BaseException:
            await _abandon(producer)
            raise
        self._cut = False
        return producer

    def _watch(self, producer: AIOKafkaProducer) -> None:
        """Hear of broken connections; the client has no public way to tell."""
        told = producer.client._on_connection_closed

        def closed(connection: object, reason: object) -> None:
            told(connection, reason)
            if self._producer is producer and not self._cut:
                self._cut = True
                if self._patience is not None:
                    self._patience.reschedule(asyncio.get_running_loop().time())

        producer.client._on_connection_closed = closed

    async def _retire(self, producer: AIOKafkaProducer | None) -> None:
        if producer is None:
            return
        if self._producer is producer:
            self._producer = None
        await asyncio.shield(_abandon(producer))


class _Publication:
    """One call of publish: lanes (topic, partition) that run side by side, each with one batch in flight."""

    def __init__(self, messages: Sequence[Message], max_value_bytes: int) -> None:
        self._messages = messages
        self._max_value_bytes = max_value_bytes
        self._confirmed: set[int] = set()
        self.placed: dict[tuple[str, int], tuple[int, int]] = {}
        self.reason = ""
        self.broken = False

    async def send(self, producer: AIOKafkaProducer) -> None:
        lanes: dict[tuple[str, int], list[int]] = defaultdict(list)
        partitions: dict[str, int] = {}
        for index in self._sendable():
            message = self._messages[index]
            if message.topic not in partitions:
                partitions[message.topic] = len(await producer.partitions_for(message.topic))
            lanes[message.topic, _hash(message.key.encode()) % partitions[message.topic]].append(index)
        await asyncio.gather(*(self._send_lane(producer, *lane, indexes) for lane, indexes in lanes.items()))

    def raise_for_failed(self) -> None:
        failed = frozenset(range(len(self._messages))) - self._confirmed
        if failed:
            raise PublishFailed(failed, self.reason, self.placed)

    def _sendable(self) -> Iterable[int]:
        """All records but those that are too large and those that follow one of the same key."""
        stopped: set[tuple[str, str]] = set()
        for index, message in enumerate(self._messages):
            if len(message.value) > self._max_value_bytes:
                stopped.add((message.topic, message.key))
                _log.error("record_too_large", topic=message.topic, key=message.key, bytes=len(message.value))
            if (message.topic, message.key) not in stopped:
                yield index
        if stopped:
            self.reason = f"a record of {len(stopped)} key(s) is larger than {self._max_value_bytes} bytes"

    async def _send_lane(self, producer: AIOKafkaProducer, topic: str, partition: int, indexes: Sequence[int]) -> None:
        """One batch at a time: a batch may be on the bus only when the one before it is known to be."""
        sent = 0
        try:
            while sent < len(indexes):
                batch, taken = await self._fill(producer, indexes, sent)
                written = await (await producer.send_batch(batch, topic, partition=partition))
                self._confirmed.update(indexes[sent : sent + taken])
                failpoint("relay-after-send")
                self._place((topic, partition), written.offset, taken)
                sent += taken
        except KafkaError as failure:
            self.broken = True
            self.reason = f"{topic}/{partition}: {failure!r}"
            _log.warning("publish_failed", topic=topic, partition=partition, reason=repr(failure))

    def _place(self, place: tuple[str, int], offset: int, count: int) -> None:
        # A broker that has the batch already, and no longer knows where, answers with no offset.
        if offset >= 0:
            first, _ = self.placed.get(place, (offset, offset))
            self.placed[place] = min(first, offset), offset + count

    async def _fill(self, producer: AIOKafkaProducer, indexes: Sequence[int], start: int) -> tuple[Any, int]:
        batch = producer.create_batch()
        taken = 0
        for index in indexes[start:]:
            message = self._messages[index]
            headers = [(name, value.encode()) for name, value in message.headers.items()]
            if batch.append(key=message.key.encode(), value=message.value, timestamp=None, headers=headers) is None:
                break
            taken += 1
            if taken % SYNC_EVERY == 0:
                await asyncio.sleep(0)
        batch.close()
        return batch, taken


async def _disconnect(client: AIOKafkaClient) -> None:
    """Close a client's connections, and the one that it may be making at this moment."""
    client._get_conn = _refuse
    await client.close()
    async with client._get_conn_lock:
        await client.close()


async def _refuse(*_: object, **__: object) -> None:
    """No connection any more."""


async def _abandon(producer: AIOKafkaProducer) -> None:
    """Close a producer without waiting for what it still holds.

    Its own ``stop()`` flushes first, and what an idempotent producer holds for a silent broker never ends. There is no
    public way around that, so the sender is stopped and the waiting batches are failed through private names.
    """
    producer._closed = True
    tasks: set[asyncio.Task[None]] = {asyncio.create_task(_disconnect(producer.client))}
    if producer._sender.sender_task is not None:
        producer._sender.sender_task.cancel()
        tasks.add(producer._sender.sender_task)
    done, _ = await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT_S)
    held = producer._message_accumulator
    batches = [*held._pending_batches, *(batch for lane in held._batches.values() for batch in lane)]
    held.fail_all(ProducerClosed())
    for future in (future for batch in batches for future in (batch.future, batch._drain_waiter)):
        # Nobody waits for these any more; a failure that nobody looked at would be logged.
        if future.done() and not future.cancelled():
            future.exception()
    for task in done:
        if not task.cancelled() and task.exception() is not None:
            _log.debug("producer_abandoned", reason=repr(task.exception()))
