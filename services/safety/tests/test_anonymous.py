"""Concerns without a name: nothing is kept of who, where from or when in the day; the receipt opens a conversation."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from chassis.testing import token
from contracts.safety import ConcernRaisedV1
from services.safety.tests.world import World

CANARY = {
    "X-Request-Id": "canary-request-id-4711",
    "traceparent": "00-ca4a7ca4a7ca4a7ca4a7ca4a7ca4a7c0-ca4a7ca4a7ca4a70-01",
    "User-Agent": "canary-agent-4711",
    "X-Forwarded-For": "203.0.113.77",
    "Cookie": "session=canary-session-4711",
    "Idempotency-Key": "canary-key-4711",
}


async def everything(world: World) -> str:
    """Every row of every table, as text."""
    async with world.database.reading() as tx:
        names = await tx.fetch_all("select tablename from pg_tables where schemaname = 'public'")
        rows = [await tx.fetch_all(f'select t::text from "{row["tablename"]}" t') for row in names]
        outbox = await tx.fetch_all("select attributes, convert_from(data, 'UTF8') as data from outbox")
    return json.dumps([rows, outbox], default=str)


async def test_a_report_leaves_no_trace_of_who_sent_it(world: World) -> None:
    subject = token(roles=["practitioner"], worker_id=world.worker, org_unit_id=world.team)
    body = {"org_unit_id": str(world.team), "topic": "operations", "words": "Nobody answers the duty line."}
    headers = {**CANARY, **subject}
    receipt = (await world.call("POST", "/anonymous-concerns", None, 201, json=body, headers=headers))["receipt"]
    await world.call(
        "POST",
        "/anonymous-concerns/replies",
        None,
        201,
        json={"receipt": receipt, "words": "Still so."},
        headers=headers,
    )
    await world.to("2026-03-03T00:10")
    kept = await everything(world)
    assert "Nobody answers the duty line." in kept
    for name, value in CANARY.items():
        assert value not in kept, name
    assert "ca4a7ca4a7ca4a7ca4a7ca4a7ca4a7c0" not in kept
    assert receipt not in kept
    assert "2026-03-02T12" not in kept
    (told,) = await world.events(ConcernRaisedV1)
    assert told.mode == "anonymous"
    assert "ce_traceparent" not in kept


async def test_events_of_a_day_come_together_and_in_no_order_of_arrival(world: World) -> None:
    for n in range(6):
        await world.without_name(words=f"Report {n}")
        world.clock.forward(minutes=7)
    assert await world.scan() == 0
    assert await world.events(ConcernRaisedV1) == []
    await world.to("2026-03-03T00:10")
    ids = [one.concern_id for one in await world.events(ConcernRaisedV1)]
    assert len(ids) == 6
    assert ids == sorted(ids)
    assert {one.version for one in ids} == {4}, "an identifier by chance tells no time"


async def test_a_receipt_opens_a_conversation_in_both_directions(world: World) -> None:
    receipt = await world.without_name()
    (concern,) = (await world.get("/concerns", world.boss))["items"]
    path = f"/concerns/{concern['concern_id']}"
    await world.post(f"{path}/messages", world.boss, 201, words="Since when?")
    spaced = f"{receipt[:4]} {receipt[4:8]}-{receipt[8:]}"
    await world.post("/anonymous-concerns/replies", None, 201, receipt=spaced, words="Since Friday.")
    await world.post(f"{path}/acknowledge", world.boss)
    seen = await world.post("/anonymous-concerns/conversation", None, receipt=receipt)
    assert [(one["from_reporter"], one["words"]) for one in seen["messages"]] == [
        (False, "Since when?"),
        (True, "Since Friday."),
    ]
    assert seen["waiting_for"] == "assess"
    await world.post(f"{path}/identity-requests", world.boss, 409, reason="Who is it?")
    await world.post(f"{path}/identity/looks", world.guardian, 409)


@pytest.mark.parametrize("receipt", ["0000000000000000", "1234 5678 9012 3456"])
async def test_a_wrong_receipt_opens_nothing(world: World, receipt: str) -> None:
    await world.without_name()
    await world.post("/anonymous-concerns/conversation", None, 404, receipt=receipt)
    await world.post("/anonymous-concerns/replies", None, 404, receipt=receipt, words="Hello?")


@pytest.mark.parametrize("receipt", ["", "123", "12345678901234567", "abcdefghijklmnop", "\uff11" * 16])
async def test_what_is_no_receipt_is_refused(world: World, receipt: str) -> None:
    await world.post("/anonymous-concerns/conversation", None, 422, receipt=receipt)


async def test_a_report_about_the_manager_is_not_seen_by_the_manager(world: World) -> None:
    await world.without_name(about_manager=True)
    assert (await world.get("/concerns", world.boss))["items"] == []
    (seen,) = (await world.get("/concerns", world.upper))["items"]
    assert seen["handler_id"] == str(world.head)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("<script>fetch('//evil')</script>", id="a script"),
        pytest.param("<IMG SRC=x onerror=alert(1)>", id="an image that runs"),
        pytest.param("< / script >", id="a closing tag with spaces"),
        pytest.param("a\x00b", id="a NUL"),
        pytest.param("\x1b[2J", id="a terminal's control sequence"),
        pytest.param(" \n\t ", id="nothing"),
        pytest.param("x" * 10_001, id="too long"),
    ],
)
async def test_hostile_words_are_refused_with_the_field_and_nothing_is_written(world: World, words: str) -> None:
    body = {"org_unit_id": str(world.team), "topic": "other", "words": words}
    problem = await world.post("/anonymous-concerns", None, 422, **body)
    assert "words" in json.dumps(problem["errors"])
    assert (await world.get("/concerns", world.guardian))["items"] == []


async def test_ten_megabytes_of_words_are_refused_before_they_are_read(world: World) -> None:
    words = "x" * 10_000_000
    problem = await world.post(
        "/anonymous-concerns", None, 413, org_unit_id=str(world.team), topic="other", words=words
    )
    assert "Send it in parts" in problem["detail"]
    assert (await world.get("/concerns", world.guardian))["items"] == []


async def test_ordinary_words_are_kept_as_they_are(world: World) -> None:
    words = "Load < 5 & > 3; «naïve» 🙂 O'Brien; drop table concerns;--"
    receipt = await world.without_name(words=words)
    (concern,) = (await world.get("/concerns", world.guardian))["items"]
    assert (await world.get(f"/concerns/{concern['concern_id']}", world.guardian))["words"] == words
    assert len(receipt) == 16


async def test_a_flood_is_refused_and_loses_nothing_that_was_taken(world: World) -> None:
    body = {"org_unit_id": str(world.team), "topic": "other", "words": "Flood."}
    statuses = [(await world.client.post("/v1/safety/anonymous-concerns", json=body)).status_code for _ in range(100)]
    assert statuses == [201] * 60 + [429] * 40
    items = (await world.get("/concerns", world.guardian, limit=200))["items"]
    assert len(items) == 60
    world.clock.forward(minutes=1)
    await world.without_name()


async def test_an_unknown_team_is_refused(world: World) -> None:
    body = {"org_unit_id": str(UUID(int=3)), "topic": "other", "words": "Hello."}
    problem = await world.post("/anonymous-concerns", None, 422, **body)
    assert problem["type"] == "/problems/no-such-org-unit"
