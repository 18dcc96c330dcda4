"""A reader gives batch after batch, and each again until it was applied."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from chassis.bus import LogWentBackwards, Received
from chassis.bus.embedded import EmbeddedBus
from chassis.bus.interface import Message, Subscription
from chassis.ids import new_id
from chassis.postgres import create_database
from chassis.reader import Reader

TOPIC = "plumbline.workforce"
BATCH = 10


@pytest.fixture
async def bus(postgres: str) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(create_database(postgres, f"bus_{new_id().hex}"))
    await bus.ensure_topics([TOPIC])
    yield bus
    await bus.close()


class Watched:
    """A subscription of the embedded bus whose log can be said to have gone backwards."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription
        self.commit, self.lag, self.close = subscription.commit, subscription.lag, subscription.close
        self.loss: LogWentBackwards | None = None
        self.rewound: Mapping[tuple[str, int], int] = {}

    async def fetch(self, limit: int, timeout_s: float) -> list[Received]:
        if self.loss is not None:
            raise self.loss
        return await self._subscription.fetch(limit, min(timeout_s, 0.05))

    async def rewind(self, offsets: Mapping[tuple[str, int], int]) -> None:
        self.loss, self.rewound = None, offsets
        await self._subscription.rewind(offsets)


@pytest.fixture
async def watched(bus: EmbeddedBus) -> Watched:
    await bus.publish([Message(TOPIC, "k", {"n": str(n)}, b"{}") for n in range(25)])
    return Watched(await bus.subscribe("sample", [TOPIC], "one"))


@pytest.fixture
def reader(watched: Watched) -> Reader:
    return Reader("sample", watched, BATCH)


def numbers(records: list[Received]) -> list[int]:
    return [int(record.headers["n"]) for record in records]


async def test_a_batch_that_failed_is_read_again(reader: Reader) -> None:
    first = await reader.next()
    await reader.again(first)
    assert numbers(await reader.next()) == list(range(10))
    assert numbers(await reader.next()) == list(range(10, 20))
    await reader.close()


async def test_what_was_applied_is_not_read_again(reader: Reader, bus: EmbeddedBus) -> None:
    await reader.done(await reader.next())
    await reader.close()
    after = await bus.subscribe("sample", [TOPIC], "one")
    assert numbers(await after.fetch(100, 0.0)) == list(range(10, 25))


async def test_a_log_that_went_backwards_is_read_from_its_beginning(reader: Reader, watched: Watched) -> None:
    await reader.next()
    watched.loss = LogWentBackwards({(TOPIC, 1): 0}, {(TOPIC, 1): 10, (TOPIC, 0): 10})
    assert await reader.next() == []
    assert watched.rewound == {(TOPIC, 1): 0, (TOPIC, 0): 0}
    assert numbers(await reader.next()) == list(range(10))
    await reader.close()
