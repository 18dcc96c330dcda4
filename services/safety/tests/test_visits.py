"""Lone visits: someone notices, the chain is told in turn, and only a person closes it; addresses are marked and forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.safety import CheckinClosedV1, CheckinMissedV1
from services.safety.tests.world import World

HOME = "Flat 2, 14 High Street"


async def visit(world: World, expect: int = 201, **fields: Any) -> Any:
    usual = {
        "worker_id": str(world.worker),
        "planned_at": "2026-03-02T14:00:00+00:00",
        "expected_back_at": "2026-03-02T15:00:00+00:00",
        "contacts": [str(world.colleague), str(world.manager)],
        "address": HOME,
    }
    return await world.post("/visits", world.me, expect, **{**usual, **fields})


async def kept_addresses(world: World) -> int:
    async with world.database.reading() as tx:
        return len(await tx.fetch_all("select * from addresses"))


async def test_a_worker_who_checks_in_worries_nobody_and_the_address_is_forgotten(world: World) -> None:
    path = f"/visits/{(await visit(world))['visit_id']}"
    await world.to("2026-03-02T15:14:59")
    back = await world.post(f"{path}/check-in", world.me)
    assert (back["state"], back["address"]) == ("back", None)
    await world.to("2026-03-02T18:00")
    assert await world.events(CheckinMissedV1) == []
    assert await kept_addresses(world) == 0
    await world.post(f"{path}/check-in", world.me, 409)


async def test_a_missed_check_in_goes_up_the_chain_until_a_person_closes_it(world: World) -> None:
    path = f"/visits/{(await visit(world))['visit_id']}"
    await world.to("2026-03-02T15:15")
    await world.to("2026-03-02T15:24")
    assert [one.contact_id for one in await world.events(CheckinMissedV1)] == [world.colleague]
    await world.to("2026-03-02T15:25")
    await world.to("2026-03-02T23:00")
    missed = await world.events(CheckinMissedV1)
    assert [(one.contact_id, one.level) for one in missed] == [(world.colleague, 1), (world.manager, 2)]
    colleague = world.someone("practitioner", world.colleague, world.team)
    assert (await world.get(path, colleague))["address"] == HOME
    late = await world.post(f"{path}/check-in", world.me)
    assert late["state"] == "missed"
    await world.post(f"{path}/close", world.me, 409, words="I am fine.")
    assert await world.events(CheckinClosedV1) == []
    done = await world.post(f"{path}/close", colleague, words="Spoke to her: the car broke down.")
    assert (done["state"], done["address"], done["closed_by_id"]) == ("closed", None, str(world.colleague))
    (closed,) = await world.events(CheckinClosedV1)
    assert closed.minutes == 465
    await world.post(f"{path}/close", colleague, 409, words="Again.")


async def test_without_contacts_the_line_above_is_told(world: World) -> None:
    planned = await visit(world, contacts=[])
    assert planned["chain"] == [str(world.manager), str(world.head), str(world.director)]


async def test_a_visit_that_takes_longer_is_extended_before_anybody_is_told(world: World) -> None:
    path = f"/visits/{(await visit(world))['visit_id']}"
    await world.post(f"{path}/extend", world.me, expected_back_at="2026-03-02T16:00:00Z")
    await world.to("2026-03-02T16:10")
    assert await world.events(CheckinMissedV1) == []
    await world.to("2026-03-02T16:15")
    await world.post(f"{path}/extend", world.me, 409, expected_back_at="2026-03-02T17:00:00Z")
    await world.post(f"{path}/cancel", world.me, 409)


async def test_only_the_worker_checks_in_and_strangers_see_nothing(world: World) -> None:
    path = f"/visits/{(await visit(world, contacts=[str(world.manager)]))['visit_id']}"
    await world.post(f"{path}/check-in", world.boss, 403)
    await world.get(path, world.someone("practitioner", world.colleague, world.team), 403)
    assert len((await world.get("/visits", world.boss))["items"]) == 1
    await world.post(f"{path}/cancel", world.me)
    await world.to("2026-03-02T18:00")
    assert await world.events(CheckinMissedV1) == []


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"expected_back_at": "2026-03-02T13:00:00Z"}, id="back before it begins"),
        pytest.param({"expected_back_at": "2026-03-05T13:00:00Z"}, id="three days later"),
        pytest.param({"planned_at": "2026-03-02T14:00:00"}, id="no time zone"),
    ],
)
async def test_a_visit_that_cannot_be_is_refused(world: World, fields: dict[str, str]) -> None:
    await visit(world, 422, **fields)


async def test_a_marked_address_is_shown_to_whoever_plans_a_visit_there_without_the_story(world: World) -> None:
    marker = {"org_unit_id": str(world.team), "kind": "visit_in_pairs", "address": HOME.upper(), "words": "The story."}
    await world.post("/markers", world.boss, 422, **marker, review_on="2026-03-02")
    made = await world.post("/markers", world.boss, 201, **marker, review_on="2026-03-20")
    planned = await visit(world)
    assert [one["kind"] for one in planned["markers"]] == ["visit_in_pairs"]
    assert "story" not in str(planned)
    found = await world.post("/markers/search", world.me, address="flat 2 14 high street")
    assert len(found["items"]) == 1
    assert (await world.post("/markers/search", world.me, address="15 High Street"))["items"] == []
    await world.to("2026-03-21T09:00")
    (due,) = (await world.get("/markers", world.boss, org_unit_id=str(world.team)))["items"]
    assert (due["review_overdue"], due["words"]) == (True, "The story.")
    await world.post(f"/markers/{made['marker_id']}/review", world.boss, 204)
    assert (await world.post("/markers/search", world.me, address=HOME))["items"] == []
    assert (await world.get("/markers", world.boss, org_unit_id=str(world.team)))["items"] == []
