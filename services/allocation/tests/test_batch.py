"""Many cases at once: good lines go in, bad ones are named, and nothing is half written."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import token
from contracts.allocation import CaseReceivedV1
from services.allocation.commands import case_lines
from services.allocation.commands.case_keys import CaseKeys
from services.allocation.tests.office import Office


async def send(office: Office, *lines: Any, who: dict[str, str] | None = None, expect: int = 200) -> Any:
    """Send lines: objects as JSON, texts as they are."""
    body = b"\n".join(line.encode() if isinstance(line, str) else json.dumps(line).encode() for line in lines)
    headers = {**(who or office.case_system), "content-type": "application/x-ndjson"}
    return await office.call("POST", "/cases:batch", headers, expect, content=body)


def a_line(office: Office, reference: str, **given: Any) -> dict[str, Any]:
    return {"source": "lcs", "reference": reference, **office.case_body(**given)}


def name() -> str:
    return f"B{new_id().hex}"


async def test_lines_are_taken_once_and_the_same_file_again_changes_nothing(office: Office) -> None:
    first, second = name(), name()
    lines = [a_line(office, first), a_line(office, second, skills=["bsl", "court"], modifiers=["x"])]
    assert await send(office, *lines) == {"accepted": 2, "unchanged": 0, "rejected": []}
    assert await send(office, *lines) == {"accepted": 0, "unchanged": 2, "rejected": []}
    kept = await office.get(f"/cases/lcs/{second}", office.boss)
    assert (kept["skills"], kept["modifiers"], kept["received_on"]) == (
        ["bsl", "court"],
        ["x"],
        lines[1]["received_on"],
    )
    told = [event for event in await office.told() if getattr(event, "org_unit_id", None) == office.team]
    assert [type(event) for event in told] == [CaseReceivedV1, CaseReceivedV1]


async def test_batch_and_single_case_tell_the_same(office: Office) -> None:
    single, batched = name(), name()
    await office.put(f"/cases/lcs/{single}", office.case_body(), office.case_system, 201)
    await send(office, a_line(office, batched))
    one, other = [event for event in await office.told() if getattr(event, "org_unit_id", None) == office.team]
    assert one.model_copy(update={"case_key": ""}) == other.model_copy(update={"case_key": ""})
    await office.post(f"/cases/lcs/{batched}/close", {"closed_on": str(office.today), "reason": "x"}, office.boss, 200)
    async with office.database.reading() as tx:
        rows = await tx.fetch_all(
            "select sequence, attributes::json ->> 'ce_subject' = key as named from outbox where key = %(key)s order by id",
            {"key": other.subject},
        )
    assert [(row["sequence"], row["named"]) for row in rows] == [(1, True), (2, True)]


def test_case_key_is_an_hmac() -> None:
    for secret in ("short", "x" * 64, "long" * 40):
        expected = hmac.new(secret.encode(), b"mosaic\0A 1", hashlib.sha256).hexdigest()
        assert CaseKeys(secret).key_of("mosaic", "A 1") == expected


async def test_one_bad_line_never_stops_a_good_one_and_is_named(office: Office) -> None:
    good, late = name(), name()
    answer = await send(
        office,
        a_line(office, good),
        "{not json",
        a_line(office, name(), priority="whenever"),
        "",
        a_line(office, name(), org_unit_id=str(new_id())),
        a_line(office, name(), received_on=str(office.today.replace(year=2030))),
        {key: value for key, value in a_line(office, name()).items() if key != "complexity"},
        a_line(office, "with/slash"),
        a_line(office, name(), case_type="words about\ta family"),
        '{"source": "lcs"},{"source": "lcs"}',
        "[1, 2]",
        "x" * 20_000,
        a_line(office, late, skills=["ok", "not ok"]),
        a_line(office, late),
    )
    assert (answer["accepted"], answer["unchanged"]) == (2, 0)
    assert [(wrong["line"], wrong["field"]) for wrong in answer["rejected"]] == [
        (2, ""),
        (3, "priority"),
        (5, "org_unit_id"),
        (6, "received_on"),
        (7, "complexity"),
        (8, "reference"),
        (9, "case_type"),
        (10, ""),
        (11, ""),
        (12, ""),
        (13, "skills.1"),
    ]
    assert all(wrong["problem"] for wrong in answer["rejected"])
    assert (await office.get(f"/cases/lcs/{good}", office.boss))["worker_id"] is None


async def test_last_line_about_a_case_counts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_lines, "SET_SIZE", 3)
    case = name()
    priorities = ["low", "medium", "high", "urgent", "low"]
    lines = [line for n in priorities for line in (a_line(office, case, priority=n), a_line(office, name()))]
    assert await send(office, *lines) == {"accepted": 10, "unchanged": 0, "rejected": []}
    assert (await office.get(f"/cases/lcs/{case}", office.boss))["priority"] == "low"


async def test_known_changed_and_new_cases_in_one_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_lines, "SET_SIZE", 4)
    await office.agree()
    worker = await office.hire()
    cases = [name() for _ in range(10)]
    await send(office, *[a_line(office, case) for case in cases[:6]])
    await office.allocate(f"/cases/lcs/{cases[0]}", worker)
    await office.post(f"/cases/lcs/{cases[1]}/close", {"closed_on": str(office.today), "reason": "x"}, office.boss, 200)
    file = [a_line(office, case) for case in cases]
    file[0] = a_line(office, cases[0], case_type="child_protection")
    file[1] = a_line(office, cases[1], priority="low")
    answer = await send(office, *file)
    assert (answer["accepted"], answer["unchanged"]) == (5, 4)
    assert [(wrong["line"], wrong["field"]) for wrong in answer["rejected"]] == [(2, "received_on")]
    assert (await office.figures(worker))[1] == 25
    assert (await office.told_types(worker))[-1] == "workload.changed"


async def test_two_senders_of_the_same_file_at_once_take_each_case_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_lines, "SET_SIZE", 50)
    cases = [name() for _ in range(400)]
    lines = [a_line(office, case) for case in cases]
    answers = await asyncio.gather(*[send(office, *part) for part in (lines, lines[::-1], lines[200:] + lines[:200])])
    assert sum(answer["accepted"] for answer in answers) == 400
    assert sum(answer["unchanged"] for answer in answers) == 800
    told = [event for event in await office.told() if getattr(event, "org_unit_id", None) == office.team]
    assert len({event.subject for event in told}) == len(told) == 400


async def test_connection_that_breaks_leaves_whole_cases_only(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_lines, "SET_SIZE", 2)
    lines = [json.dumps(a_line(office, name())).encode() + b"\n" for _ in range(7)]

    class Broken(Exception):
        pass

    async def body() -> AsyncIterator[bytes]:
        for line in lines:
            yield line[:40]
            yield line[40:]
        yield lines[0][:30]
        raise Broken

    headers = {**office.case_system, "content-type": "application/x-ndjson"}
    await office.call("POST", "/cases:batch", headers, 500, content=body())
    async with office.database.reading() as tx:
        counted = await tx.fetch_one(
            """select count(*) as cases, count(o.key) as told from cases c left join outbox o on o.key = c.case_key
            where c.org_unit_id = %(team)s""",
            {"team": office.team},
        )
    assert counted is not None
    assert counted["cases"] == counted["told"]
    again = await send(office, *[line.decode().strip() for line in lines])
    assert (again["accepted"], again["unchanged"]) == (7 - counted["cases"], counted["cases"])


async def test_only_case_systems_send_batches_and_only_within_their_authority(office: Office) -> None:
    for role in ("team_manager", "principal_social_worker", "reporting"):
        who = token(roles=[role], org_unit_id=office.team)
        await send(office, a_line(office, name()), who=who, expect=403)
    case = name()
    await send(office, a_line(office, case))
    elsewhere = await Office(office.client, office.database, office.clock).open()
    foreign = token(roles=["integration"], org_unit_id=elsewhere.authority)
    answer = await send(office, a_line(office, name()), a_line(elsewhere, case), a_line(elsewhere, name()), who=foreign)
    assert answer["accepted"] == 1
    assert [(wrong["line"], wrong["field"]) for wrong in answer["rejected"]] == [(1, "org_unit_id"), (2, "reference")]


async def test_empty_batch_is_fine(office: Office) -> None:
    assert await send(office) == {"accepted": 0, "unchanged": 0, "rejected": []}
    assert await send(office, "", "  ", "") == {"accepted": 0, "unchanged": 0, "rejected": []}


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00",
        b'{"source": "lcs", "reference": "\\ud800"}',
        b'{"source": "lcs", "reference": "a\\u0000b"}',
        b'{"source": "lcs", "reference": "a\\tb"}',
        b'{"source": "lcs", "reference": "\\\\."}',
        b"\\.",
        b"[" * 10_000,
        b'{"received_on": 1e400}',
        b'{"received_on": NaN}',
        b"null",
    ],
)
async def test_nothing_that_is_sent_breaks_a_batch(office: Office, line: bytes) -> None:
    good = json.dumps(a_line(office, name())).encode()
    whole = json.loads(good)
    odd = json.dumps({**whole, "reference": "Ärger ☂ 'quoted' \"twice\" {a,b}"}, ensure_ascii=False).encode()
    headers = {**office.case_system, "content-type": "application/x-ndjson"}
    body = line + b"\r\n" + good + b"\r\n" + odd + b"\r\n"
    answer = await office.call("POST", "/cases:batch", headers, 200, content=body)
    assert (answer["accepted"] + answer["unchanged"], [wrong["line"] for wrong in answer["rejected"]]) == (2, [1])
