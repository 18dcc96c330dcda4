"""Entries, their history, and what a change of status tells the others."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from contracts.registration import PostJudgedV1, StatusChangedV1
from services.registration.tests.world import World


async def test_before_the_register_was_asked_the_status_is_unknown(world: World) -> None:
    worker = await world.worker()
    entry = await world.call("GET", f"/workers/{worker}")
    assert (entry["status"], entry["barred"], entry["checked_by"]) == ("unknown", False, None)
    assert await world.events(StatusChangedV1) == []
    await world.call("GET", f"/workers/{new_id()}", 404)


async def test_a_change_of_status_is_told_once_and_kept_with_its_history(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker)
    await world.entry(worker)
    await world.entry(worker, "suspended")
    told = await world.events(StatusChangedV1, worker)
    assert [(one.previous, one.status, one.barred) for one in told] == [
        ("unknown", "registered", False),
        ("registered", "suspended", True),
    ]
    history = (await world.call("GET", f"/workers/{worker}/history"))["items"]
    assert [change["status"] for change in history] == ["suspended", "registered"]


async def test_conditions_are_read_in_words_by_the_manager_and_travel_as_a_code_only(world: World) -> None:
    worker = await world.worker()
    words = "Must not chair child protection conferences."
    await world.entry(worker, "conditions", conditions=words, annotations=["AMHP"])
    seen = await world.call("GET", f"/workers/{worker}", who=world.boss)
    assert (seen["conditions"], seen["annotations"]) == (words, ["AMHP"])
    told = (await world.events(StatusChangedV1, worker))[0]
    assert (told.has_conditions, told.barred) == (True, False)
    assert words not in told.model_dump_json()
    admin = world.someone("workforce_admin")
    assert await world.call("DELETE", f"/workers/{worker}/notes", who=admin) == {"erased": 1}
    seen = await world.call("GET", f"/workers/{worker}")
    assert (seen["conditions"], seen["status"]) == (None, "conditions")


async def test_a_number_is_one_workers_and_kept_in_upper_case(world: World) -> None:
    one, other = await world.worker(), await world.worker()
    assert (await world.entry(one, number="sw 77"))["number"] == "SW77"
    assert (await world.entry(other, number="SW77", expect=409))["type"] == "/problems/number-taken"
    assert (await world.entry(one, number="77", expect=422))["type"] == "/problems/invalid-input"


async def test_an_entry_is_changed_from_the_version_that_was_read(world: World) -> None:
    worker = await world.worker()
    path, body = f"/workers/{worker}", {"number": "SW1", "status": "registered"}
    await world.call("PUT", path, json=body, headers={"If-Match": '"0"'})
    await world.call("PUT", path, 412, json={**body, "status": "removed"}, headers={"If-Match": '"0"'})
    await world.call("PUT", path, json={**body, "status": "removed"}, headers={"If-Match": '"1"'})


async def test_an_older_reading_does_not_replace_a_newer_one(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker, "removed", checked_on="2026-02-20")
    refused = await world.entry(worker, "registered", checked_on="2026-02-19", expect=409)
    assert refused["type"] == "/problems/read-later-already"
    await world.entry(worker, "registered", checked_on="2026-03-03", expect=422)


@pytest.mark.parametrize(
    ("today", "status", "awaiting"),
    [
        pytest.param("2026-11-30T23:59", "registered", False, id="one minute before the year ends"),
        pytest.param("2026-12-01T00:00", "registered", True, id="the register may lag"),
        pytest.param("2026-12-14T12:00", "registered", True, id="on the last day of the lag"),
        pytest.param("2026-12-15T12:00", "not_renewed", False, id="then it is a lapse"),
    ],
)
async def test_registered_until_a_day_that_has_passed(world: World, today: str, status: str, awaiting: bool) -> None:
    worker = await world.worker()
    await world.to(today)
    entry = await world.entry(worker)
    assert (entry["status"], entry["awaiting_update"]) == (status, awaiting)


async def test_the_lag_is_a_dated_setting_of_the_authority(world: World) -> None:
    worker = await world.worker()
    policy = {"org_unit_id": str(world.authority), "effective_from": "2026-12-01", "lag_days": 3}
    await world.call("PUT", "/policy", json=policy)
    shown = await world.call("GET", "/policy", params={"org_unit_id": str(world.team), "as_of": "2026-11-30"})
    assert (shown["lag_days"], len(shown["policies"])) == (14, 1)
    await world.to("2026-12-04T12:00")
    assert (await world.entry(worker))["status"] == "not_renewed"
    await world.call("GET", "/policy", 404, params={"org_unit_id": str(new_id())})


async def test_a_date_that_passes_without_a_check_leaves_the_status_unknown(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker)
    await world.to("2026-12-14T12:00")
    assert (await world.call("GET", f"/workers/{worker}"))["status"] == "registered"
    await world.to("2026-12-15T00:30")
    entry = await world.call("GET", f"/workers/{worker}")
    assert (entry["status"], entry["checked_by"], entry["barred"]) == ("unknown", "time", False)
    assert await world.scan() == 0, "the day is settled"


def judged(told: list[PostJudgedV1]) -> list[tuple[int, bool, bool]]:
    return [(one.posts, one.registered, one.breach) for one in told]


async def test_someone_removed_in_a_designated_post_is_a_breach_until_put_right(world: World) -> None:
    worker = await world.worker()
    post = await world.post(worker)
    await world.entry(worker)
    await world.entry(worker, "removed")
    in_breach = (await world.call("GET", "/standings", params={"breach": True}))["items"]
    assert [one["worker_id"] for one in in_breach] == [str(worker)]
    await world.post(None, post)
    await world.post(worker, post, designated=False)
    told = judged(await world.events(PostJudgedV1, worker))
    assert told[:3] == [(1, False, False), (1, True, False), (1, False, True)]
    assert told[-1] == (0, False, False)
    assert (await world.call("GET", "/standings", params={"breach": True}))["items"] == []


async def test_who_takes_a_designated_post_is_judged_at_once(world: World) -> None:
    suspended, clerk = await world.worker(), await world.worker(is_social_worker=False)
    await world.entry(suspended, "suspended")
    await world.post(suspended, designated=True)
    assert judged(await world.events(PostJudgedV1, clerk)) == []
    await world.post(clerk)
    assert judged(await world.events(PostJudgedV1, clerk)) == [(1, False, True)]
    two = await world.post(suspended)
    assert judged(await world.events(PostJudgedV1, suspended))[-1] == (2, False, True)
    await world.post(suspended, two, closed_on=date(2026, 3, 10))
    await world.to("2026-03-10T06:00")
    assert judged(await world.events(PostJudgedV1, suspended))[-1] == (1, False, True)


async def test_who_leaves_is_in_no_post_and_who_moves_is_counted_there(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker, "removed")
    await world.worker(worker, org_unit_id=world.other_team)
    assert (await world.events(PostJudgedV1, worker))[-1].org_unit_id == world.other_team
    await world.worker(worker, employment_ended_on=date(2026, 3, 6))
    assert judged(await world.events(PostJudgedV1, worker))[-1] == (1, False, True)
    await world.to("2026-03-07T06:00")
    assert judged(await world.events(PostJudgedV1, worker))[-1] == (0, False, False)
    await world.leaves(worker, date(2026, 3, 6))
    assert len(await world.events(PostJudgedV1, worker)) == 4


async def test_a_post_may_be_told_of_before_its_holder(world: World) -> None:
    worker = new_id()
    await world.post(worker)
    assert await world.events(PostJudgedV1, worker) == []
    await world.worker(worker, is_social_worker=False)
    assert judged(await world.events(PostJudgedV1, worker)) == [(1, False, True)]


async def test_a_late_old_fact_does_not_undo_a_newer_one(world: World) -> None:
    worker = await world.worker()
    post = await world.post(worker)
    await world.post(None, post)
    world.sequences[str(post)] = 0
    await world.post(worker, post)
    standing = (await world.call("GET", "/standings"))["items"]
    assert [one["designated_posts"] for one in standing if one["worker_id"] == str(worker)] == [1], (
        "counted without a post"
    )
    async with world.database.reading() as tx:
        assert await tx.fetch_value("select holder_id from posts where post_id = %(post)s", {"post": post}) is None


async def test_standings_are_paged_and_within_reach(world: World) -> None:
    workers = sorted([str(await world.worker()) for _ in range(3)])
    elsewhere = await world.worker(org_unit_id=world.other_team)
    await world.entry(UUID(workers[1]), "suspended")
    first = await world.call("GET", "/standings", params={"limit": 2}, who=world.boss)
    rest = await world.call("GET", "/standings", params={"limit": 2, "cursor": first["next"]}, who=world.boss)
    assert [one["worker_id"] for one in first["items"] + rest["items"]] == workers
    assert rest["next"] is None
    found = await world.call("GET", "/standings", params={"status": "suspended"}, who=world.boss)
    assert [one["worker_id"] for one in found["items"]] == [workers[1]]
    params: dict[str, Any] = {"org_unit_id": str(world.other_team)}
    await world.call("GET", "/standings", 403, params=params, who=world.boss)
    assert [one["worker_id"] for one in (await world.call("GET", "/standings", params=params))["items"]] == [
        str(elsewhere)
    ]
    await world.call("GET", "/standings", 400, params={"cursor": "nonsense"})
