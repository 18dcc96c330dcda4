"""The Kafka adapter against a real broker: the contract, and what happens when brokers and groups misbehave."""

# mypy: disallow-untyped-calls=False
# aiokafka ships no types.

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from chassis.bus import BusAway, LogWentBackwards, Message, PublishFailed, Received
from chassis.bus.kafka import KafkaBus
from chassis.bus.kafka import connection as connection_module
from chassis.bus.kafka import subscription as subscription_module
from chassis.bus.kafka.subscription import KafkaSubscription
from chassis.bus.tests.contract import PATIENCE_S, BusContract, by_key, message, next_places, read
from tests.support.kafka.broker import KafkaBroker, free_port


@pytest.fixture
async def bus(kafka: str) -> AsyncIterator[KafkaBus]:
    bus = KafkaBus(kafka, publish_deadline_s=4.0)
    yield bus
    await bus.close()


@pytest.fixture
async def topic(bus: KafkaBus) -> str:
    name = f"plumbline.test-{uuid4().hex[:12]}"
    await bus.ensure_topics([name])
    return name


@pytest.fixture
async def spare_bus(spare_kafka_broker: KafkaBroker) -> AsyncIterator[KafkaBus]:
    bus = KafkaBus(spare_kafka_broker.bootstrap, publish_deadline_s=4.0)
    yield bus
    await bus.close()


async def eventually(holds: Callable[[], Awaitable[bool]], what: str, within_s: float = 2 * PATIENCE_S) -> None:
    end = time.monotonic() + within_s
    while not await holds():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)


async def committed(servers: str, group: str, topic: str) -> dict[int, int | None]:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    places = {number: await consumer.committed(TopicPartition(topic, number)) for number in range(6)}
    await consumer.stop()
    return places


class TestKafkaBus(BusContract):
    """The contract, on Apache Kafka."""


async def test_records_of_a_key_share_the_partition_that_other_clients_would_choose(
    bus: KafkaBus, kafka: str, topic: str
) -> None:
    await bus.publish([message(topic, f"key-{n}", n) for n in range(20)])
    async with AIOKafkaProducer(bootstrap_servers=kafka) as other:
        for n in range(20):
            await other.send_and_wait(topic, b"0", key=f"key-{n}".encode())
    subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
    found = await read(subscription, 40)
    assert len({(record.key, record.partition) for record in found}) == 20
    await subscription.close()


async def test_a_paused_broker_costs_the_deadline_and_the_same_records_go_through_afterwards(
    kafka_broker: KafkaBroker,
) -> None:
    bus = KafkaBus(kafka_broker.bootstrap, publish_deadline_s=1.0)
    topic = f"plumbline.test-{uuid4().hex[:12]}"
    await bus.ensure_topics([topic])
    records = [message(topic, f"k{n % 3}", n) for n in range(30)]
    await bus.publish(records[:6])
    kafka_broker.pause()
    try:
        started = time.monotonic()
        with pytest.raises(PublishFailed) as failure:
            await bus.publish(records[6:])
        assert failure.value.failed == frozenset(range(24))
        assert time.monotonic() - started < 15
    finally:
        kafka_broker.resume()
    await _publish_until_it_goes_through(bus, records[6:])
    subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
    seen: dict[str, list[int]] = {}
    while sum(len(numbers) for numbers in seen.values()) < 30:
        for key, numbers in by_key(await subscription.fetch(1000, 0.2)).items():
            for number in numbers:
                if number not in seen.setdefault(key, []):
                    seen[key].append(number)
    assert seen == {f"k{k}": [n for n in range(30) if n % 3 == k] for k in range(3)}
    await subscription.close()
    await bus.close()


async def _publish_until_it_goes_through(bus: KafkaBus, records: list[Message]) -> None:
    async def published() -> bool:
        try:
            await bus.publish(records)
        except PublishFailed:
            return False
        return True

    await eventually(published, "the broker answers again and the records still do not go through")


async def test_a_cancelled_publish_leaves_a_bus_that_publishes(bus: KafkaBus, topic: str) -> None:
    publishing = asyncio.create_task(bus.publish([message(topic, "k", n) for n in range(5000)]))
    await asyncio.sleep(0)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing
    await bus.publish([message(topic, "after", 1)])
    assert sum((await bus.end_offsets(topic)).values()) >= 1


