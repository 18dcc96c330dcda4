"""Every checker finds its bug when the bug is put back, and nothing when nothing is broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import relay as relay_module
from chassis.batches import next_offsets
from chassis.bus import Message
from chassis.bus.embedded import EmbeddedBus
from chassis.bus.kafka import KafkaBus
from chassis.consumer import Consumer
from chassis.database import Database, Tx
from chassis.ids import new_id
from chassis.postgres import create_database
from chassis.relay import Relay
from chassis.testing import MONDAY_MORNING, FakeClock, open_database
from chassis.tests.sample.service import count_unit, service
from contracts.workforce import OrgUnitRecordedV1, UnitKind
from tests.faults import watch
from tests.faults.evidence import Evidence, collect
from tests.faults.invariants import StateOfEvent, i1_state_and_outbox, violations
from tests.faults.journal import Journal

PUBLISHER = replace(service, name="workforce", listens_to=(), reactions={}, keeps_directory=False)
LISTENER = replace(service, keeps_directory=False)
COUNTED = StateOfEvent("workforce", "counters", "org_unit_id", "workforce.org_unit.recorded.v1", once=False)


@dataclass
class World:
    """A publisher and a listener on the embedded bus, driven by hand so that a bug strikes where it should."""

    publisher: Database
    listener: Database
    bus: EmbeddedBus
    server_url: str

    @property
    def databases(self) -> dict[str, str]:
        return {"workforce": self.publisher.url, "sample": self.listener.url}

    async def write(self, unit: UUID, kind: UnitKind = "team") -> None:
        async with self.publisher.transaction() as tx:
            await change(tx, unit, kind)

    async def write_no_event(self) -> None:
        """What a buggy publisher writes: a record without a type."""
        unit = new_id()
        await self.write(unit)
        async with self.publisher.transaction() as tx:
            await tx.execute("update outbox set attributes = (attributes::jsonb - 'ce_type')::text")

    async def relay_all(self) -> None:
        relay = Relay(self.publisher, self.bus, 100)
        await relay.prepare()
        async with self.publisher.connection() as connection:
            while await relay.publish_pending(connection):
                pass

    async def consume_all(self) -> None:
        consumer = Consumer(self.listener, LISTENER)
        subscription = await self.bus.subscribe("sample", ["plumbline.workforce"], "m")
        while records := await subscription.fetch(100, 0.0):
            await consumer.apply(records)
            await subscription.commit(next_offsets(records))

    async def evidence(self) -> Evidence:
        await self.bus.ensure_topics(["plumbline.workforce", "plumbline.sample"])
        return await collect([PUBLISHER, LISTENER], self.databases, self.bus)

    async def violations(self) -> list[str]:
        return violations(await self.evidence())

    async def told(self, unit: UUID) -> int:
        async with self.listener.reading() as tx:
            return int(await tx.fetch_value("select told from counters where org_unit_id = %(id)s", {"id": unit}) or 0)


async def change(tx: Tx, unit: UUID, kind: UnitKind) -> None:
    await tx.execute(
        "insert into counters (org_unit_id, told, kinds) values (%(id)s, 1, '') on conflict do nothing", {"id": unit}
    )
    tx.emit(OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind=kind))


@pytest.fixture
async def world(postgres: str) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        clock = FakeClock(MONDAY_MORNING)
        publisher = await stack.enter_async_context(open_database(postgres, PUBLISHER, clock))
        listener = await stack.enter_async_context(open_database(postgres, LISTENER, clock))
        bus = EmbeddedBus(create_database(postgres, f"bus_{new_id().hex}"))
        yield World(publisher, listener, bus, postgres)
        await bus.close()


def found(violations: list[str], *numbers: str) -> None:
    """Exactly these invariants are violated."""
    assert {one.split("_", 1)[0] for one in violations} == set(numbers), violations


async def test_nothing_is_found_when_nothing_is_broken(world: World) -> None:
    unit, other = new_id(), new_id()
    for _ in range(3):
        await world.write(unit)
        await world.write(other)
    await world.relay_all()
    await world.consume_all()
    found(await world.violations())
    assert i1_state_and_outbox(world.databases, [COUNTED]) == []
    assert await world.told(unit) == 3
    assert await watch.until_quiet([PUBLISHER, LISTENER], world.databases) == []


async def test_everything_twice_is_harmless_and_not_reported(world: World) -> None:
    unit = new_id()
    for _ in range(3):
        await world.write(unit)
    for _ in range(2):
        await world.relay_all()
        await world.consume_all()
        async with world.publisher.transaction() as tx:
            await tx.execute("update outbox set published_at = null")
    await world.relay_all()
    await world.consume_all()
    assert await world.told(unit) == 3
    assert sum((await world.bus.end_offsets("plumbline.workforce")).values()) == 9
    found(await world.violations())


async def test_a_relay_that_follows_a_cursor_is_found_by_i3(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = relay_module._PENDING.replace(
        "published_at is null", "id > coalesce((select max(id) from outbox where published_at is not null), 0)"
    )
    monkeypatch.setattr(relay_module, "_PENDING", cursor)
    early, late = new_id(), new_id()
    async with world.publisher.transaction() as slow:
        await change(slow, early, "team")
        await slow.flush()
        await slow.fetch_value("select 1")  # what a transaction has to send waits for its next question
        await world.write(late)
        await world.relay_all()
    await world.relay_all()
    await world.consume_all()
    found(await world.violations(), "i3")


async def test_two_relays_that_share_the_outbox_are_found_by_i5(world: World) -> None:
    unit = new_id()
    await world.write(unit)
    await world.write(unit)
    await world.bus.ensure_topics(["plumbline.workforce"])
    claim = "select * from outbox where published_at is null order by id limit 1 for update skip locked"
    async with world.publisher.transaction() as one, world.publisher.transaction() as two:
        claimed = [row for tx in (one, two) for row in await tx.fetch_all(claim)]
        for row in reversed(claimed):
            await world.bus.publish([relay_module._message(row)])
        for tx, row in zip((one, two), claimed, strict=True):
            await tx.execute("update outbox set published_at = clock_timestamp() where id = %(id)s", {"id": row["id"]})
    await world.consume_all()
    found(await world.violations(), "i5")


async def test_a_relay_without_its_lock_is_found_by_i10_and_one_with_it_is_not(world: World) -> None:
    relay = Relay(world.publisher, world.bus, 100)
    await relay.prepare()
    async with world.publisher.connection() as first:
        assert await relay.acquire(first)
        await world.write(new_id())
        assert await relay.publish_pending(first) == 1
        assert await watch.one_active_relay(world.server_url) == []
        async with world.publisher.connection() as second:
            assert not await relay.acquire(second)
            await world.write(new_id())
            await relay.publish_pending(second)
            assert len(await watch.one_active_relay(world.server_url)) == 2
            await second.execute("select 1")
        await first.execute("select pg_advisory_unlock_all()")


async def test_a_state_change_without_its_event_is_found_by_i1(world: World) -> None:
    async with world.publisher.transaction() as tx:
        await count_unit(tx, new_id(), "team")
    assert "without their event" in i1_state_and_outbox(world.databases, [COUNTED])[0]


async def test_an_event_without_its_state_change_is_found_by_i1(world: World) -> None:
    async with world.publisher.transaction() as tx:
        tx.emit(OrgUnitRecordedV1(org_unit_id=new_id(), parent_id=None, kind="team"))
    assert "without their row" in i1_state_and_outbox(world.databases, [COUNTED])[0]


async def test_an_event_announced_twice_is_found_by_i1(world: World) -> None:
    unit = new_id()
    await world.write(unit)
    await world.write(unit)
    assert i1_state_and_outbox(world.databases, [COUNTED]) == []
    assert "more than once" in i1_state_and_outbox(world.databases, [replace(COUNTED, once=True)])[0]


async def test_offsets_committed_before_the_effect_are_found_by_i3(world: World) -> None:
    await world.write(new_id())
    await world.relay_all()
    subscription = await world.bus.subscribe("sample", ["plumbline.workforce"], "m")
    await subscription.commit(next_offsets(await subscription.fetch(100, 0.0)))
    await world.consume_all()
    found(await world.violations(), "i3")


async def test_a_consumer_without_an_inbox_doubles_effects_and_is_found_by_i3(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def everything(_self: Consumer, _tx: Tx, incoming: list[object]) -> tuple[list[object], set[str]]:
        return incoming, set()

    monkeypatch.setattr(Consumer, "_fresh", everything)
    unit = new_id()
    await world.write(unit)
    for _ in range(2):
        await world.relay_all()
        await world.consume_all()
        async with world.publisher.transaction() as tx:
            await tx.execute("update outbox set published_at = null")
    assert await world.told(unit) == 2
    found(await world.violations(), "i3")


async def test_a_record_that_nobody_wrote_is_found_by_i4(world: World) -> None:
    await world.write(new_id())
    await world.relay_all()
    forged = {"ce_id": str(new_id()), "ce_sequence": "1"}
    await world.bus.publish([Message("plumbline.workforce", "nobody", forged, b"{}")])
    assert "i4" in {one.split("_", 1)[0] for one in await world.violations()}


async def test_a_record_that_was_marked_and_never_sent_is_found_by_i3_and_i5(world: World) -> None:
    unit = new_id()
    await world.write(unit)
    async with world.publisher.transaction() as tx:
        await tx.execute("update outbox set published_at = clock_timestamp()")
    await world.write(unit)
    await world.relay_all()
    await world.consume_all()
    found(await world.violations(), "i3", "i5")


async def test_an_event_with_two_payloads_is_found_by_i8(world: World) -> None:
    await world.write(new_id())
    await world.relay_all()
    [record] = await (await world.bus.subscribe("other", ["plumbline.workforce"], "m")).fetch(1, 0.0)
    await world.bus.publish([Message(record.topic, record.key, record.headers, b'{"other": 1}')])
    await world.consume_all()
    found(await world.violations(), "i8")


async def test_a_record_applied_behind_a_parked_one_is_found_by_i11(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = new_id()
    await world.write(unit, "region")
    await world.relay_all()
    await world.consume_all()
    found(await world.violations())

    async def none_aside(_self: Consumer, _tx: Tx, fresh: list[object], _parked: set[str]) -> list[object]:
        return fresh

    await world.write(unit)
    await world.relay_all()
    monkeypatch.setattr(Consumer, "_set_aside", none_aside)
    await world.consume_all()
    found(await world.violations(), "i11")


async def bury_nothing(_self: Consumer, _tx: Tx, _record: object, _reason: str) -> None:
    """Skip what is no event, without a word."""


@pytest.mark.checks("I3")
async def test_a_consumer_that_skips_what_is_no_event(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.write_no_event()
    await world.relay_all()
    monkeypatch.setattr(Consumer, "_bury", bury_nothing)
    await world.consume_all()
    found(await world.violations(), "i3")
    [late] = await watch.until_quiet([PUBLISHER, LISTENER], world.databases, 0.3)
    assert late.startswith("I14")


@pytest.mark.checks("I11")
async def test_a_record_that_is_buried_and_applied_as_well(world: World) -> None:
    await world.write_no_event()
    await world.relay_all()
    await world.consume_all()
    found(await world.violations())
    evidence = await world.evidence()
    evidence.inboxes["sample"] |= evidence.dead["sample"]
    found(violations(evidence), "i11")


async def test_a_parked_key_that_is_redriven_leaves_nothing_to_report(world: World) -> None:
    unit = new_id()
    await world.write(unit, "region")
    await world.write(unit)
    await world.relay_all()
    await world.consume_all()
    found(await world.violations())
    assert await world.told(unit) == 0

    async def patient(tx: Tx, fact: OrgUnitRecordedV1, _: object) -> None:
        await count_unit(tx, fact.org_unit_id, "team")

    mended = replace(LISTENER, reactions={OrgUnitRecordedV1: patient})
    assert await Consumer(world.listener, mended).redrive(str(unit)) == 2
    assert await world.told(unit) == 2
    found(await world.violations())


async def test_an_outbox_that_nobody_empties_is_found_by_i14(world: World) -> None:
    await world.write(new_id())
    [late] = await watch.until_quiet([PUBLISHER, LISTENER], world.databases, 0.3)
    assert late.startswith("I14")


async def test_an_offset_that_goes_back_is_found_by_i7(kafka: str, world: World) -> None:
    bus, group, topic = KafkaBus(kafka), f"g-{new_id().hex}", f"plumbline.test-{new_id().hex[:12]}"
    await bus.ensure_topics([topic])
    await bus.close()
    stored = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await stored.start()
    place = TopicPartition(topic, 0)
    stored.assign([place])
    looking = watch.Watch(world.server_url, kafka, [group])
    await stored.commit({place: 5})
    assert await looking.offsets_that_went_back() == []
    await stored.commit({place: 7})
    assert await looking.offsets_that_went_back() == []
    await stored.commit({place: 6})
    [wrong] = await looking.offsets_that_went_back()
    assert wrong.startswith("I7")
    await stored.stop()


async def test_one_key_with_two_answers_is_found_by_i9(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.note("k1", "POST", "/v1/x", 201, {"x_id": "a"})
    journal.note("k1", "POST", "/v1/x", 201, {"x_id": "a"})
    assert journal.contradictions() == []
    journal.note("k1", "POST", "/v1/x", 201, {"x_id": "b"})
    assert journal.contradictions()[0].startswith("I9")
    assert journal.acknowledged("/v1/x", "x_id") == {"a", "b"}
    await asyncio.to_thread(journal.close)
