"""Taking the next records out of the client's buffer while the ones before them are applied."""

# mypy: disallow-untyped-calls=False
# aiokafka ships no types.

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from chassis.bus.interface import Received

PIECE = 250
"""So many records are unpacked before whoever else is in this process gets a turn."""
PATIENCE_S = 1.0


class Ahead:
    """Records that nobody has fetched yet: until somebody does no place is noted, and nothing is committed or looked up.

    One piece of work at a time: begin, ready, then take or drop.
    """

    def __init__(self) -> None:
        self._work: asyncio.Task[list[Received]] | None = None
        self._records: list[Received] = []

    def begin(self, reader: AIOKafkaConsumer, limit: int) -> None:
        """Take up to ``limit`` records that have come already, in the background."""
        self._work = asyncio.create_task(_taken(reader, limit))

    async def ready(self) -> None:
        """Wait until what was begun is done; a failure of the client is raised."""
        if self._work is None:
            return
        # Who is told to stop while waiting here must not stop the work: its records would be lost between two owners.
        await asyncio.wait([self._work])
        work, self._work = self._work, None
        self._records = work.result()

    def take(self) -> list[Received]:
        """The records, which belong to the caller now."""
        records, self._records = self._records, []
        return records

    def drop(self) -> Mapping[TopicPartition, int]:
        """Forget the records; where each of their partitions has to be read again from."""
        places: dict[TopicPartition, int] = {}
        for record in self.take():
            places.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        return places

    def abandon(self) -> None:
        """Stop, whatever is under way; the client is given up and with it the places in the log."""
        work, self._work, self._records = self._work, None, []
        if work is not None:
            work.cancel()
            # A failure that nobody looked at would be logged.
            work.add_done_callback(lambda ended: ended.cancelled() or ended.exception())


async def _taken(reader: AIOKafkaConsumer, limit: int) -> list[Received]:
    try:
        # The client waits without end while its group rebalances.
        async with asyncio.timeout(PATIENCE_S):
            batches = await reader.getmany(timeout_ms=0, max_records=limit)
    except TimeoutError:
        return []
    records: list[Received] = []
    for batch in batches.values():
        for start in range(0, len(batch), PIECE):
            records += received(batch[start : start + PIECE])
            await asyncio.sleep(0)
    return records


def received(records: Sequence[ConsumerRecord[bytes | None, bytes | None]]) -> list[Received]:
    """Records of the client as the bus gives them."""
    return [_received(record) for record in records]


def _received(record: ConsumerRecord[bytes | None, bytes | None]) -> Received:
    try:
        key = record.key.decode()
        headers = {name: value.decode() for name, value in record.headers}
    except (UnicodeDecodeError, AttributeError):
        key = _foreign(record.key)
        headers = {name: _foreign(value) for name, value in record.headers}
    return Received.of(record.topic, record.partition, record.offset, key, headers, record.value or b"")


def _foreign(raw: bytes | None) -> str:
    """Foreign bytes must not stop the reader: what is no UTF-8 arrives escaped, and is no event for who reads it."""
    return raw.decode("utf-8", "backslashreplace") if raw else ""