async def test_a_record_that_is_too_large_stops_its_key_and_no_other(bus: KafkaBus, topic: str) -> None:
    records = [message(topic, f"k{n % 2}", n) for n in range(10)]
    records[4] = Message(topic, "k0", {}, b"x" * 2_000_000)
    with pytest.raises(PublishFailed) as failure:
        await bus.publish(records)
    assert failure.value.failed == {4, 6, 8}
    subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
    assert by_key(await read(subscription, 7)) == {"k0": [0, 2], "k1": [1, 3, 5, 7, 9]}
    await subscription.close()


async def test_a_batch_of_many_megabytes_arrives_in_order(bus: KafkaBus, topic: str) -> None:
    records = [Message(topic, f"k{n % 3}", {}, str(n).zfill(30_000).encode()) for n in range(200)]
    await bus.publish(records)
    subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
    found = by_key(await read(subscription, 200))
    assert found == {f"k{k}": [n for n in range(200) if n % 3 == k] for k in range(3)}
    await subscription.close()


async def test_bytes_that_are_no_text_arrive_escaped_and_stop_nobody(bus: KafkaBus, kafka: str, topic: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka) as stranger:
        await stranger.send_and_wait(topic, b"\xff", key=b"\xfe", headers=[("ce_type", b"\xfd")])
        await stranger.send_and_wait(topic, None, key=b"tombstone")
    subscription = await bus.subscribe(f"g-{topic}", [topic], "m")
    found = {record.key: record for record in await read(subscription, 2)}
    assert found["\\xfe"].headers == {"ce_type": "\\xfd"}
    assert found["\\xfe"].value == b"\xff"
    assert found["tombstone"].value == b""
    await subscription.close()


async def test_after_a_rebalance_nobody_commits_for_another_and_no_offset_goes_back(
    bus: KafkaBus, kafka: str, topic: str
) -> None:
    await bus.publish([message(topic, f"k{n}", n) for n in range(60)])
    ends = await bus.end_offsets(topic)
    group = f"g-{topic}"
    one = await bus.subscribe(group, [topic], "one")
    early = next_places(await read(one, 60))
    two = await bus.subscribe(group, [topic], "two")
    await bus.publish([message(topic, f"k{n}", n) for n in range(60)])
    seen: dict[str, set[int]] = {"one": set(), "two": set()}

    async def everything_committed() -> bool:
        for name, member in (("one", one), ("two", two)):
            batch = await member.fetch(1000, 0.1)
            seen[name] |= {record.partition for record in batch}
            await member.commit(next_places(batch))
        return await committed(kafka, group, topic) == {number: 2 * end for number, end in ends.items()}

    await eventually(everything_committed, "both together commit everything")
    assert len(seen["one"]) == len(seen["two"]) == 3
    assert seen["one"].isdisjoint(seen["two"])
    others = {place: at for place, at in early.items() if place[1] in seen["two"]}
    await one.commit(others)
    assert await committed(kafka, group, topic) == {number: 2 * end for number, end in ends.items()}
    await one.close()
    await two.close()


async def test_offsets_of_records_read_before_a_rebalance_are_dropped(bus: KafkaBus, kafka: str, topic: str) -> None:
    await bus.publish([message(topic, f"k{n}", n) for n in range(60)])
    one = await bus.subscribe(f"g-{topic}", [topic], "one")
    early = next_places(await read(one, 60))
    two = await bus.subscribe(f"g-{topic}", [topic], "two")
    await one.commit(early)
    mine = {number for number, at in (await committed(kafka, f"g-{topic}", topic)).items() if at is not None}
    assert len(mine) <= 3
    await one.close()
    await two.close()


