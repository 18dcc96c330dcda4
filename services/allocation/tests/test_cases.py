"""Cases come in, change, come back and end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing import token
from contracts.allocation import CaseChangedV1, CaseClosedV1, CaseReceivedV1
from services.allocation.tests.office import Office


async def case_events(office: Office) -> list[str]:
    """What was told of this office's cases, in short."""
    told = [event for event in await office.told() if getattr(event, "org_unit_id", None) == office.team]
    return [event.TYPE.split(".")[2] for event in told if event.TYPE.startswith("allocation.case.")]


async def test_case_is_received_once_and_the_same_again_changes_nothing(office: Office) -> None:
    case = await office.case()
    body = office.case_body()
    assert (await office.put(case, body, office.case_system, 200))["case_type"] == "child_in_need"
    assert await case_events(office) == ["received"]


async def test_changed_case_is_told(office: Office) -> None:
    case = await office.case()
    await office.put(case, office.case_body(priority="urgent"), office.case_system, 200)
    assert await case_events(office) == ["received", "changed"]
    assert (await office.get(case, office.boss))["priority"] == "urgent"


async def test_order_of_skills_says_nothing(office: Office) -> None:
    case = await office.case(skills=["bsl", "court", "bsl"])
    await office.put(case, office.case_body(skills=["court", "bsl"]), office.case_system, 200)
    assert await case_events(office) == ["received"]


