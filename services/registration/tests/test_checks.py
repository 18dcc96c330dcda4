"""Asking the register: lists, its file as it comes back, and what is put in force."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.problems import Unavailable
from contracts.registration import CheckRecordedV1, StatusChangedV1
from services.registration.tests.world import World


class OnFile:
    """What workforce would answer; without an entry it does not answer."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []

    async def get(self, service: str, path: str) -> Any:
        worker = path.split("/")[4]
        assert (service, path) == ("workforce", f"/v1/workforce/workers/{worker}/contact")
        self.asked.append(worker)
        if worker not in self.people:
            raise Unavailable("service-unavailable", "workforce does not answer.")
        return {"email": None, **self.people[worker]}

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def on_file(world: World) -> OnFile:
    app: Any = vars(world.client)["_transport"].app
    app.state.clients = people = OnFile()
    return people


async def test_lists_hold_everyone_of_whom_registration_is_asked_and_name_those_without_a_number(
    world: World, on_file: OnFile
) -> None:
    one, other, lacking = await world.worker(), await world.worker(org_unit_id=world.other_team), await world.worker()
    await world.worker(is_social_worker=False)
    await world.worker(employment_ended_on=world.clock.today().replace(month=1))
    await world.entry(one, number="SW2")
    await world.entry(other, number="SW1")
    made = await world.lists(world.authority)
    assert [(one["numbers"], one["question"]) for one in made["lists"]] == [(["SW1", "SW2"], "SW1, SW2")]
    assert made["without_number"] == [str(lacking)]
    again = await world.call("GET", f"/check-lists/{made['lists'][0]['list_id']}")
    assert again == made["lists"][0]


async def test_a_number_that_workforce_has_on_file_is_asked_of_it(world: World, on_file: OnFile) -> None:
    worker, taken, none_on_file = await world.worker(), await world.worker(), await world.worker()
    await world.worker(none_on_file, has_registration_number=False)
    holder = await world.worker()
    await world.entry(holder, number="SW9")
    on_file.people[str(worker)] = {"name": "Ann Lee", "registration_number": "sw8"}
    on_file.people[str(taken)] = {"name": "Bo Ek", "registration_number": "SW9"}
    made = await world.lists()
    assert [one["numbers"] for one in made["lists"]] == [["SW8", "SW9"]]
    assert made["without_number"] == [str(taken), str(none_on_file)]
    assert str(none_on_file) not in on_file.asked
    assert await world.events(StatusChangedV1, worker) == []


async def test_more_than_a_hundred_numbers_are_more_than_one_list(world: World) -> None:
    for n in range(101):
        await world.entry(await world.worker(), number=f"SW{n + 1000}")
    assert [len(one["numbers"]) for one in (await world.lists())["lists"]] == [100, 1]


async def test_an_answer_is_put_in_force_line_by_line(world: World) -> None:
    workers = [await world.worker() for _ in range(4)]
    for n, worker in enumerate(workers, start=1):
        await world.entry(worker, number=f"SW{n}")
    made = (await world.lists())["lists"][0]["list_id"]
    answer = await world.answer(
        made, "SW1,,Registered,30/11/2026,Leeds", "SW2,,Removal order,,", "SW3,,Wandering,,", "SW99,,Registered,,"
    )
    assert [(line["number"], line["status"], line["outcome"]) for line in answer["lines"]] == [
        ("SW1", "registered", "unchanged"),
        ("SW2", "removed", "changed"),
    ]
    assert answer["missing"] == ["SW3", "SW4"]
    assert [(problem["line"], problem["field"]) for problem in answer["rejected"]] == [(4, "status"), (5, "number")]
    assert (await world.call("GET", f"/workers/{workers[0]}"))["register_columns"] == {"Town": "Leeds"}
    assert [(one.status, one.barred) for one in (await world.events(StatusChangedV1, workers[1]))[1:]] == [
        ("removed", True)
    ]
    assert [one.status for one in await world.events(StatusChangedV1, workers[3])] == ["registered"]
    assert await world.call("GET", f"/checks/{answer['check_id']}") == answer


async def test_a_check_is_told_in_counts_only(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker, number="SW4711")
    made = (await world.lists())["lists"][0]["list_id"]
    await world.answer(made, "SW4711,Ann Lee,Suspended,,", "x,,,,")
    told = (await world.events(CheckRecordedV1))[0]
    counts = (told.asked, told.answered, told.missing, told.changed, told.rejected, told.name_mismatches)
    assert counts == (1, 1, 0, 1, 1, 0)
    assert "4711" not in told.model_dump_json()


async def test_numbers_that_the_register_was_seen_not_to_know_may_not_practise(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker, number="SW1")
    made = (await world.lists())["lists"][0]["list_id"]
    assert (await world.answer(made))["missing"] == ["SW1"]
    assert (await world.call("GET", f"/workers/{worker}"))["status"] == "registered"
    await world.answer(made, missing_are_not_found=True)
    entry = await world.call("GET", f"/workers/{worker}")
    assert (entry["status"], entry["barred"]) == ("not_found", True)