async def test_a_commit_that_waited_for_the_broker_ends_with_the_generation_it_was_made_in(
    bus: KafkaBus, kafka: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bus.publish([message(topic, f"k{n}", n) for n in range(60)])
    group = f"g-{topic}"
    one = await bus.subscribe(group, [topic], "one")
    early = next_places(await read(one, 60))
    sent, moved = one._reader.commit, asyncio.Event()

    async def late(places: Mapping[TopicPartition, int]) -> None:
        # The client finds no coordinator; by the time that it has one again, the group has formed anew.
        await moved.wait()
        await sent(places)

    monkeypatch.setattr(one._reader, "commit", late)
    committing = asyncio.create_task(one.commit(early))
    two = await bus.subscribe(group, [topic], "two")
    moved.set()
    await committing
    assert set((await committed(kafka, group, topic)).values()) == {None}
    await one.close()
    await two.close()


async def fetched(subscription: KafkaSubscription, limit: int) -> list[Received]:
    """A whole batch, and as much again is taken ahead by the time that this returns."""
    records: list[Received] = []
    await eventually(lambda: fills(subscription, limit, records), "a whole batch came")
    await subscription._ahead.ready()
    return records


async def fills(subscription: KafkaSubscription, limit: int, records: list[Received]) -> bool:
    # A batch of what had come by then may be smaller: everything is read again once more is here.
    records[:] = await subscription.fetch(limit, 0.2)
    if len(records) < limit:
        await subscription.rewind({(record.topic, record.partition): 0 for record in records})
    return len(records) == limit


async def test_what_was_taken_ahead_is_neither_committed_nor_lost(bus: KafkaBus, topic: str) -> None:
    await bus.publish([message(topic, f"k{n}", n) for n in range(60)])
    group = f"g-{topic}"
    one = await bus.subscribe(group, [topic], "one")
    first = await fetched(one, 10)
    assert await one.lag() == 50
    await one.commit(next_places(first))
    await one.close()
    again = await bus.subscribe(group, [topic], "one")
    rest = await read(again, 50, limit=10)
    assert {(r.partition, r.offset) for r in rest}.isdisjoint((r.partition, r.offset) for r in first)
    assert by_key(first + rest) == {f"k{n}": [n] for n in range(60)}
    await again.close()


async def test_what_was_taken_ahead_is_read_again_behind_what_is_rewound(bus: KafkaBus, topic: str) -> None:
    await bus.publish([message(topic, "k", n) for n in range(40)])
    subscription = await bus.subscribe(f"g-{topic}", [topic], "one")
    first = await fetched(subscription, 10)
    await subscription.rewind({(first[0].topic, first[0].partition): first[0].offset})
    assert by_key(await read(subscription, 40, limit=10)) == {"k": list(range(40))}
    await subscription.close()


async def test_what_was_taken_ahead_as_a_rebalance_ended_is_read_again(bus: KafkaBus, topic: str) -> None:
    await bus.publish([message(topic, f"k{n}", n) for n in range(60)])
    subscription = await bus.subscribe(f"g-{topic}", [topic], "one")
    first = await fetched(subscription, 10)
    await subscription.commit(next_places(first))
    # As if the group had moved before the records were taken, and nobody had noticed yet.
    subscription._rebalances.steps += 2
    rest = await read(subscription, 50, limit=10)
    assert by_key(first + rest) == {f"k{n}": [n] for n in range(60)}
    await subscription.close()


async def test_what_was_taken_ahead_is_read_again_after_a_rebalance(bus: KafkaBus, kafka: str, topic: str) -> None:
    await bus.publish([message(topic, f"k{n % 20}", n) for n in range(300)])
    group, ends = f"g-{topic}", await bus.end_offsets(topic)
    one = await bus.subscribe(group, [topic], "one")
    await one.commit(next_places(await fetched(one, 10)))
    two = await bus.subscribe(group, [topic], "two")
    seen: set[tuple[int, int]] = set()

    async def everything_committed() -> bool:
        for member in (one, two):
            batch = await member.fetch(10, 0.1)
            seen.update((record.partition, record.offset) for record in batch)
            await member.commit(next_places(batch))
        return await committed(kafka, group, topic) == {number: end or None for number, end in ends.items()}

    before = await committed(kafka, group, topic)
    await eventually(everything_committed, "both together commit everything")
    assert seen >= {(number, at) for number, end in ends.items() for at in range(before[number] or 0, end)}
    await one.close()
    await two.close()


async def test_a_static_member_that_restarts_gets_its_partitions_without_waiting_for_the_session(
    kafka: str, topic: str
) -> None:
    patient = KafkaBus(kafka, session_timeout_s=30.0)
    await patient.publish([message(topic, f"k{n}", n) for n in range(30)])
    group = f"g-{topic}"
    first = await patient.subscribe(group, [topic], "one")
    await first.commit(next_places(await read(first, 30)))
    await first.close()
    started = time.monotonic()
    second = await patient.subscribe(group, [topic], "one")
    await patient.publish([message(topic, f"k{n}", n) for n in range(30, 60)])
    await read(second, 30)
    assert time.monotonic() - started < 15
    await second.close()
    await patient.close()


async def test_a_position_beyond_the_end_of_the_log_is_said_and_not_waited_for(
    bus: KafkaBus, kafka: str, topic: str
) -> None:
    group = f"g-{topic}"
    reader = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await reader.start()
    reader.assign([TopicPartition(topic, 0)])
    await reader.commit({TopicPartition(topic, 0): 100})
    await reader.stop()
    subscription = await bus.subscribe(group, [topic], "m")
    with pytest.raises(LogWentBackwards) as failure:
        await read(subscription, 1)
    assert dict(failure.value.ends) == {(topic, 0): 0}
    assert dict(failure.value.reached) == {(topic, 0): 100} | {(topic, number): 0 for number in range(1, 6)}
    with pytest.raises(LogWentBackwards):
        await subscription.fetch(1, 0.1)
    await subscription.rewind({(topic, 0): 0})
    await bus.publish([message(topic, f"k{n}", n) for n in range(12)])
    await read(subscription, 12)
    await subscription.close()


async def test_a_broker_that_comes_back_empty_is_noticed_and_takes_records_again(
    spare_kafka_broker: KafkaBroker, spare_bus: KafkaBus
) -> None:
    topic = "plumbline.test"
    await spare_bus.ensure_topics([topic])
    records = [message(topic, f"k{n % 5}", n) for n in range(20)]
    await spare_bus.publish(records)
    subscription = await spare_bus.subscribe("g", [topic], "m")
    await subscription.commit(next_places(await read(subscription, 20)))
    spare_kafka_broker.restart(keep_log=False, kill=True)
    await spare_bus.ensure_topics([topic])
    assert sum((await spare_bus.end_offsets(topic)).values()) == 0

    async def noticed() -> bool:
        try:
            await subscription.fetch(100, 0.2)
        except LogWentBackwards as loss:
            await subscription.rewind(dict.fromkeys(loss.reached, 0))
            return True
        return False

    await eventually(noticed, "the empty log is noticed")
    await _publish_until_it_goes_through(spare_bus, records)
    seen: set[bytes] = set()
    end = time.monotonic() + PATIENCE_S
    while len(seen) < 20 and time.monotonic() < end:
        seen |= {record.value for record in await subscription.fetch(100, 0.2)}
    assert len(seen) == 20
    await subscription.close()


async def test_topics_that_vanished_with_the_log_are_made_again_by_whoever_publishes(
    spare_kafka_broker: KafkaBroker, spare_bus: KafkaBus
) -> None:
    topic = "plumbline.test"
    await spare_bus.ensure_topics([topic])
    await spare_bus.publish([message(topic, "k", 0)])
    spare_kafka_broker.restart(keep_log=False)
    await _publish_until_it_goes_through(spare_bus, [message(topic, "k", 0)])
    assert sum((await spare_bus.end_offsets(topic)).values()) == 1


async def test_a_killed_broker_that_comes_back_with_its_log_is_followed_without_a_gap(
    spare_kafka_broker: KafkaBroker, spare_bus: KafkaBus
) -> None:
    topic = "plumbline.test"
    await spare_bus.ensure_topics([topic])
    subscription = await spare_bus.subscribe("g", [topic], "m")
    await spare_bus.publish([message(topic, "k", n) for n in range(10)])
    await subscription.commit(next_places(await read(subscription, 10)))
    spare_kafka_broker.restart(kill=True)
    await _publish_until_it_goes_through(spare_bus, [message(topic, "k", n) for n in range(10, 20)])
    seen: list[int] = []
    end = time.monotonic() + 2 * PATIENCE_S
    while len(seen) < 10 and time.monotonic() < end:
        seen += [int(r.value) for r in await subscription.fetch(100, 0.2) if int(r.value) not in seen]
    assert seen == list(range(10, 20))
    await subscription.close()


async def test_a_service_may_start_before_its_broker(spare_kafka_broker: KafkaBroker, spare_bus: KafkaBus) -> None:
    spare_kafka_broker.stop()
    starting = asyncio.create_task(spare_bus.ensure_topics(["plumbline.early"]))
    await asyncio.sleep(0.5)
    assert not starting.done()
    spare_kafka_broker.start()
    await asyncio.wait_for(starting, PATIENCE_S)
    assert await spare_bus.end_offsets("plumbline.early") == dict.fromkeys(range(6), 0)
    assert await spare_bus.end_offsets("plumbline.never-made") == {}


async def test_a_producer_that_lost_its_sequence_fails_and_is_replaced(bus: KafkaBus, topic: str) -> None:
    await bus.publish([message(topic, "k", 0)])
    [partition] = [number for number, end in (await bus.end_offsets(topic)).items() if end]
    wedged = await bus._publisher.producer()
    wedged._txn_manager.increment_sequence_number(TopicPartition(topic, partition), 5)
    with pytest.raises(PublishFailed) as failure:
        await bus.publish([message(topic, "k", 1)])
    assert failure.value.failed == {0}
    await bus.publish([message(topic, "k", 1)])
    assert await bus._publisher.producer() is not wedged
    assert sum((await bus.end_offsets(topic)).values()) == 2


async def test_a_topic_that_went_away_and_is_made_again_is_read_again(
    bus: KafkaBus, kafka: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a log is lost: a group that forms again before its topics are there owns nothing, and must hear of them."""
    monkeypatch.setattr(subscription_module, "METADATA_AGE_MS", 300)
    subscription = await bus.subscribe(f"g-{uuid4().hex}", [topic], "m")
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.delete_topics([topic])
    await admin.close()

    async def owns_nothing() -> bool:
        await subscription.fetch(10, 0.1)
        return subscription._consumer is not None and not subscription._consumer.assignment()

    await eventually(owns_nothing, "the topic is gone for its reader")
    await bus.ensure_topics([topic])
    await bus.publish([message(topic, f"k{n}", n) for n in range(12)])
    await read(subscription, 12)
    await subscription.close()


async def test_a_publication_says_where_its_records_lie(bus: KafkaBus, topic: str) -> None:
    first = await bus.publish([message(topic, "k", n) for n in range(3)])
    [(place, (start, end))] = first.items()
    assert (start, end) == (0, 3)
    assert await bus.publish([message(topic, "k", 3)]) == {place: (3, 4)}


async def test_brokers_that_do_not_answer_are_away_and_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_module, "TRY_FOR_S", 0.2)
    nobody = KafkaBus(f"127.0.0.1:{free_port()}")
    with pytest.raises(BusAway):
        await nobody.ensure_topics(["plumbline.test"])
    await nobody.close()


async def test_what_was_under_way_when_the_broker_died_is_not_sent_to_the_one_that_comes_back(
    spare_kafka_broker: KafkaBroker, spare_bus: KafkaBus
) -> None:
    """It might have lost its log, and the older records come first."""
    topic = "plumbline.test"
    await spare_bus.ensure_topics([topic])
    await spare_bus.publish([message(topic, "k", 0)])
    spare_kafka_broker.pause()
    under_way = asyncio.create_task(spare_bus.publish([message(topic, "k", 1)]))
    await asyncio.sleep(0.2)
    spare_kafka_broker.kill()
    with pytest.raises(PublishFailed, match="a connection broke"):
        await under_way
    with pytest.raises(PublishFailed):
        await spare_bus.publish([message(topic, "k", 1)])
    shutil.rmtree(spare_kafka_broker.home / "log")
    spare_kafka_broker.start()
    await spare_bus.ensure_topics([topic])
    await asyncio.sleep(0.5)
    assert sum((await spare_bus.end_offsets(topic)).values()) == 0
    await spare_bus.publish([message(topic, "k", 1)])
