"""Incidents: recorded, assessed, reported, protected against and closed, with the case marked meanwhile."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from contracts.safety import CaseMarkedV1, IncidentRecordedV1, IncidentReportedV1
from services.safety.tests.conftest import SECRET
from services.safety.tests.world import World


async def incident(world: World, expect: int = 201, who: dict[str, str] | None = None, **fields: Any) -> Any:
    usual = {
        "worker_id": str(world.worker),
        "kind": "physical_violence",
        "by_whom": "family_member",
        "place": "home_visit",
        "occurred_on": "2026-03-02",
        "words": "Pushed down the stairs.",
    }
    return await world.post("/incidents", who or world.me, expect, **{**usual, **fields})


async def test_an_incident_from_record_to_close(world: World) -> None:
    case = {"source": "mosaic", "reference": "C-1"}
    recorded = await incident(world, injury="minor", unable_to="2026-03-05", case=case)
    path = f"/incidents/{recorded['incident_id']}"
    assert (recorded["category"], recorded["days_unable"], recorded["report_by"]) == ("none", 3, None)
    await world.to("2026-03-12T09:00")
    changed = await world.post(f"{path}/injury", world.boss, injury="minor", unable_to="2026-03-12")
    assert (changed["category"], changed["report_by"]) == ("report_within_15_days", "2026-03-17")
    await world.post(f"{path}/close", world.boss, 409)
    await world.post(f"{path}/assess", world.boss, risk="high", words="Alone, in the evening.")
    await world.post(f"{path}/report", world.boss, 422, reported_on="2026-03-13")
    await world.post(f"{path}/report", world.boss, reported_on="2026-03-12")
    measure = {"owner_id": str(world.manager), "review_on": "2026-04-01", "words": "In pairs only."}
    agreed = await world.post(f"{path}/measures", world.boss, 201, **measure)
    await world.post(f"{path}/close", world.boss, 409)
    await world.to("2026-04-02T09:00")
    seen = await world.get(path, world.me)
    assert [one["overdue"] for one in seen["measures"]] == [True]
    review = f"{path}/measures/{agreed['measures'][0]['measure_id']}/review"
    await world.post(review, world.boss, review_on="2026-05-01", words="Still needed.")
    await world.post(review, world.boss)
    await world.post(review, world.boss, 404)
    assert (await world.post(f"{path}/close", world.boss))["closed_on"] == "2026-04-02"
    assert [one.category for one in await world.events(IncidentRecordedV1)] == ["none", "report_within_15_days"]
    (reported,) = await world.events(IncidentReportedV1)
    assert reported.in_time
    marks = await world.events(CaseMarkedV1)
    key = hmac.new(SECRET.encode(), b"mosaic\0C-1", hashlib.sha256).hexdigest()
    assert [(one.case_key, one.marked) for one in marks] == [(key, True), (key, False)]


async def test_a_case_stays_marked_until_its_last_incident_is_closed(world: World) -> None:
    case = {"source": "mosaic", "reference": "C-2"}
    two = [await incident(world, kind="threat", case=case) for _ in range(2)]
    for n, one in enumerate(two):
        path = f"/incidents/{one['incident_id']}"
        await world.post(f"{path}/assess", world.boss, risk="low")
        await world.post(f"{path}/close", world.boss)
        assert [mark.marked for mark in await world.events(CaseMarkedV1)] == [True, False][: n + 1]


async def test_a_report_by_law_that_is_late_shows(world: World) -> None:
    recorded = await incident(world, injury="specified")
    await world.to("2026-03-03T09:00")
    await world.get("/incidents", world.boss, 403, org_unit_id=str(world.authority))
    (seen,) = (await world.get("/incidents", world.boss, org_unit_id=str(world.team), open_only=True))["items"]
    assert seen["report_overdue"] is True
    assert (await world.get(f"/incidents/{recorded['incident_id']}", world.boss))["report_overdue"] is True


async def test_hotspots_show_where_incidents_gather(world: World) -> None:
    for kind, place in (("threat", "office"), ("bullying", "office"), ("threat", "home_visit")):
        await incident(world, kind=kind, place=place)
    await incident(world, occurred_on="2024-03-02")
    found = (await world.get("/incidents/hotspots", world.upper, org_unit_id=str(world.service)))["items"]
    assert [(one["place"], one["incidents"], one["violent"]) for one in found] == [
        ("office", 2, 1),
        ("home_visit", 1, 1),
    ]


async def test_incidents_stay_with_the_worker_and_their_line(world: World) -> None:
    path = f"/incidents/{(await incident(world))['incident_id']}"
    colleague = world.someone("practitioner", world.colleague, world.team)
    await world.get(path, colleague, 403)
    assert (await world.get("/incidents", colleague))["items"] == []
    assert len((await world.get("/incidents", world.me))["items"]) == 1
    assert len((await world.get("/incidents", world.upper))["items"]) == 1
    await incident(world, 403, who=colleague)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"occurred_on": "2026-03-03"}, id="tomorrow"),
        pytest.param({"unable_to": "2026-03-01"}, id="able again before it happened"),
        pytest.param({"kind": "war"}, id="an unknown kind"),
        pytest.param({"words": "<script>"}, id="a script"),
        pytest.param({"name": "Ada"}, id="a field that is not taken"),
    ],
)
async def test_wrong_input_is_refused(world: World, fields: dict[str, Any]) -> None:
    await incident(world, 422, **fields)
    assert await world.events(IncidentRecordedV1) == []
