"""Reading from Kafka: explicit commits for partitions still owned, and healing when the group or the log changes."""

# mypy: disallow-untyped-calls=False
# aiokafka ships no types.

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from chassis.bus.interface import LogWentBackwards, Received
from chassis.bus.kafka.ahead import Ahead, received
from chassis.bus.kafka.connection import Connection, until_connected

_log = structlog.get_logger(__name__)

Places = Mapping[tuple[str, int], int]

CALL_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 5.0
FETCH_BYTES = 8 * 1024 * 1024
CHECK_EVERY_S = 2.0
STALLED_AFTER_S = 30.0
METADATA_AGE_MS = 5000


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Counts revocations and assignments and ends a commit under way. It waits for nothing, which would hold up the group.

    A commit that waits for a broker would be sent once the group has formed anew, in the name of the new generation: on a broker
    that came back empty, places in the old log would hide records of the new one.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.committing: asyncio.Future[None] | None = None

    @property
    def assigned(self) -> bool:
        """Whether an assignment is complete; each revocation is followed by an assignment."""
        return self.steps > 0 and self.steps % 2 == 0

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002 - asked of the consumer
        self.steps += 1
        if self.committing is not None:
            self.committing.cancel()

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:  # noqa: ARG002 - asked of the consumer
        self.steps += 1


