"""Renewals: three parts, reminders that go out once, and what is told of them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from contracts.cpd import ReadinessChangedV1
from contracts.registration import RenewalChangedV1, RenewalRemindedV1
from services.registration.tests.world import World


async def at(world: World, instant: str) -> UUID:
    """A registered worker, when the clock stands there."""
    worker = await world.worker()
    await world.entry(worker)
    await world.to(instant)
    return worker


async def told(world: World, worker: UUID) -> list[tuple[tuple[str, ...], bool, bool]]:
    return [(one.missing, one.ready, one.at_risk) for one in await world.events(RenewalChangedV1, worker)]


async def test_nothing_is_asked_before_the_window_opens(world: World) -> None:
    worker = await at(world, "2026-08-31T22:59")
    assert await told(world, worker) == []
    await world.to("2026-08-31T23:01")  # 1 September in London
    assert await told(world, worker) == [(("form", "fee", "cpd"), False, False)]
    renewal = await world.call("GET", f"/workers/{worker}/renewal")
    assert (renewal["registration_year_end"], renewal["due"]) == ("2026-11-30", True)


async def test_paid_and_cpd_filed_without_the_form_is_caught_at_once(world: World) -> None:
    worker = await at(world, "2026-09-20T12:00")
    assert (await world.renew(worker, fee_paid_on="2026-09-10"))["at_risk"] is False
    seen = await world.renew(worker, fee_paid_on="2026-09-10", cpd_filed_on="2026-09-19")
    assert (seen["ready"], seen["missing"], seen["at_risk"]) == (False, ["form"], True)
    done: dict[str, Any] = {
        "form_submitted_on": "2026-09-20",
        "fee_paid_on": "2026-09-10",
        "cpd_filed_on": "2026-09-19",
    }
    seen = await world.renew(worker, **done)
    assert (seen["ready"], seen["missing"], seen["at_risk"]) == (True, [], False)
    assert [at_risk for _, _, at_risk in await told(world, worker)] == [False, False, True, False]
    await world.renew(worker, **done)
    assert len(await told(world, worker)) == 4


async def test_the_cpd_part_is_what_cpd_says_of_the_year(world: World) -> None:
    worker = await at(world, "2026-10-20T12:00")
    await world.renew(worker, form_submitted_on="2026-10-01", fee_paid_on="2026-10-01")
    assert (await told(world, worker))[-1] == (("cpd",), False, False)
    year = date(2026, 11, 30)
    fact = ReadinessChangedV1(
        worker_id=worker,
        org_unit_id=world.team,
        registration_year_end=year,
        ready=True,
        pieces=2,
        with_peer_reflection=1,
    )
    await world.tell(fact)
    assert (await told(world, worker))[-1] == ((), True, False)
    await world.tell(fact.model_copy(update={"ready": False, "pieces": 1}))
    assert (await told(world, worker))[-1] == (("cpd",), False, False)
    await world.tell(fact.model_copy(update={"worker_id": new_id()}))


async def test_reminders_go_out_once_each_to_the_worker_and_then_the_manager_until_it_is_done(world: World) -> None:
    worker = await at(world, "2026-09-01T12:00")
    for day in ("2026-09-02", "2026-10-01", "2026-10-31", "2026-11-16", "2026-11-17", "2026-11-23"):
        await world.to(f"{day}T12:00")
    reminded = await world.events(RenewalRemindedV1, worker)
    assert [(one.days_before, one.recipient) for one in reminded] == [
        (90, "worker"),
        (60, "worker"),
        (30, "worker"),
        (30, "line_manager"),
        (14, "worker"),
        (14, "line_manager"),
        (7, "worker"),
        (7, "line_manager"),
    ]
    assert {one.recipient_id for one in reminded} == {worker, world.manager}
    done: dict[str, Any] = {
        "form_submitted_on": "2026-11-23",
        "fee_paid_on": "2026-11-23",
        "cpd_filed_on": "2026-11-23",
    }
    await world.renew(worker, **done)
    await world.to("2026-11-29T12:00")
    assert len(await world.events(RenewalRemindedV1, worker)) == 8
    shown = (await world.call("GET", f"/workers/{worker}/renewal"))["reminders"]
    assert [one["days_before"] for one in shown] == [90, 60, 30, 14, 7]


async def test_a_service_that_slept_sends_one_reminder_and_not_all_it_missed(world: World) -> None:
    worker = await at(world, "2026-11-20T12:00")
    reminded = await world.events(RenewalRemindedV1, worker)
    assert [(one.days_before, one.recipient) for one in reminded] == [(14, "worker"), (14, "line_manager")]


async def test_without_a_line_manager_the_worker_alone_is_reminded(world: World) -> None:
    worker = await world.worker(line_manager_id=None)
    await world.entry(worker)
    await world.to("2026-11-20T12:00")
    assert [one.recipient for one in await world.events(RenewalRemindedV1, worker)] == ["worker"]


async def test_a_renewal_is_over_when_the_register_shows_it(world: World) -> None:
    worker = await at(world, "2026-11-20T12:00")
    await world.entry(worker, valid_to="2027-11-30")
    seen = await world.call("GET", f"/workers/{worker}/renewal")
    assert (seen["renewed"], seen["ready"], seen["missing"]) == (True, True, [])
    assert (await told(world, worker))[-1] == ((), True, False)


async def test_what_was_not_done_in_time_stays_at_risk_until_the_register_has_spoken(world: World) -> None:
    worker = await at(world, "2026-11-29T12:00")
    await world.to("2026-12-01T00:10")
    assert (await told(world, worker))[-1] == (("form", "fee", "cpd"), False, True)
    await world.to("2026-12-15T12:00")
    events = await world.events(RenewalChangedV1, worker)
    assert (events[-1].due, events[-1].at_risk) == (False, False)
    assert {one.registration_year_end.year for one in events} == {2026}


async def test_what_is_learned_late_of_a_year_that_is_over_is_no_news(world: World) -> None:
    worker = await at(world, "2026-11-29T12:00")
    await world.to("2026-12-15T12:00")
    count = len(await told(world, worker))
    filed = {"registration_year_end": "2026-11-30", "cpd_filed_on": "2026-11-20"}
    late: dict[str, Any] = {**filed, "form_submitted_on": "2026-11-20", "fee_paid_on": "2026-11-20"}
    assert (await world.renew(worker, **late))["missing"] == []
    await world.worker(worker, org_unit_id=world.other_team)
    assert len(await told(world, worker)) == count


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        pytest.param({}, "removed", id="who is off the register"),
        pytest.param({"is_social_worker": False}, "registered", id="who is no social worker"),
    ],
)
async def test_who_need_not_renew_is_not_asked(world: World, facts: dict[str, Any], status: str) -> None:
    worker = await world.worker(**facts)
    await world.entry(worker, status)
    await world.to("2026-11-20T12:00")
    assert await told(world, worker) == []


async def test_who_has_no_number_on_file_is_not_asked_and_who_is_suspended_is(world: World) -> None:
    unknown, suspended = await world.worker(), await world.worker()
    await world.entry(suspended, "suspended", valid_to=None)
    await world.to("2026-11-20T12:00")
    assert await told(world, unknown) == []
    assert (await told(world, suspended))[-1][2] is True


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        pytest.param({"form_submitted_on": "2026-08-31"}, "form_on", id="before the window"),
        pytest.param({"fee_paid_on": "2026-11-21"}, "fee_on", id="in the future"),
    ],
)
async def test_a_part_outside_its_window_names_the_field(world: World, parts: dict[str, Any], field: str) -> None:
    worker = await at(world, "2026-11-20T12:00")
    refused = await world.renew(worker, expect=422, **parts)
    assert [error["field"] for error in refused["errors"]] == [field]
    await world.renew(worker, expect=422, registration_year_end="2026-11-29")


async def test_the_thirtieth_of_november_is_in_and_the_first_of_december_is_out(world: World) -> None:
    worker = await at(world, "2026-11-30T23:59")
    seen = await world.renew(worker, form_submitted_on="2026-11-30")
    assert seen["form_submitted_on"] == "2026-11-30"
    await world.to("2026-12-01T00:00")
    last_year: dict[str, Any] = {"registration_year_end": "2026-11-30", "form_submitted_on": "2026-12-01"}
    await world.renew(worker, expect=422, **last_year)
    late_note: dict[str, Any] = {**last_year, "form_submitted_on": "2026-11-30", "fee_paid_on": "2026-11-30"}
    assert (await world.renew(worker, **late_note))["missing"] == ["cpd"]


async def test_an_authority_sets_its_own_reminders_and_risk(world: World) -> None:
    worker = await at(world, "2026-10-05T12:00")
    assert (await told(world, worker))[-1][2] is False
    policy = {
        "org_unit_id": str(world.team),
        "effective_from": "2026-10-01",
        "reminder_days": [45, 80, 45],
        "at_risk_days": 60,
    }
    set_policy = await world.call("PUT", "/policy", json=policy)
    assert set_policy["reminder_days"] == [80, 45]
    await world.scan()
    assert (await told(world, worker))[-1][2] is True


async def test_the_renewals_of_a_team_are_listed_within_reach(world: World) -> None:
    workers = sorted([str(await at(world, "2026-11-20T12:00")) for _ in range(2)])
    await world.renew(UUID(workers[0]), fee_paid_on="2026-11-01")
    first = await world.call("GET", "/renewals", params={"limit": 1}, who=world.boss)
    assert [one["worker_id"] for one in first["items"]] == workers[:1]
    assert first["items"][0]["missing"] == ["form", "cpd"]
    rest = await world.call("GET", "/renewals", params={"cursor": first["next"]}, who=world.boss)
    assert [one["worker_id"] for one in rest["items"]] == workers[1:]
    await world.call("GET", "/renewals", 403, params={"org_unit_id": str(world.other_team)}, who=world.boss)
