"""Files of workers, taken line by line."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from chassis.database import Database
from chassis.testing import published
from contracts.workforce import WorkerRecordedV1
from services.workforce.tests.builders import Authority, build_authority, someone

HEADER = (
    "name,employee_ref,org_unit,line_manager_ref,job_role,career_stage,newly_qualified,is_social_worker,"
    "contracted_hours,employment_started_on"
)


def row(ref: str, manager: str = "", unit: str = "North", hours: str = "37", name: str = "Ana") -> str:
    return f"{name},{ref},{unit},{manager},social worker,practitioner,no,yes,{hours},2024-01-08"


async def take(authority: Authority, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Any:
    authority.headers = someone("workforce_admin", None, authority.authority)
    content = "\r\n".join([header, *rows]).encode(encoding)
    return await authority.send("POST", "/imports", 200, content=content, headers={"Content-Type": "text/csv"})


def rejected(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(line["line"], line["field"]) for line in answer["rejected"]]


async def by_ref(authority: Authority, ref: str) -> dict[str, Any] | None:
    items = (await authority.send("GET", "/workers", 200, params={"employee_ref": ref}))["items"]
    return items[0] if items else None


async def recorded(database: Database) -> int:
    async with database.reading() as tx:
        return sum(isinstance(event, WorkerRecordedV1) for event in await published(tx))


async def test_good_lines_go_in_and_bad_ones_are_named(authority: Authority) -> None:
    answer = await take(
        authority,
        row("E1"),
        row("E2", hours="many"),
        row("E3", unit="Atlantis"),
        row("E4", manager="NOBODY"),
        row("E5", hours="99"),
        row("E1", name="Bo"),
        row("E6"),
    )
    assert (answer["accepted"], answer["created"]) == (2, 2)
    assert rejected(answer) == [
        (3, "contracted_hours"),
        (4, "org_unit"),
        (5, "line_manager_ref"),
        (6, "contracted_hours"),
        (7, "employee_ref"),
    ]
    assert await by_ref(authority, "E6") is not None
    assert await by_ref(authority, "E4") is None


async def test_the_same_file_again_changes_nothing(authority: Authority, database: Database) -> None:
    rows = [row("E1", manager="E2"), row("E2"), row("E3", hours="x")]
    first = await take(authority, *rows)
    before = await recorded(database)
    again = await take(authority, *rows)
    assert (again["accepted"], again["created"], again["changed"], again["unchanged"]) == (2, 0, 0, 2)
    assert again["rejected"] == first["rejected"]
    assert await recorded(database) == before


async def test_a_changed_line_changes_that_worker_alone(authority: Authority, database: Database) -> None:
    await take(authority, row("E1"), row("E2"))
    before = await recorded(database)
    answer = await take(authority, row("E1", hours="18.5"), row("E2"))
    assert (answer["changed"], answer["unchanged"]) == (1, 1)
    assert await recorded(database) == before + 1
    changed = await by_ref(authority, "E1")
    assert changed is not None
    assert changed["contracted_hours"] == 18.5


async def test_managers_may_come_later_in_the_file_and_before_it(authority: Authority) -> None:
    boss = await authority.worker(employee_ref="BOSS")
    answer = await take(authority, row("E1", manager="E2"), row("E2", manager="BOSS"))
    assert (answer["accepted"], answer["rejected"]) == (2, [])
    first, second = await by_ref(authority, "E1"), await by_ref(authority, "E2")
    assert first is not None
    assert second is not None
    assert (first["line_manager_id"], second["line_manager_id"]) == (second["worker_id"], boss)


async def test_those_who_would_manage_themselves_are_refused_and_others_go_in(authority: Authority) -> None:
    answer = await take(authority, row("A", "B"), row("B", "C"), row("C", "A"), row("D", "D"), row("E", "F"), row("F"))
    assert rejected(answer) == [(line, "line_manager_ref") for line in (2, 3, 4, 5)]
    assert answer["accepted"] == 2


async def test_two_who_change_places_in_one_file_are_taken(authority: Authority) -> None:
    await take(authority, row("A"), row("B", "A"))
    answer = await take(authority, row("A", "B"), row("B"))
    assert (answer["changed"], answer["rejected"]) == (2, [])


async def test_a_line_whose_manager_is_refused_is_refused_too(authority: Authority) -> None:
    answer = await take(authority, row("A", "B"), row("B", "C"), row("C", hours="x"))
    assert rejected(answer) == [
        (2, "line_manager_ref"),
        (3, "line_manager_ref"),
        (4, "contracted_hours"),
    ]


async def test_a_column_that_is_left_out_leaves_what_is_known(authority: Authority) -> None:
    await take(authority, row("A", "B"), row("B"))
    names = HEADER.replace(",line_manager_ref", "")
    answer = await take(authority, row("A").replace(",North,,", ",North,"), header=names)
    assert answer["unchanged"] == 1


async def test_units_are_found_by_id_by_name_and_by_path(authority: Authority) -> None:
    adults = await authority.unit("Adults", "service", authority.authority)
    await authority.unit("North", "team", adults)
    answer = await take(
        authority,
        row("A", unit=authority.team),
        row("B", unit="Children/North"),
        row("C", unit="adults > north"),
        row("D", unit="North"),
    )
    assert rejected(answer) == [(5, "org_unit")]
    assert "Authority/Service/Team" in answer["rejected"][0]["problem"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
async def test_names_survive_the_encodings_of_office_programs(authority: Authority, encoding: str) -> None:
    await take(authority, row("Z", name="Zoë Brontë"), encoding=encoding)
    seen = await by_ref(authority, "Z")
    assert seen is not None
    assert seen["name"] == "Zoë Brontë"


async def test_a_file_without_the_needed_columns_is_refused_whole(authority: Authority) -> None:
    headers = {"Content-Type": "text/csv"}
    problem = await authority.send("POST", "/imports", 422, content=b"name,ref\nAna,E1\n", headers=headers)
    assert problem["type"] == "/problems/file-not-readable"
    assert "lacks" in problem["detail"]


async def test_units_of_another_authority_are_unknown_to_its_neighbour(
    authority: Authority, client: httpx.AsyncClient
) -> None:
    elsewhere = await build_authority(client)
    assert rejected(await take(authority, row("A", unit=elsewhere.team))) == [(2, "org_unit")]


async def test_only_administrators_import(authority: Authority, client: httpx.AsyncClient) -> None:
    for role in ("team_manager", "senior_leader", "integration"):
        headers = someone(role, None, authority.team)
        assert (await client.post("/v1/workforce/imports", content=b"", headers=headers)).status_code == 403
