"""The relay loses nothing, keeps order per key, and is alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from chassis import relay as relay_module
from chassis.bus import Message, Placed, PublishFailed
from chassis.bus.embedded import EmbeddedBus
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import create_database
from chassis.relay import Relay
from chassis.testing import MONDAY_MORNING, FakeClock, open_database
from chassis.tests.sample.service import service
from contracts.workforce import OrgUnitRecordedV1


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with open_database(postgres, service, FakeClock(MONDAY_MORNING)) as database:
        yield database


@pytest.fixture
async def bus(postgres: str) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(create_database(postgres, f"bus_{new_id().hex}"))
    yield bus
    await bus.close()


def fact(unit: UUID) -> OrgUnitRecordedV1:
    return OrgUnitRecordedV1(org_unit_id=unit, parent_id=None, kind="team")


async def write(database: Database, *units: UUID) -> None:
    async with database.transaction() as tx:
        for unit in units:
            tx.emit(fact(unit))


async def relay_all(database: Database, relay: Relay) -> int:
    async with database.connection() as connection:
        return sum([await relay.publish_pending(connection) for _ in range(5)])


async def on_bus(bus: EmbeddedBus) -> list[str]:
    return [record.key for record in await (await bus.subscribe("t", ["plumbline.sample"], "0")).fetch(1000, 0)]


async def test_an_earlier_id_that_commits_late_is_published_too(database: Database, bus: EmbeddedBus) -> None:
    """A cursor over ids would pass the first row by: it is invisible while a later one is already there."""
    relay = Relay(database, bus, 100)
    await relay.prepare()
    early, late = new_id(), new_id()
    async with database.transaction() as held_open:
        held_open.emit(fact(early))
        await held_open.flush()
        await held_open.fetch_value("select 1")  # what a transaction has to send waits for its next question
        await write(database, late)
        assert await relay_all(database, relay) == 1
        assert await on_bus(bus) == [str(late)]
    assert await relay_all(database, relay) == 1
    assert await on_bus(bus) == [str(late), str(early)]


async def test_only_one_relay_of_a_service_is_active(database: Database, bus: EmbeddedBus) -> None:
    first, second = Relay(database, bus, 10), Relay(database, bus, 10)
    async with database.connection() as mine, database.connection() as other:
        assert await first.acquire(mine)
        assert not await second.acquire(other)


class Refusing(EmbeddedBus):
    """A bus that refuses one key."""

    refused: str = ""

    async def publish(self, messages: Sequence[Message]) -> Placed:
        failed = {index for index, message in enumerate(messages) if message.key == self.refused}
        placed = await super().publish([message for index, message in enumerate(messages) if index not in failed])
        if failed:
            raise PublishFailed(frozenset(failed), "refused", placed)
        return placed


async def test_a_key_that_fails_stops_and_the_others_go_on(database: Database, postgres: str) -> None:
    bus = Refusing(create_database(postgres, f"bus_{new_id().hex}"))
    relay = Relay(database, bus, 2)
    await relay.prepare()
    bad, good = new_id(), new_id()
    bus.refused = str(bad)
    await write(database, bad, bad, bad, good)
    assert await relay_all(database, relay) == 1
    assert await on_bus(bus) == [str(good)]
    bus.refused = ""
    healed = Relay(database, bus, 10)
    assert await relay_all(database, healed) == 3
    assert await on_bus(bus) == [str(good), str(bad), str(bad), str(bad)]
    await bus.close()


async def test_a_bus_that_lost_its_records_gets_the_retained_events_again(database: Database, bus: EmbeddedBus) -> None:
    relay = Relay(database, bus, 100)
    await relay.prepare()
    units = [new_id() for _ in range(3)]
    await write(database, *units)
    await relay_all(database, relay)
    assert await relay.check_bus() == 0
    await lose(bus)
    assert await relay.check_bus() == 3
    await relay_all(database, relay)
    assert await on_bus(bus) == [str(unit) for unit in units]


async def lose(bus: EmbeddedBus, *, from_position: int = 0) -> None:
    """The bus forgets what it holds from a position on."""
    async with bus.connection() as connection:
        await connection.execute("delete from bus_records where position >= %s", (from_position,))
        await connection.execute("update bus_topics set head = %s", (from_position,))


async def test_a_log_lost_in_a_silence_is_noticed_before_anything_new_gets_in_front(
    database: Database, bus: EmbeddedBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "SURE_FOR_S", 0.0)
    relay = Relay(database, bus, 100)
    await relay.prepare()
    first, second = new_id(), new_id()
    await write(database, first)
    await relay_all(database, relay)
    await lose(bus)
    await write(database, second, second)
    await relay_all(database, relay)
    assert await on_bus(bus) == [str(first), str(second), str(second)]


async def test_a_log_lost_under_a_busy_relay_is_noticed_by_where_its_records_come_to_lie(
    database: Database, bus: EmbeddedBus
) -> None:
    relay = Relay(database, bus, 100)
    await relay.prepare()
    early, late = new_id(), new_id()
    await write(database, early)
    await relay_all(database, relay)
    await lose(bus)
    await write(database, late, late)
    await relay_all(database, relay)
    assert sorted(set(await on_bus(bus))) == sorted([str(early), str(late)])
    assert await relay.check_bus() == 0


async def test_the_last_records_alone_are_missed_too_by_a_relay_that_starts_anew(
    database: Database, bus: EmbeddedBus
) -> None:
    """How far the log reached is kept with the marked rows, not now and then."""
    relay = Relay(database, bus, 100)
    await relay.prepare()
    units = [new_id() for _ in range(3)]
    await write(database, *units)
    await relay_all(database, relay)
    await lose(bus, from_position=2)
    await Relay(database, bus, 100).prepare()
    await relay_all(database, relay)
    assert await on_bus(bus) == [str(unit) for unit in (*units[:2], *units)]
