"""A reader fetches ahead of what is applied and commits behind it, and loses nothing by either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from chassis.bus import LogWentBackwards, Received
from chassis.bus.embedded import EmbeddedBus
from chassis.bus.interface import Message, Subscription
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import create_database
from chassis.reader import Reader
from chassis.service import Batch
from chassis.testing import MONDAY_MORNING, FakeClock
from chassis.tests.sample.service import service

TOPIC = "plumbline.workforce"
BATCH = 10


@pytest.fixture
async def bus(postgres: str) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(create_database(postgres, f"bus_{new_id().hex}"))
    await bus.ensure_topics([TOPIC])
    yield bus
    await bus.close()


class Watched:
    """A subscription of the embedded bus that tells how far it was read, and holds a commit up when asked to."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription
        self.fetched = 0
        self.fetching = asyncio.Event()
        self.committed: list[int] = []
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.loss: LogWentBackwards | None = None

    async def fetch(self, limit: int, timeout_s: float) -> list[Received]:
        if self.loss is not None:
            raise self.loss
        records = await self._subscription.fetch(limit, min(timeout_s, 0.05))
        self.fetched += len(records)
        self.fetching.set()
        return records

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        await self.may_commit.wait()
        await self._subscription.commit(offsets)
        self.committed += offsets.values()

    async def rewind(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self.loss = None
        await self._subscription.rewind(offsets)

    async def lag(self) -> int:
        return await self._subscription.lag()

    async def close(self) -> None:
        await self._subscription.close()


@pytest.fixture
async def watched(bus: EmbeddedBus) -> Watched:
    await bus.publish([Message(TOPIC, "k", {"n": str(n)}, b"{}") for n in range(25)])
    return Watched(await bus.subscribe("sample", [TOPIC], "one"))


@pytest.fixture
def reader(watched: Watched) -> Reader:
    return Reader(Consumer(Database("", "sample", FakeClock(MONDAY_MORNING)), service), watched, BATCH)


def numbers(batch: Batch) -> list[int]:
    return [int(record.headers["n"]) for record in batch.records]


async def test_the_next_batch_is_fetched_while_a_full_one_is_applied(reader: Reader, watched: Watched) -> None:
    first = await reader.next()
    watched.fetching.clear()
    async with asyncio.timeout(5):
        await watched.fetching.wait()
    assert (numbers(first), watched.fetched) == (list(range(10)), 20)
    assert numbers(await reader.next()) == list(range(10, 20))
    await reader.close()


async def test_nothing_is_fetched_ahead_of_a_batch_that_is_not_full(reader: Reader, watched: Watched) -> None:
    assert [len((await reader.next()).records) for _ in range(3)] == [10, 10, 5]
    assert watched.fetched == 25
    await reader.close()


async def test_the_next_batch_does_not_wait_for_the_commit_of_the_last(reader: Reader, watched: Watched) -> None:
    watched.may_commit.clear()
    await reader.done(await reader.next())
    assert numbers(await reader.next()) == list(range(10, 20))
    assert watched.committed == []
    watched.may_commit.set()
    await reader.close()
    assert watched.committed == [10]


async def test_a_batch_that_failed_is_read_again_with_what_was_fetched_after_it(reader: Reader) -> None:
    first = await reader.next()
    await reader.again(first)
    assert numbers(await reader.next()) == list(range(10))
    assert numbers(await reader.next()) == list(range(10, 20))
    await reader.close()


async def test_what_was_applied_is_committed_before_a_reader_ends(reader: Reader, bus: EmbeddedBus) -> None:
    await reader.done(await reader.next())
    await reader.close()
    after = await bus.subscribe("sample", [TOPIC], "one")
    assert numbers(Batch(await after.fetch(100, 0.0))) == list(range(10, 25))


async def test_a_log_that_went_backwards_is_read_from_its_beginning(reader: Reader, watched: Watched) -> None:
    await reader.next()
    watched.loss = LogWentBackwards({(TOPIC, 0): 0}, {(TOPIC, 0): 10})
    assert await reader.next() == Batch([], [], [])
    assert numbers(await reader.next()) == list(range(10))
    await reader.close()