async def test_the_same_file_again_changes_nothing(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker, number="SW1")
    made = (await world.lists())["lists"][0]["list_id"]
    first = await world.answer(made, "SW1,,Suspended,,")
    assert await world.answer(made, "SW1,,Suspended,,") == first
    assert len(await world.events(CheckRecordedV1)) == 1
    assert len((await world.call("GET", f"/workers/{worker}/history"))["items"]) == 2


async def test_the_same_request_for_lists_again_makes_no_others_and_asks_for_other_lists_under_another_key(
    world: World,
) -> None:
    await world.entry(await world.worker(), number="SW1")
    body, key = {"org_unit_id": str(world.team)}, {"Idempotency-Key": "lists-1"}
    first = await world.call("POST", "/check-lists", 201, json=body, headers=key)
    assert await world.call("POST", "/check-lists", 201, json=body, headers=key) == first
    other = await world.call("POST", "/check-lists", 201, json=body, headers={"Idempotency-Key": "lists-2"})
    assert other["lists"][0]["list_id"] != first["lists"][0]["list_id"]
    refused = await world.call("POST", "/check-lists", 422, json={**body, "source": "social_work_england"}, headers=key)
    assert refused["type"].endswith("/problems/idempotency-key-reused")
    async with world.database.reading() as tx:
        assert await tx.fetch_value("select count(*) from check_lists") == 2


async def test_a_name_that_differs_is_scored_shown_and_not_believed_nor_kept(world: World, on_file: OnFile) -> None:
    same, other, unasked = [await world.worker() for _ in range(3)]
    for worker, number in ((same, "SW1"), (other, "SW2"), (unasked, "SW3")):
        await world.entry(worker, number=number)
    on_file.people[str(same)] = {"name": "Ann Mary Lee"}
    on_file.people[str(other)] = {"name": "Bo Ek"}
    made = (await world.lists())["lists"][0]["list_id"]
    answer = await world.answer(made, *[f"SW{n},Ann Lee,Removed,," for n in (1, 2, 3)])
    lines = [(line["outcome"], line["name_score"]) for line in answer["lines"]]
    assert (lines[0], lines[2]) == (("changed", 95), ("changed", None))
    assert lines[1][0] == "name_differs"
    assert lines[1][1] < 80
    assert (await world.call("GET", f"/workers/{other}"))["status"] == "registered"
    async with world.database.reading() as tx:
        kept = await tx.fetch_all(
            "select to_jsonb(c)::text as words from checks c union all select extra::text from entries"
        )
    assert "Lee" not in json.dumps([row["words"] for row in kept])


async def test_a_file_of_an_earlier_day_does_not_undo_what_was_read_since(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker, number="SW1")
    made = (await world.lists())["lists"][0]["list_id"]
    await world.entry(worker, "suspended", number="SW1")
    answer = await world.answer(made, "SW1,,Registered,30/11/2026,", checked_on="2026-03-01")
    assert [line["outcome"] for line in answer["lines"]] == ["read_later_already"]
    await world.answer(made, "SW1,,Registered,,", checked_on="2026-03-03", expect=422)


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"just words", b"a,b\n1,2\n", b"\xff\xfe\xfd"])
async def test_a_broken_file_is_refused_in_words(world: World, content: bytes) -> None:
    worker = await world.worker()
    await world.entry(worker)
    made = (await world.lists())["lists"][0]["list_id"]
    refused = await world.call("POST", f"/check-lists/{made}/answers", 422, content=content)
    assert refused["type"] == "/problems/file-not-readable"
    assert await world.events(CheckRecordedV1) == []


async def test_unknown_lists_checks_and_registers_are_told(world: World) -> None:
    await world.answer(str(new_id()), "SW1,,Registered,,", expect=404)
    await world.call("GET", f"/checks/{new_id()}", 404)
    body = {"org_unit_id": str(world.team), "source": "nowhere"}
    assert (await world.call("POST", "/check-lists", 422, json=body))["type"] == "/problems/source-not-known"


async def test_the_number_of_somebody_who_is_gone_is_reported(world: World) -> None:
    worker = await world.worker()
    await world.entry(worker, number="SW1")
    made = (await world.lists())["lists"][0]["list_id"]
    await world.entry(worker, number="SW2")
    answer = await world.answer(made, "SW1,,Registered,,")
    assert [(line["outcome"], line["worker_id"]) for line in answer["lines"]] == [("nobody_has_it", None)]


async def test_lists_of_another_authority_are_out_of_reach(world: World) -> None:
    elsewhere = await World(world.client, world.database, world.clock).begin()
    made = await elsewhere.lists(elsewhere.authority)
    assert made == {"lists": [], "without_number": []}
    await elsewhere.entry(await elsewhere.worker())
    listed = (await elsewhere.lists())["lists"][0]["list_id"]
    local = world.someone("workforce_admin", unit=world.team)
    await world.call("GET", f"/check-lists/{listed}", 403, who=local)
    await world.call("POST", f"/check-lists/{listed}/answers", 403, who=local, content=b"x")
    await world.call("POST", "/check-lists", 403, who=local, json={"org_unit_id": str(UUID(int=7))})
