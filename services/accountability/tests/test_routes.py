"""Accountability over HTTP: alerts, figures, the line, and who may see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import FakeClock, receive, serving, token
from contracts import Event
from services.accountability.queries.alert_pages import _HISTORY
from services.accountability.rules.measures import CATALOGUE
from services.accountability.service import service
from services.accountability.tests.authority import TODAY, Authority

JANUARY = date(2026, 1, 5)
PSW: dict[str, Any] = {"roles": ["principal_social_worker"]}
REPORTING: dict[str, Any] = {"roles": ["reporting"]}


@dataclass
class Door:
    client: httpx.AsyncClient
    database: Database
    clock: FakeClock

    async def hears(self, *events: Event) -> None:
        await receive(self.database, service, *events)

    async def get(self, path: str, expect: int = 200, **claims: Any) -> Any:
        return await self._call("GET", path, expect, claims or PSW)

    async def post(self, path: str, body: Any, expect: int = 200, **claims: Any) -> Any:
        return await self._call("POST", path, expect, claims or PSW, json=body)

    async def put(self, path: str, body: Any, expect: int = 200, **claims: Any) -> Any:
        return await self._call("PUT", path, expect, claims or PSW, json=body)

    async def _call(self, method: str, path: str, expect: int, claims: dict[str, Any], **kwargs: Any) -> Any:
        answer = await self.client.request(method, f"/v1/accountability{path}", headers=token(**claims), **kwargs)
        assert answer.status_code == expect, answer.text
        return answer.json()


@pytest.fixture
async def door(postgres: str, clock: FakeClock) -> AsyncIterator[Door]:
    async with serving(postgres, service, clock) as (client, database):
        yield Door(client, database, clock)


async def test_an_open_alert_names_who_answers_for_it(door: Door, place: Authority) -> None:
    await door.hears(*place.whole(), place.overloaded())
    [alert] = (await door.get(f"/alerts?status=open&kind=workload.overloaded&subject_id={place.worker}"))["items"]
    assert alert["accountable"] == {"role": "line_manager", "worker_id": str(place.manager)}
    assert alert["subject"] == {"type": "worker", "id": str(place.worker)}
    assert (alert["standard"], alert["clause"], alert["level"]) == (3, "3.2", "line_manager")
    assert len(alert["event_ids"]) == 1


async def test_the_history_of_an_alert_is_found_without_reading_the_whole_log(door: Door) -> None:
    async with door.database.reading() as tx:
        await tx.execute("set enable_seqscan to off")
        plan = await tx.fetch_all(f"explain {_HISTORY}", {"alert_id": str(new_id())})
        await tx.execute("reset enable_seqscan")
    assert "ix_log_alerts" in str(plan)


async def test_alerts_are_listed_page_by_page_the_newest_first(door: Door, place: Authority) -> None:
    await door.hears(*place.whole())
    for worker in (place.worker, place.manager, place.head):
        door.clock.forward(minutes=1)
        await door.hears(place.overloaded(worker))
    first = await door.get("/alerts?limit=2")
    second = await door.get(f"/alerts?limit=2&cursor={first['next']}")
    subjects = [alert["subject"]["id"] for alert in first["items"] + second["items"]]
    assert subjects == [str(place.head), str(place.manager), str(place.worker)]
    assert second["next"] is None
    await door.get("/alerts?cursor=nonsense", expect=400)


async def test_taking_an_alert_on_keeps_the_note_and_stops_the_clock(door: Door, place: Authority) -> None:
    await door.hears(*place.whole(), place.overloaded())
    [alert] = (await door.get("/alerts"))["items"]
    path = f"/alerts/{alert['alert_id']}"
    boss: dict[str, Any] = {"roles": ["team_manager"], "worker_id": place.manager, "org_unit_id": place.team}
    taken = await door.post(f"{path}/acknowledge", {"note": "We move two cases on Friday."}, **boss)
    assert (taken["status"], taken["due_at"]) == ("acknowledged", None)
    again = await door.post(f"{path}/acknowledge", {"note": "Done."}, **boss)
    assert [note["note"] for note in again["notes"]] == ["We move two cases on Friday.", "Done."]
    async with door.database.reading() as tx:
        published = await tx.fetch_all("select data from outbox order by id")
    assert len(published) == 2, "raised and acknowledged, once each"
    assert not any(b"Friday" in row["data"] for row in published), "words stay here"
    await door.hears(place.relieved())
    assert (await door.get(path))["status"] == "resolved"
    refused = await door.post(f"{path}/acknowledge", {"note": "late"}, expect=409)
    assert refused["type"] == "/problems/alert-resolved"
    await door.post(f"/alerts/{new_id()}/acknowledge", {"note": "x"}, expect=404)
    await door.post(f"{path}/acknowledge", {"note": ""}, expect=422)


async def test_what_people_wrote_about_a_worker_can_be_erased(door: Door, place: Authority) -> None:
    await door.hears(*place.whole(), place.overloaded())
    [alert] = (await door.get("/alerts"))["items"]
    await door.post(f"/alerts/{alert['alert_id']}/acknowledge", {"note": "private"})
    path, admin = f"/v1/accountability/workers/{place.worker}/notes", token(roles=["workforce_admin"])
    erased = await door.client.delete(path, headers=admin)
    assert erased.json() == {"erased": 1}
    assert (await door.get(f"/alerts/{alert['alert_id']}"))["notes"] == []


async def test_nobody_takes_on_an_alert_about_themselves(door: Door, place: Authority) -> None:
    await door.hears(*place.whole(), place.overloaded(place.manager))
    [alert] = (await door.get("/alerts"))["items"]
    boss: dict[str, Any] = {"roles": ["team_manager"], "worker_id": place.manager, "org_unit_id": place.team}
    await door.post(f"/alerts/{alert['alert_id']}/acknowledge", {"note": "fine"}, expect=403, **boss)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        pytest.param(lambda p: {"roles": ["team_manager"], "org_unit_id": p.team}, True, id="the team's manager"),
        pytest.param(lambda p: {"roles": ["team_manager"], "org_unit_id": p.service}, True, id="a manager above"),
        pytest.param(lambda p: {"roles": ["team_manager"], "org_unit_id": new_id()}, False, id="a manager elsewhere"),
        pytest.param(
            lambda p: {"roles": ["team_manager"], "org_unit_id": new_id(), "worker_id": p.manager},
            True,
            id="whoever answers for it, wherever",
        ),
        pytest.param(lambda p: {"roles": ["practitioner"], "worker_id": p.worker}, True, id="the worker it is about"),
        pytest.param(lambda p: {"roles": ["practitioner"], "worker_id": p.head}, False, id="another worker"),
        pytest.param(
            lambda p: {"roles": ["principal_social_worker"], "org_unit_id": p.team}, True, id="across the authority"
        ),
        pytest.param(
            lambda p: {"roles": ["principal_social_worker"], "org_unit_id": new_id()}, False, id="another authority"
        ),
    ],
)
async def test_an_alert_is_seen_by_those_whom_it_concerns(door: Door, place: Authority, who: Any, sees: bool) -> None:
    await door.hears(*place.whole(), place.overloaded())
    [alert] = (await door.get("/alerts"))["items"]
    listed = (await door.get("/alerts", **who(place)))["items"]
    assert [one["alert_id"] for one in listed] == ([alert["alert_id"]] if sees else [])
    await door.get(f"/alerts/{alert['alert_id']}", expect=200 if sees else 404, **who(place))


async def test_on_time_adds_up_from_the_team_to_the_authority(door: Door, place: Authority) -> None:
    await door.hears(*place.whole(), place.met(JANUARY), place.missed(JANUARY, place.manager))
    await door.hears(place.missed(JANUARY + timedelta(days=28)))
    span = f"measure=supervision.on_time&from=2026-01-01&to={TODAY + timedelta(days=1)}"
    for unit in (place.team, place.service, place.authority):
        days = (await door.get(f"/measures?{span}&org_unit_id={unit}&grain=day", **REPORTING))["items"]
        assert len(days) == 61
        assert (sum(row["numerator"] for row in days), sum(row["denominator"] for row in days)) == (1, 3)
    months = (await door.get(f"/measures?{span}&org_unit_id={place.authority}&grain=month", **REPORTING))["items"]
    assert [(row["period_start"], row["numerator"], row["denominator"], row["value"]) for row in months] == [
        ("2026-01-01", 0, 0, None),
        ("2026-02-01", 1, 2, 50.0),
        ("2026-03-01", 0, 1, 0.0),
    ]


async def test_utilisation_is_a_ratio_of_sums_carried_forward(door: Door, place: Authority) -> None:
    await door.hears(*place.whole())
    await door.hears(place.workload(50, TODAY - timedelta(days=3)), place.workload(120, worker=place.manager))
    span = f"from={TODAY - timedelta(days=4)}&to=2027-01-01&grain=day&org_unit_id={place.authority}"
    rows = (await door.get(f"/measures?measure=workload.utilisation,workload.overloaded_workers&{span}"))["items"]
    assert [(row["numerator"], row["denominator"], row["value"]) for row in rows[:5]] == [
        (0, 0, None),
        (50, 100, 50.0),
        (50, 100, 50.0),
        (50, 100, 50.0),
        (170, 200, 85.0),
    ]
    assert [row["numerator"] for row in rows[5:]] == [0, 0, 0, 0, 1]
    assert [row["denominator"] for row in rows[5:]] == [None] * 5


async def test_a_figure_changed_after_it_settled_says_when(door: Door, place: Authority) -> None:
    await door.hears(*place.whole(), place.missed(date(2025, 12, 1)))
    [december] = [
        row
        for row in (
            await door.get(
                f"/measures?measure=supervision.on_time&from=2025-12-01&to=2026-01-01&org_unit_id={place.team}"
            )
        )["items"]
        if row["period_start"] == "2025-12-01"
    ]
    assert december["restated_at"] == "2026-03-02T09:00:00Z"


@pytest.mark.parametrize("measure", sorted(CATALOGUE))
async def test_every_figure_opens_to_the_events_that_make_it(door: Door, place: Authority, measure: str) -> None:
    await door.hears(*place.whole(), place.met(JANUARY), place.missed(JANUARY, place.manager))
    await door.hears(place.workload(95), place.workload(105), place.workload(70, worker=place.manager))
    await door.hears(place.received("a"), place.received("b"), place.allocated("a"), place.excused(JANUARY, place.head))
    for grain in ("day", "week", "month"):
        asked = f"org_unit_id={place.authority}&grain={grain}"
        figures = (await door.get(f"/measures?measure={measure}&from=2026-01-01&{asked}"))["items"]
        assert figures
        for figure in figures:
            behind = await door.get(f"/measures/{measure}/events?period_start={figure['period_start']}&{asked}")
            assert sum(row["numerator"] for row in behind["items"]) == figure["numerator"]
            assert sum(row["denominator"] or 0 for row in behind["items"]) == (figure["denominator"] or 0)


async def test_events_behind_a_figure_come_page_by_page(door: Door, place: Authority) -> None:
    await door.hears(*place.whole(), place.received("a"), place.received("b"), place.received("c"))
    path = (
        f"/measures/workload.unallocated_cases/events?org_unit_id={place.team}&period_start={TODAY}&grain=day&limit=2"
    )
    first = await door.get(path)
    second = await door.get(f"{path}&cursor={first['next']}")
    assert [row["subject"] for row in first["items"] + second["items"]] == ["a", "b", "c"]
    assert first["items"][0]["type"] == "allocation.case.received.v1"


async def test_figures_are_refused_outside_the_callers_part(door: Door, place: Authority) -> None:
    await door.hears(*place.whole())
    other = Authority()
    await door.hears(*other.units())
    boss: dict[str, Any] = {"roles": ["team_manager"], "org_unit_id": place.team}
    await door.get(f"/measures?org_unit_id={other.team}", expect=403, **boss)
    await door.get(f"/measures?org_unit_id={place.authority}", expect=403, **boss)
    assert (await door.get("/measures", **boss))["items"][0]["org_unit_id"] == str(place.team)
    await door.get("/measures?measure=nonsense", expect=404, **boss)
    await door.get("/measures", expect=422, **REPORTING)
    await door.get("/measures", expect=403, roles=["integration"])
    long_ago = f"/measures?org_unit_id={place.team}&from=1990-01-01&grain=day"
    assert (await door.get(long_ago, expect=422))["errors"][0]["field"] == "from"


async def test_the_catalogue_describes_every_measure(door: Door) -> None:
    items = (await door.get("/measures/catalogue", **REPORTING))["items"]
    assert {item["measure"] for item in items} == CATALOGUE.keys()
    assert all(item["clause"] and item["title"] for item in items)


async def test_the_line_of_accountability_is_shown_for_a_unit_and_for_a_worker(door: Door, place: Authority) -> None:
    await door.hears(*place.whole())
    of_unit = await door.get(f"/line?org_unit_id={place.team}")
    assert [step["role"] for step in of_unit["line"]] == [
        "line_manager",
        "head_of_service",
        "principal_social_worker",
        "director",
    ]
    of_manager = await door.get(f"/line?org_unit_id={place.team}&worker_id={place.manager}")
    assert of_manager["line"][0] == {"role": "line_manager", "worker_id": str(place.head)}
    empty = Authority()
    await door.hears(*empty.units())
    assert (await door.get(f"/line?org_unit_id={empty.team}"))["nobody"] is True


async def test_an_authority_sets_its_own_times_to_answer(door: Door, place: Authority) -> None:
    await door.hears(*place.whole())
    hours = {"line_manager": 24.5, "head_of_service": 48, "principal_social_worker": 72, "director": 96}
    own = {"org_unit_id": str(place.authority), "kind": "workload.overloaded", "effective_from": "2026-03-01"}
    await door.put("/response-times", {**own, "hours": hours})
    await door.hears(place.overloaded())
    [alert] = (await door.get("/alerts"))["items"]
    assert alert["due_at"] == "2026-03-03T09:30:00Z"
    items = (await door.get(f"/response-times?org_unit_id={place.authority}"))["items"]
    assert items[-1] == {**own, "hours": hours}
    anyone: dict[str, Any] = {"roles": ["practitioner"], "worker_id": place.worker}
    assert len((await door.get("/response-times", **anyone))["items"]) == len(items) - 1, "the defaults, for everyone"
    await door.put("/response-times", {**own, "kind": "nonsense", "hours": hours}, expect=422)
    await door.put("/response-times", {**own, "org_unit_id": str(new_id()), "hours": hours}, expect=404)
    await door.put("/response-times", {**own, "hours": {**hours, "director": 0}}, expect=422)


async def test_the_chain_is_checked_over_http(door: Door, place: Authority) -> None:
    await door.hears(*place.whole())
    admin: dict[str, Any] = {"roles": ["platform_admin"]}
    whole = await door.get("/log/chain", **admin)
    assert (whole["intact"], whole["to_position"]) == (True, len(place.whole()))
    await door.get("/log/chain", expect=403, **PSW)
