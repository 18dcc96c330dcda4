"""One write from request to consumer, on the embedded bus and real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from chassis.bus import Received
from chassis.bus.embedded import EmbeddedBus
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.postgres import create_database
from chassis.relay import Relay
from chassis.testing import MONDAY_MORNING, FakeClock, published, record, serving, token
from chassis.tests.sample.service import service
from contracts.workforce import OrgUnitRecordedV1

ADMIN = {"roles": ["workforce_admin"]}


@pytest.fixture
async def served(postgres: str) -> AsyncIterator[tuple[httpx.AsyncClient, Database]]:
    async with serving(postgres, service, FakeClock(MONDAY_MORNING)) as pair:
        yield pair


@pytest.fixture
async def bus(postgres: str) -> AsyncIterator[EmbeddedBus]:
    bus = EmbeddedBus(create_database(postgres, f"bus_{new_id().hex}"))
    yield bus
    await bus.close()


async def post(client: httpx.AsyncClient, unit: UUID, key: str | None = None, **more: str) -> httpx.Response:
    headers = token(**ADMIN) | ({"Idempotency-Key": key} if key else {})
    return await client.post("/v1/sample/units", json={"org_unit_id": str(unit), **more}, headers=headers)


async def test_a_write_and_its_event_are_committed_together(served: tuple[httpx.AsyncClient, Database]) -> None:
    client, database = served
    unit = new_id()
    answer = await post(client, unit)
    assert (answer.status_code, answer.json()) == (201, {"told": 1})
    async with database.reading() as tx:
        assert [event.subject for event in await published(tx)] == [str(unit)]


async def test_the_same_key_and_body_has_one_effect_and_one_answer(served: tuple[httpx.AsyncClient, Database]) -> None:
    client, _ = served
    unit = new_id()
    first, second = await post(client, unit, "k1"), await post(client, unit, "k1")
    assert first.json() == second.json() == {"told": 1}
    assert second.headers["idempotency-replayed"] == "true"
    assert (await post(client, unit, "k2")).json() == {"told": 2}


async def test_the_same_key_with_another_body_is_refused(served: tuple[httpx.AsyncClient, Database]) -> None:
    client, _ = served
    await post(client, new_id(), "k1")
    again = await post(client, new_id(), "k1")
    assert (again.status_code, again.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_a_refusal_is_kept_under_its_key_and_leaves_nothing_else(
    served: tuple[httpx.AsyncClient, Database],
) -> None:
    client, database = served
    unit = new_id()
    for _ in range(5):
        await post(client, unit)
    assert (await post(client, unit, "late")).status_code == 409
    async with database.transaction() as tx:
        await tx.execute("delete from counters")
    assert (await post(client, unit, "late")).json()["type"] == "/problems/counted-enough"
    async with database.reading() as tx:
        assert len(await published(tx)) == 5


async def test_many_requests_under_one_key_at_once_have_one_effect(served: tuple[httpx.AsyncClient, Database]) -> None:
    client, database = served
    unit = new_id()
    answers = await asyncio.gather(*(post(client, unit, "together") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    async with database.reading() as tx:
        assert await tx.fetch_value("select told from counters") == 1


async def test_a_route_that_never_checks_over_whom_answers_500_and_writes_nothing(
    served: tuple[httpx.AsyncClient, Database],
) -> None:
    client, database = served
    headers = token(roles=["team_manager"], org_unit_id=new_id())
    answer = await client.post("/v1/sample/careless", json={"org_unit_id": str(new_id())}, headers=headers)
    assert answer.status_code == 500
    async with database.reading() as tx:
        assert await tx.fetch_value("select count(*) from counters") == 0


async def test_bad_input_names_the_field(served: tuple[httpx.AsyncClient, Database]) -> None:
    client, _ = served
    answer = await client.post("/v1/sample/units", json={"org_unit_id": "x"}, headers=token(**ADMIN))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "org_unit_id"
    malformed = await client.post(
        "/v1/sample/units", content=b"{", headers=token(**ADMIN) | {"content-type": "application/json"}
    )
    assert (malformed.status_code, malformed.json()["type"]) == (400, "/problems/malformed-json")


async def test_no_token_no_answer_and_no_role_no_entry(served: tuple[httpx.AsyncClient, Database]) -> None:
    client, _ = served
    assert (await client.get(f"/v1/sample/units/{new_id()}")).status_code == 401
    denied = await client.get(f"/v1/sample/units/{new_id()}", headers=token(roles=["reporting"]))
    assert (denied.status_code, denied.json()["type"]) == (403, "/problems/role-not-allowed")


async def test_events_reach_a_consumer_through_relay_and_bus_once(
    served: tuple[httpx.AsyncClient, Database], bus: EmbeddedBus
) -> None:
    client, database = served
    units = [new_id() for _ in range(3)]
    for unit in [*units, units[0]]:
        await post(client, unit)
    relay = Relay(database, bus, batch_size=2)
    await relay.prepare()
    async with database.connection() as connection:
        assert await relay.acquire(connection)
        assert [await relay.publish_pending(connection) for _ in range(3)] == [2, 2, 0]
    subscription = await bus.subscribe("sample", ["plumbline.sample"], "0")
    records = await subscription.fetch(10, 0.1)
    assert [int(r.headers["ce_sequence"]) for r in records if r.key == str(units[0])] == [1, 2]
    consumer = Consumer(database, service)
    await consumer.apply(records)
    await consumer.apply(records)
    async with database.reading() as tx:
        told = {row["org_unit_id"]: row["told"] for row in await tx.fetch_all("select * from counters")}
    assert told == {units[0]: 4, units[1]: 2, units[2]: 2}


async def test_a_poison_record_parks_its_key_and_lets_others_through(
    served: tuple[httpx.AsyncClient, Database],
) -> None:
    _, database = served
    bad, good = new_id(), new_id()
    poison = record(OrgUnitRecordedV1(org_unit_id=bad, parent_id=None, kind="region"), 1)
    later = record(OrgUnitRecordedV1(org_unit_id=bad, parent_id=None, kind="team"), 2)
    other = record(OrgUnitRecordedV1(org_unit_id=good, parent_id=None, kind="team"), 1)
    await Consumer(database, service).apply([poison, later, other])
    async with database.reading() as tx:
        rows = await tx.fetch_all("select key, reason from parked_records order by id")
        assert [row["key"] for row in rows] == [str(bad), str(bad)]
        assert "cannot count regions" in rows[0]["reason"]
        assert await tx.fetch_all("select org_unit_id, told from counters") == [{"org_unit_id": good, "told": 1}]


async def test_bytes_that_are_no_event_go_to_the_dead_letter_topic(
    served: tuple[httpx.AsyncClient, Database],
) -> None:
    _, database = served
    await Consumer(database, service).apply([Received.of("plumbline.workforce", 0, 7, "?", {}, b"\xff")])
    async with database.reading() as tx:
        row = await tx.fetch_one("select topic, attributes, data from outbox")
    assert row is not None
    assert row["topic"] == "plumbline.workforce.dead.sample"
    assert '"origin_offset": "7"' in row["attributes"]
    assert row["data"] == b"\xff"