class KafkaSubscription:
    """One static member of a consumer group.

    A member that is restarted within the session timeout gets its partitions back without a rebalance of the others.
    After a rebalance reading starts from what the group committed, so offsets of records read before it are dropped:
    committing them could only move the group backwards.
    """

    def __init__(
        self, connection: Connection, group: str, topics: Sequence[str], member: str, session_timeout_s: float
    ) -> None:
        self._connection = connection
        self._group = group
        self._topics = tuple(topics)
        self._member = member
        self._session_timeout_ms = int(session_timeout_s * 1000)
        self._consumer: AIOKafkaConsumer | None = None
        self._ahead = Ahead()
        self._rebalances = _Rebalances()
        self._settled = 0
        self._next: dict[TopicPartition, int] = {}
        self._uncommitted: dict[TopicPartition, int] = {}
        self._checked_at = 0.0
        self._moved_at = 0.0
        self._backwards: LogWentBackwards | None = None

    async def open(self) -> None:
        """Join the group and wait for the first assignment."""
        self._consumer = await until_connected(self._connect)
        self._moved_at = time.monotonic()

    async def fetch(self, limit: int, timeout_s: float) -> list[Received]:
        """See :class:`chassis.bus.interface.Subscription`. Heals a consumer that its client library gave up."""
        if self._backwards is not None:
            raise self._backwards
        try:
            if self._consumer is None:
                await self.open()
            await self._ahead.ready()
            await self._settle()
            records = self._from_ahead() or await self._getmany(limit, timeout_s)
            if not records:
                await self._when_idle()
        except KafkaError as failure:
            _log.warning("consumer_renewed", group=self._group, member=self._member, reason=repr(failure))
            await self._drop()
            return []
        if len(records) == limit:
            # More is likely to have come: it is unpacked while the caller and the database are at work on these.
            self._ahead.begin(self._reader, limit)
        return records

    async def commit(self, offsets: Places) -> None:
        """Commit for the partitions still owned; what a silent broker did not take is tried again by a later fetch."""
        if self._moved():
            _log.info("commit_dropped_after_rebalance", group=self._group, member=self._member)
            return
        self._uncommitted |= {TopicPartition(*place): offset for place, offset in offsets.items()}
        await self._commit_owned()

    async def rewind(self, offsets: Places) -> None:
        """Read again from these offsets, in the partitions still owned."""
        self._backwards = None
        try:
            await self._ahead.ready()
        except KafkaError as failure:
            _log.warning("consumer_renewed", group=self._group, member=self._member, reason=repr(failure))
            await self._drop()
        wanted = {TopicPartition(*place): offset for place, offset in offsets.items()}
        for partition, offset in {**self._ahead.drop(), **wanted}.items():
            self._next[partition] = offset
            self._uncommitted.pop(partition, None)
            if self._consumer is not None and partition in self._consumer.assignment():
                self._consumer.seek(partition, offset)

    async def lag(self) -> int:
        """Records between the reading position and the end of each owned partition."""
        if self._consumer is None:
            return 0
        ends = await self._ends()
        return sum(max(0, end - self._next.get(partition, 0)) for partition, end in ends.items())

    async def close(self) -> None:
        """Stop reading. A static member keeps its place in the group until the session times out."""
        await self._drop()

    async def _connect(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            **self._connection.options(),
            group_id=self._group,
            group_instance_id=self._member,
            client_id=f"{self._group}-{self._member}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=self._session_timeout_ms,
            # Longer than a rebalance may take, short enough to notice a connection that is open at one end only.
            request_timeout_ms=2 * self._session_timeout_ms,
            rebalance_timeout_ms=self._session_timeout_ms,
            heartbeat_interval_ms=max(100, self._session_timeout_ms // 4),
            fetch_max_bytes=FETCH_BYTES,
            fetch_max_wait_ms=250,
            retry_backoff_ms=300,
            # Topics that are made after the group has formed, as when a log was lost with them, get their readers by this.
            metadata_max_age_ms=METADATA_AGE_MS,
        )
        self._rebalances, self._settled = _Rebalances(), 0
        consumer.subscribe(self._topics, listener=self._rebalances)
        try:
            await consumer.start()
        except BaseException:
            await _abandon(consumer)
            raise
        return consumer

    async def _getmany(self, limit: int, timeout_s: float) -> list[Received]:
        try:
            # The client's own timeout does not count while the group rebalances.
            async with asyncio.timeout(timeout_s + 1.0):
                batches = await self._reader.getmany(timeout_ms=int(timeout_s * 1000), max_records=limit)
        except TimeoutError:
            return []
        if self._moved():
            self._put_back(batches)
            return []
        return self._read([record for batch in batches.values() for record in received(batch)])

    def _from_ahead(self) -> list[Received]:
        """What was taken ahead, unless the group moved since: then it is read again once that is settled."""
        return [] if self._moved() else self._read(self._ahead.take())

    def _read(self, records: list[Received]) -> list[Received]:
        for record in records:
            self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
        if records:
            self._moved_at = time.monotonic()
        return records

    def _moved(self) -> bool:
        return self._settled != self._rebalances.steps

    def _put_back(self, batches: Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]) -> None:
        for partition, batch in batches.items():
            if partition in self._reader.assignment():
                self._reader.seek(partition, batch[0].offset)

    async def _settle(self) -> None:
        """After a rebalance, start from what the group committed, and see whether the log still reaches that far."""
        if not self._moved() or not self._rebalances.assigned:
            return
        current = self._rebalances.steps
        owned = list(self._reader.assignment())
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                places = await asyncio.gather(*(self._reader.committed(partition) for partition in owned))
        except TimeoutError:
            return
        _log.info("partitions_assigned", group=self._group, member=self._member, count=len(owned))
        committed = {partition: place or 0 for partition, place in zip(owned, places, strict=True)}
        for partition in self._ahead.drop().keys() & committed.keys() & self._reader.assignment():
            self._reader.seek(partition, committed[partition])
        reached = {partition: max(place, self._next.get(partition, 0)) for partition, place in committed.items()}
        self._next, self._uncommitted, self._settled = committed, {}, current
        await self._check_log(reached)

    async def _when_idle(self) -> None:
        """With nothing to do: send commits that failed, look whether the log went backwards or the consumer stalled."""
        await self._commit_owned()
        if time.monotonic() - self._checked_at < CHECK_EVERY_S:
            return
        ends = await self._check_log(self._next)
        behind = any(end > self._next.get(partition, 0) for partition, end in ends.items())
        if not behind:
            self._moved_at = time.monotonic()
        elif time.monotonic() - self._moved_at > STALLED_AFTER_S:
            raise KafkaError("records wait and none is delivered")

    async def _check_log(self, reached: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        self._checked_at = time.monotonic()
        ends = await self._ends()
        short = {partition: end for partition, end in ends.items() if end < reached.get(partition, 0)}
        if short:
            self._backwards = LogWentBackwards(
                {(partition.topic, partition.partition): end for partition, end in short.items()},
                {(partition.topic, partition.partition): place for partition, place in reached.items()},
            )
            _log.error("log_went_backwards", group=self._group, reason=str(self._backwards))
            raise self._backwards
        return ends

    async def _ends(self) -> dict[TopicPartition, int]:
        owned = list(self._reader.assignment())
        if not owned:
            return {}
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                ends: dict[TopicPartition, int] = await self._reader.end_offsets(owned)
        except TimeoutError:
            return {}
        return ends

    async def _commit_owned(self) -> None:
        if self._consumer is None or self._moved():
            return
        owned = self._consumer.assignment()
        mine = {partition: offset for partition, offset in self._uncommitted.items() if partition in owned}
        try:
            if mine:
                await self._send_commit(self._consumer, mine)
        except (CommitFailedError, IllegalStateError) as moved:
            _log.info("commit_left_to_new_owner", group=self._group, reason=repr(moved))
        except (TimeoutError, KafkaError) as failure:
            _log.warning("commit_postponed", group=self._group, reason=repr(failure))
            return
        self._uncommitted = {}

    async def _send_commit(self, consumer: AIOKafkaConsumer, places: Mapping[TopicPartition, int]) -> None:
        rebalances = self._rebalances
        rebalances.committing = sending = asyncio.ensure_future(consumer.commit(places))
        try:
            done, _ = await asyncio.wait([sending], timeout=CALL_TIMEOUT_S)
        finally:
            rebalances.committing = None
            sending.cancel()
        if not done:
            raise TimeoutError
        if sending.cancelled():
            raise CommitFailedError("the group formed anew meanwhile")
        sending.result()

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        self._ahead.abandon()
        if consumer is not None:
            await asyncio.shield(_abandon(consumer))

    @property
    def _reader(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise KafkaError("the consumer is closed")
        return self._consumer


async def _abandon(consumer: AIOKafkaConsumer) -> None:
    """Close a consumer, and its connections even when the broker is silent and the orderly way does not end."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await consumer.stop()
    except (TimeoutError, KafkaError) as failure:
        _log.warning("consumer_abandoned", reason=repr(failure))
        if consumer._coordinator is not None:
            consumer._coordinator._coordination_task.cancel()
        await consumer._client.close()
