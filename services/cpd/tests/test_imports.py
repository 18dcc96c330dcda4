"""Completed courses from learning systems: CSV files, sound and broken, and xAPI statements."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import new_id
from chassis.testing import token
from contracts.cpd import TrainingCompletedV1
from services.cpd.rules.completions import UnreadableFileError, read_file
from services.cpd.rules.xapi import UnsoundStatementError, code_of, fingerprint, read_statement
from services.cpd.tests.world import World, problem

COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
HOME = "https://learn.example.org"


def integration(world: World) -> dict[str, str]:
    return token(roles=["integration"], org_unit_id=world.authority)


async def send_csv(world: World, text: str | bytes) -> httpx.Response:
    content = text.encode() if isinstance(text, str) else text
    return await world.call(
        "POST", "/imports", integration(world), content=content, headers={"Content-Type": "text/csv"}
    )


def statement(worker: UUID | str, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "actor": {"account": {"homePage": HOME, "name": str(worker)}},
        "verb": {"id": COMPLETED},
        "object": {"id": f"{HOME}/courses/fire-safety"},
        "result": {"completion": True, "duration": "PT1H30M"},
        "timestamp": "2026-02-28T23:30:00+00:00",
        **changes,
    }


async def send(world: World, body: Any, who: dict[str, str] | None = None) -> httpx.Response:
    return await world.call("POST", "/xapi/statements", who or integration(world), json=body)


async def completed(world: World, worker: UUID) -> list[tuple[str, str, float | None]]:
    found = (await world.done("GET", f"/workers/{worker}/training"))["completed"]
    return [(one["course_code"], one["completed_on"], one["hours"]) for one in found]


async def test_a_file_of_completed_courses_is_taken_once_and_a_bad_line_stops_no_good_one(world: World) -> None:
    worker = await world.worker()
    text = (
        "worker_id,course_code,completed_on,hours\r\n"
        f"{worker},fire-safety,2026-02-28,1.5\r\n"
        f"{worker},FIRST-AID,27/02/2026,\r\n"
        f"{worker},late,2026-03-03,1\r\n"
        f"{new_id()},fire-safety,2026-02-28,1\r\n"
        f'{worker},"broken,2026-02-28,1\r\n'
        f"{worker},fire-safety,yesterday,1\r\n"
        f"{worker},more,2026-02-28,1,2\r\n"
    )
    answer = (await send_csv(world, text)).json()
    assert (answer["accepted"], answer["unchanged"]) == (2, 0)
    assert [(one["line"], one["field"]) for one in answer["rejected"]] == [
        (4, "completed_on"),
        (5, "worker_id"),
        (6, "line"),
        (7, "completed_on"),
        (8, "line"),
    ]
    again = (await send_csv(world, text)).json()
    assert (again["accepted"], again["unchanged"]) == (0, 2)
    assert await completed(world, worker) == [("fire-safety", "2026-02-28", 1.5), ("first-aid", "2026-02-27", None)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\x00a", id="another encoding"),
        pytest.param(b"course_code,completed_on\n", id="nobody named"),
        pytest.param(b"worker_id,course_code,completed_on,colour\n", id="an unknown column"),
        pytest.param(b"x" * 2_000_001, id="too large"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_with_the_remedy(world: World, content: bytes) -> None:
    assert problem(await send_csv(world, content)) == (422, "file-not-readable")


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_it_is_read_or_refused(rest: bytes) -> None:
    try:
        lines, findings = read_file(b"worker_id,course_code,completed_on,hours\n" + rest)
    except UnreadableFileError:
        return
    assert len(lines) + len(findings) <= rest.count(b"\n") + rest.count(b"\r") + 20


async def test_an_account_of_a_learning_system_names_its_worker(world: World) -> None:
    worker = await world.worker()
    body = {"home_page": HOME, "account": "jb17", "worker_id": str(worker)}
    await world.done("PUT", "/learner-accounts", integration(world), json=body)
    text = f"home_page,account,course_code,completed_on\n{HOME},jb17,fire,2026-02-28\n{HOME},other,fire,2026-02-28\n"
    answer = (await send_csv(world, text)).json()
    assert (answer["accepted"], len(answer["rejected"])) == (1, 1)
    assert (await send(world, statement("jb17"))).status_code == 200
    assert await completed(world, worker) == [("fire", "2026-02-28", None), ("fire-safety", "2026-02-28", 1.5)]
    assert problem(await send(world, statement("nobody"))) == (422, "unknown-learner")


async def test_the_same_statement_again_is_204_and_another_with_its_id_is_409(world: World) -> None:
    worker = await world.worker()
    one = statement(worker)
    first = await send(world, one)
    assert (first.status_code, first.json()) == (200, [one["id"]])
    turned = dict(reversed(list(one.items()))) | {"stored": "2026-03-02T12:00:00Z"}
    assert (await send(world, turned)).status_code == 204
    assert problem(await send(world, {**one, "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"}})) == (
        409,
        "statement-differs",
    )
    assert len(await world.events(TrainingCompletedV1, worker)) == 1


async def test_two_equal_ids_in_one_batch_are_400_and_nothing_of_it_is_taken(world: World) -> None:
    worker = await world.worker()
    one = statement(worker)
    assert problem(await send(world, [statement(worker), one, one])) == (400, "statement-repeated")
    broken = {**statement(worker), "verb": {}}
    assert problem(await send(world, [one, broken])) == (400, "statement-not-sound")
    assert problem(await send(world, [])) == (400, "batch-size")
    assert await completed(world, worker) == []


async def test_a_course_is_found_by_its_activity_and_other_statements_are_only_kept(world: World) -> None:
    worker = await world.worker()
    body = {"org_unit_id": str(world.authority), "title": "Fire", "activity": f"{HOME}/courses/fire-safety"}
    await world.done("PUT", "/courses/fire", world.as_psw(), json={**body, "valid_months": 12})
    looked = statement(worker, verb={"id": "http://adlnet.gov/expapi/verbs/experienced"})
    failed = statement(worker, result={"success": False})
    answer = await send(world, [statement(worker), looked, failed])
    assert (answer.status_code, len(answer.json())) == (200, 3)
    assert [one[0] for one in await completed(world, worker)] == ["fire"]
    assert (await send(world, looked)).status_code == 204


async def test_nobody_brings_in_courses_for_another_authority(world: World) -> None:
    worker = await world.worker()
    elsewhere = token(roles=["integration"], org_unit_id=new_id())
    assert problem(await send(world, statement(worker), elsewhere)) == (403, "outside-reach")
    assert problem(await send(world, statement(new_id()), elsewhere)) == (403, "outside-reach")
    assert problem(await send(world, statement(worker), world.as_manager())) == (403, "role-not-allowed")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"id": "7"}, "id", id="an id that is none"),
        pytest.param({"actor": None}, "actor", id="nobody"),
        pytest.param({"actor": {"mbox": "mailto:a@b"}}, "actor.account", id="a mail address instead of an account"),
        pytest.param({"verb": {"id": "completed"}}, "verb.id", id="a verb without an IRI"),
        pytest.param({"object": {}}, "object.id", id="no course"),
        pytest.param({"timestamp": "2026-02-28T12:00:00"}, "timestamp", id="an instant without an offset"),
        pytest.param({"result": {"duration": "an hour"}}, "result.duration", id="a duration in words"),
        pytest.param({"result": []}, "result", id="a list as the result"),
    ],
)
def test_a_statement_that_is_not_sound_says_where(change: dict[str, Any], field: str) -> None:
    with pytest.raises(UnsoundStatementError) as refused:
        read_statement(statement("x", **change))
    assert refused.value.field == field


PLAIN = st.none() | st.booleans() | st.integers() | st.text()
ANY_JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@given(ANY_JSON, st.sampled_from(["id", "actor", "verb", "object", "result", "timestamp"]))
def test_whatever_json_stands_in_a_statement_it_is_read_or_refused(given_json: object, part: str) -> None:
    with contextlib.suppress(UnsoundStatementError):
        assert len(read_statement(statement("x", **{part: given_json})).fingerprint) == 64


@given(st.dictionaries(st.text(), st.integers(), min_size=1))
def test_the_order_of_keys_makes_no_difference(given_json: dict[str, int]) -> None:
    assert fingerprint(given_json) == fingerprint(dict(reversed(list(given_json.items()))))


@given(st.text(min_size=1, max_size=200))
def test_a_code_is_made_of_any_activity(activity: str) -> None:
    code = code_of(activity)
    assert 0 < len(code) <= 60
    assert all(letter.isascii() for letter in code)
