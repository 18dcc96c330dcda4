"""What every bus adapter must do, as tests that an adapter's test class inherits with a ``bus`` fixture of its own."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from uuid import uuid4

import pytest

from chassis.bus import Bus, Message, PublishFailed, Received, Subscription

PATIENCE_S = 20.0


def message(topic: str, key: str, number: int) -> Message:
    """A record that can be recognised: its number is in the value and in a header."""
    return Message(topic, key, {"ce_id": f"{key}-{number}", "ce_type": "tést"}, str(number).encode())


async def read(subscription: Subscription, count: int, limit: int = 1000) -> list[Received]:
    """Exactly ``count`` records, or a failure after a deadline."""
    found: list[Received] = []
    end = time.monotonic() + PATIENCE_S
    while len(found) < count:
        assert time.monotonic() < end, f"{len(found)} of {count} records came"
        found += await subscription.fetch(limit, 0.2)
    assert len(found) == count
    return found


def next_places(records: Sequence[Received]) -> dict[tuple[str, int], int]:
    """The offsets to commit once these records are applied."""
    places: dict[tuple[str, int], int] = {}
    for record in records:
        places[record.topic, record.partition] = record.offset + 1
    return places


def by_key(records: Sequence[Received]) -> dict[str, list[int]]:
    """The numbers of the records of each key, in the order they came."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for record in records:
        numbers[record.key].append(int(record.value[-12:]))
    return dict(numbers)


class BusContract:
    """The promises of :mod:`chassis.bus.interface`."""

    @pytest.fixture
    async def topic(self, bus: Bus) -> str:
        name = f"plumbline.test-{uuid4().hex[:12]}"
        await bus.ensure_topics([name])
        return name

    async def test_a_record_comes_back_as_it_was_sent(self, bus: Bus, topic: str) -> None:
        await bus.publish([Message(topic, "worker-1", {"ce_type": "a.b.c.v1", "ce_note": "żółć"}, b"\x00{}")])
        subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
        [record] = await read(subscription, 1)
        assert (record.topic, record.key, record.value) == (topic, "worker-1", b"\x00{}")
        assert dict(record.headers) == {"ce_type": "a.b.c.v1", "ce_note": "żółć"}
        await subscription.close()

    async def test_records_of_a_key_come_in_the_order_they_were_published(self, bus: Bus, topic: str) -> None:
        for start in range(0, 300, 60):
            await bus.publish([message(topic, f"k{n % 7}", n) for n in range(start, start + 60)])
        subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
        found = by_key(await read(subscription, 300, limit=50))
        assert found == {f"k{k}": [n for n in range(300) if n % 7 == k] for k in range(7)}
        await subscription.close()

    async def test_a_fetch_gives_at_most_what_was_asked_for(self, bus: Bus, topic: str) -> None:
        await bus.publish([message(topic, f"k{n}", n) for n in range(40)])
        subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
        seen: list[int] = []
        end = time.monotonic() + PATIENCE_S
        while sum(seen) < 40 and time.monotonic() < end:
            seen.append(len(await subscription.fetch(7, 0.5)))
        assert sum(seen) == 40
        assert max(seen) <= 7
        await subscription.close()

    async def test_an_empty_topic_gives_nothing_within_the_time(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
        started = time.monotonic()
        assert await subscription.fetch(10, 0.3) == []
        assert time.monotonic() - started < PATIENCE_S
        await subscription.close()

    async def test_a_waiting_fetch_sees_what_is_published_meanwhile(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
        waiting = asyncio.create_task(read(subscription, 1))
        await bus.publish([message(topic, "k", 1)])
        assert by_key(await waiting) == {"k": [1]}
        await subscription.close()

    async def test_the_next_subscription_starts_where_the_last_one_committed(self, bus: Bus, topic: str) -> None:
        await bus.publish([message(topic, f"k{n % 5}", n) for n in range(30)])
        first = await bus.subscribe(f"g-{topic}", [topic], "m")
        await first.commit(next_places(await read(first, 30)))
        await first.close()
        await bus.publish([message(topic, f"k{n % 5}", n) for n in range(30, 40)])
        second = await bus.subscribe(f"g-{topic}", [topic], "m")
        assert sorted(int(record.value) for record in await read(second, 10)) == list(range(30, 40))
        await second.close()

    async def test_what_was_not_committed_is_read_again(self, bus: Bus, topic: str) -> None:
        await bus.publish([message(topic, "k", n) for n in range(5)])
        first = await bus.subscribe(f"g-{topic}", [topic], "m")
        await read(first, 5)
        await first.close()
        second = await bus.subscribe(f"g-{topic}", [topic], "m")
        assert by_key(await read(second, 5)) == {"k": [0, 1, 2, 3, 4]}
        await second.close()

    async def test_a_rewound_batch_is_read_again(self, bus: Bus, topic: str) -> None:
        await bus.publish([message(topic, f"k{n % 5}", n) for n in range(20)])
        subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
        first = await read(subscription, 20)
        starts = {(record.topic, record.partition): record.offset for record in reversed(first)}
        await subscription.rewind(starts)
        assert by_key(await read(subscription, 20)) == by_key(first)
        await subscription.close()

    async def test_every_group_reads_everything(self, bus: Bus, topic: str) -> None:
        await bus.publish([message(topic, "k", n) for n in range(3)])
        for group in ("one", "two"):
            subscription = await bus.subscribe(f"{group}-{topic}", [topic], "m")
            assert by_key(await read(subscription, 3)) == {"k": [0, 1, 2]}
            await subscription.close()

    async def test_a_commit_of_a_partition_that_is_not_owned_is_left_out(self, bus: Bus, topic: str) -> None:
        await bus.publish([message(topic, "k", 0)])
        subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
        places = next_places(await read(subscription, 1))
        await subscription.commit({**places, ("plumbline.of-somebody-else", 99): 5})
        await subscription.close()

    async def test_lag_counts_what_waits_behind_the_position(self, bus: Bus, topic: str) -> None:
        subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
        await subscription.fetch(1, 0.2)
        await bus.publish([message(topic, f"k{n}", n) for n in range(12)])
        assert await subscription.lag() == 12
        await read(subscription, 12)
        assert await subscription.lag() == 0
        await subscription.close()

    async def test_end_offsets_count_the_records_of_a_topic(self, bus: Bus, topic: str) -> None:
        assert sum((await bus.end_offsets(topic)).values()) == 0
        await bus.publish([message(topic, f"k{n}", n) for n in range(9)])
        assert sum((await bus.end_offsets(topic)).values()) == 9

    async def test_ensuring_a_topic_again_keeps_its_records(self, bus: Bus, topic: str) -> None:
        await bus.publish([message(topic, "k", 0)])
        await bus.ensure_topics([topic])
        assert sum((await bus.end_offsets(topic)).values()) == 1

    async def test_nothing_to_publish_is_no_work(self, bus: Bus) -> None:
        await bus.publish([])

    async def test_publishing_to_a_missing_topic_fails_and_the_other_topic_gets_its_records(
        self, bus: Bus, topic: str
    ) -> None:
        missing = f"{topic}.missing"
        with pytest.raises(PublishFailed) as failure:
            await bus.publish([message(topic, "k", 0), message(missing, "k", 1), message(topic, "k", 2)])
        assert 1 in failure.value.failed
        published = 3 - len(failure.value.failed)
        assert sum((await bus.end_offsets(topic)).values()) == published