async def test_held_case_that_grows_heavier_is_told_of_its_worker(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    case = (await office.give_cases(worker, 12))[0]
    assert await office.figures(worker) == (100, 99, 99, "amber")
    await office.put(case, office.case_body(case_type="child_protection"), office.case_system, 200)
    assert await office.figures(worker) == (100, 102, 102, "over")
    assert (await office.told_types(worker))[-2:] == ["workload.changed", "workload.overloaded"]


async def test_what_a_case_was_before_a_change_stays_readable(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    case = (await timed.give_cases(worker, 1))[0]
    for days, case_type in ((1, "child_protection"), (1, "child_in_need"), (0, "child_protection")):
        timed.clock.forward(days=days)
        await timed.put(case, timed.case_body(case_type=case_type), timed.case_system, 200)
    loads = [(await timed.figures(worker, timed.today - timedelta(days=days)))[1] for days in (2, 1, 0)]
    assert loads == [22, 25, 25]


async def test_closed_case_leaves_the_workload_and_can_be_closed_again_alike(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    case = (await office.give_cases(worker, 1))[0]
    body = {"closed_on": str(office.today), "reason": "plan completed"}
    for _ in range(2):
        closed = await office.post(f"{case}/close", body, office.case_system, 200)
        assert (closed["closed_on"], closed["worker_id"]) == (str(office.today), None)
    assert await case_events(office) == ["received", "allocated", "closed"]
    assert (await office.figures(worker))[1] == 15
    await office.post(f"{case}/close", {**body, "closed_on": str(office.today - timedelta(days=1))}, office.boss, 409)


@pytest.mark.parametrize("days", [1, -6], ids=["in the future", "before it was received"])
async def test_case_cannot_be_closed_on_an_impossible_day(office: Office, days: int) -> None:
    case = await office.case()
    body = {"closed_on": str(office.today + timedelta(days=days)), "reason": "plan completed"}
    answer = await office.post(f"{case}/close", body, office.boss, 422)
    assert answer["errors"][0]["field"] == "closed_on"


async def test_same_file_after_closing_revives_nothing(office: Office) -> None:
    case = await office.case()
    await office.post(f"{case}/close", {"closed_on": str(office.today), "reason": "done"}, office.boss, 200)
    assert (await office.put(case, office.case_body(), office.case_system, 200))["closed_on"] == str(office.today)
    answer = await office.put(case, office.case_body(priority="low"), office.case_system, 409)
    assert answer["type"] == "/problems/case-closed"


async def test_new_referral_of_a_closed_case_waits_again(office: Office) -> None:
    case = await office.case()
    await office.post(f"{case}/close", {"closed_on": str(office.today), "reason": "done"}, office.boss, 200)
    again = office.case_body(received_on=str(office.today))
    assert (await office.put(case, again, office.case_system, 200))["closed_on"] is None
    assert await case_events(office) == ["received", "closed", "received"]


async def test_released_case_waits_for_another_worker(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    case = (await office.give_cases(worker, 1))[0]
    released = await office.post(f"{case}/release", {"reason": "conflict of interest"}, office.boss, 200)
    assert released["worker_id"] is None
    last = (await office.told(released and await key_of(office, case)))[-1]
    assert isinstance(last, CaseChangedV1)
    assert last.worker_id is None
    assert (await office.figures(worker))[1] == 15
    answer = await office.post(f"{case}/release", {"reason": "again"}, office.boss, 409)
    assert answer["type"] == "/problems/case-not-held"
    waiting = await office.get(f"/unallocated?org_unit_id={office.team}", office.boss)
    assert len(waiting["items"]) == 1


async def key_of(office: Office, case: str) -> str:
    """The name under which a case travels."""
    async with office.database.reading() as tx:
        return str(
            await tx.fetch_value(
                "select case_key from cases where reference = %(reference)s", {"reference": case.rsplit("/", 1)[1]}
            )
        )


async def test_case_travels_under_a_keyed_hash(office: Office) -> None:
    case = await office.case()
    key = await key_of(office, case)
    assert len(key) == 64
    assert [type(event) for event in await office.told(key)] == [CaseReceivedV1]
    await office.post(f"{case}/close", {"closed_on": str(office.today), "reason": "done"}, office.boss, 200)
    assert isinstance((await office.told(key))[-1], CaseClosedV1)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("org_unit_id", {"org_unit_id": str(new_id())}),
        ("org_unit_id", {"org_unit_id": "north"}),
        ("received_on", {"received_on": "2026-03-03"}),
        ("received_on", {"received_on": "2026-02-30"}),
        ("priority", {"priority": "whenever"}),
        ("case_type", {"case_type": "a family called Smith"}),
        ("complexity", {"complexity": ""}),
        ("skills.0", {"skills": ["two words"]}),
        ("name_of_child", {"name_of_child": "x"}),
    ],
)
async def test_bad_case_is_refused_and_the_field_named(office: Office, field: str, wrong: dict[str, Any]) -> None:
    answer = await office.put("/cases/mosaic/bad", office.case_body(**wrong), office.case_system, 422)
    assert [error["field"] for error in answer["errors"]] == [field]
    await office.get("/cases/mosaic/bad", office.psw, 404)


async def test_sender_who_names_a_version_loses_to_nobody_unseen(office: Office) -> None:
    case = await office.case()
    seen = await office.client.get(f"/v1/allocation{case}", headers=office.boss)
    stale = {**office.case_system, "If-Match": seen.headers["etag"]}
    await office.put(case, office.case_body(priority="low"), stale, 200)
    await office.put(case, office.case_body(priority="urgent"), stale, 412)


async def test_who_may_send_read_and_close_cases(office: Office) -> None:
    case = await office.case()
    elsewhere = await Office(office.client, office.database, office.clock).open()
    for role in ("practitioner", "team_manager", "senior_leader", "reporting", "workforce_admin"):
        who = token(roles=[role], worker_id=office.team, org_unit_id=office.team)
        await office.put(case, office.case_body(), who, 403)
    for path in (case, f"{case}/allocations", f"{case}/recommendations"):
        await office.get(path, elsewhere.boss, 403)
    body = {"closed_on": str(office.today), "reason": "x"}
    await office.post(f"{case}/close", body, elsewhere.boss, 403)
    foreign = token(roles=["integration"], org_unit_id=elsewhere.authority)
    await office.put(case, elsewhere.case_body(), foreign, 403)
    await office.put(case, office.case_body(), foreign, 403)
    await office.get("/cases/mosaic/unknown", office.psw, 404)
