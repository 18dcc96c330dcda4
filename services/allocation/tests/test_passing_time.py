"""What time alone does, and what others' facts do whenever they arrive."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from chassis.consumer import Consumer
from chassis.ids import new_id
from chassis.testing import receive, record
from contracts.allocation import CaseChangedV1, WorkloadSustainedV1
from contracts.workforce import OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.allocation.tests.office import SERVICE, Office


async def overload(office: Office, worker: UUID) -> str:
    """Put a worker above the limit by a responsibility that can be ended; its path."""
    body = {"description": "duty", "points": 90, "from": str(office.today)}
    made = await office.post(f"/workers/{worker}/responsibilities", body, office.boss)
    return f"/workers/{worker}/responsibilities/{made['responsibility_id']}/end"


async def sustained(office: Office, worker: UUID) -> list[tuple[str, int, str]]:
    """When a sustained overload was told, after how many weeks, since when."""
    told = [event for event in await office.told(worker) if isinstance(event, WorkloadSustainedV1)]
    return [(str(event.as_of), event.weeks, str(event.overloaded_since)) for event in told]


async def week_by_week(office: Office, weeks: int) -> None:
    for _ in range(weeks):
        office.clock.forward(days=7)
        await office.let_time_work()


async def test_four_weekly_readings_above_the_limit_are_told_exactly_once(timed: Office) -> None:
    await timed.agree()
    worker, calm = await timed.hire(), await timed.hire()
    await timed.let_time_work()
    await overload(timed, worker)
    await week_by_week(timed, 3)
    assert await sustained(timed, worker) == []
    await week_by_week(timed, 5)
    assert await sustained(timed, worker) == [("2026-03-30", 4, "2026-03-09")]
    assert await sustained(timed, calm) == []
    readings = await timed.get(f"/workers/{worker}/readings?from_on=2026-03-01&to_on=2026-03-31", timed.boss)
    assert [(one["read_on"], one["overloaded"]) for one in readings["items"]] == [
        ("2026-03-02", False),
        ("2026-03-09", True),
        ("2026-03-16", True),
        ("2026-03-23", True),
        ("2026-03-30", True),
    ]


async def test_readings_that_were_missed_are_taken_as_of_their_own_monday(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    await overload(timed, worker)
    timed.clock.forward(days=30)
    await timed.let_time_work()
    assert await sustained(timed, worker) == [("2026-03-23", 4, "2026-03-02")]


async def test_one_reading_within_the_limit_begins_anew(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    await timed.let_time_work()
    end = await overload(timed, worker)
    await week_by_week(timed, 3)
    await timed.post(end, {"last_day": str(timed.today)}, timed.boss, 200)
    await week_by_week(timed, 1)
    await overload(timed, worker)
    await week_by_week(timed, 3)
    assert await sustained(timed, worker) == []
    await week_by_week(timed, 1)
    assert [told[2] for told in await sustained(timed, worker)] == ["2026-04-06"]


async def test_after_relief_a_new_sustained_overload_is_told_again(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    end = await overload(timed, worker)
    await week_by_week(timed, 4)
    await timed.post(end, {"last_day": str(timed.today)}, timed.boss, 200)
    await week_by_week(timed, 1)
    await overload(timed, worker)
    await week_by_week(timed, 4)
    assert len(await sustained(timed, worker)) == 2
    types = [kind for kind in await timed.told_types(worker) if kind in ("workload.overloaded", "workload.relieved")]
    assert types == ["workload.overloaded", "workload.relieved", "workload.overloaded"]


async def test_policy_says_how_many_weeks_are_sustained(timed: Office) -> None:
    await timed.agree(sustained_weeks=2)
    worker = await timed.hire()
    await timed.let_time_work()
    await overload(timed, worker)
    await week_by_week(timed, 2)
    assert [told[1] for told in await sustained(timed, worker)] == [2]


async def test_scans_change_nothing_when_nothing_is_due(timed: Office) -> None:
    await timed.agree()
    await overload(timed, await timed.hire())
    await timed.let_time_work()
    told = len(await timed.told())
    for scan in SERVICE.scans:
        async with timed.database.transaction() as tx:
            assert await scan.run(tx) == 0
    assert len(await timed.told()) == told


async def test_cases_of_a_worker_who_left_wait_again_from_the_day_after(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    await timed.give_cases(worker, 2)
    await timed.leave(worker, timed.today)
    await timed.let_time_work()
    assert (await timed.figures(worker))[1] == 29
    timed.clock.forward(days=1)
    await timed.let_time_work()
    assert await timed.figures(worker) == (0, 0, None, "none")
    waiting = await timed.get(f"/unallocated?org_unit_id={timed.team}", timed.boss)
    assert [case["days_waiting"] for case in waiting["items"]] == [6, 6]
    returned = [event for event in await timed.told() if isinstance(event, CaseChangedV1)]
    assert [event.worker_id for event in returned] == [None, None]


async def test_worker_recorded_as_gone_long_ago_gives_the_cases_back_at_once(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    case = (await office.give_cases(worker, 1))[0]
    await office.hire(worker_id=worker, employment_ended_on=office.today - timedelta(days=3))
    assert (await office.get(case, office.boss))["worker_id"] is None
    history = (await office.get(f"{case}/allocations", office.boss))["items"]
    assert [one["end_kind"] for one in history] == ["worker_left"]


async def test_new_contract_counts_from_the_day_it_was_told(timed: Office) -> None:
    await timed.agree()
    worker = await timed.hire()
    timed.clock.forward(days=10)
    fact = recorded(timed, worker, contracted_hours=Decimal("18.5"))
    await Consumer(timed.database, SERVICE).apply([record(fact, 9_000, time=timed.clock.now())])
    days = [timed.today - timedelta(days=n) for n in (11, 1, 0)]
    assert [(await timed.figures(worker, day))[:2] for day in days] == [(100, 15), (100, 15), (50, 7.5)]


async def test_old_fact_that_arrives_late_does_not_undo_a_newer_one(office: Office) -> None:
    await office.agree()
    worker = new_id()
    new = recorded(office, worker, contracted_hours=Decimal(37), employment_ended_on=None)
    old = recorded(office, worker, contracted_hours=Decimal("18.5"), employment_ended_on=date(2026, 1, 31))
    await receive(office.database, SERVICE, new, first_sequence=50)
    await receive(office.database, SERVICE, old, first_sequence=40)
    assert (await office.figures(worker))[:2] == (100, 15)


async def test_fact_that_is_heard_twice_is_told_once(office: Office) -> None:
    await office.agree()
    worker = await office.hire()
    await office.hear(recorded(office, worker))
    assert await office.told_types(worker) == ["workload.changed"]


async def test_worker_who_moves_team_is_told_for_the_new_team(office: Office) -> None:
    await office.agree()
    worker, south = await office.hire(), new_id()
    await office.hear(OrgUnitRecordedV1(org_unit_id=south, parent_id=office.service, kind="team"))
    await office.hire(worker_id=worker, org_unit_id=south)
    assert [str(getattr(event, "org_unit_id", "")) for event in await office.told(worker)] == [
        str(office.team),
        str(south),
    ]


@pytest.mark.parametrize("first", ["left", "recorded"])
async def test_leaving_and_recording_in_either_order(office: Office, first: str) -> None:
    await office.agree()
    worker = await office.hire()
    day = office.today - timedelta(days=1)
    left = WorkerLeftV1(worker_id=worker, org_unit_id=office.team, left_on=day)
    changed = recorded(office, worker, employment_ended_on=day)
    await office.hear(*((left, changed) if first == "left" else (changed, left)))
    assert (await office.figures(worker))[3] == "none"


def recorded(office: Office, worker: UUID, **given: object) -> WorkerRecordedV1:
    """What workforce tells of a worker."""
    usual = {
        "worker_id": worker,
        "org_unit_id": office.team,
        "line_manager_id": None,
        "job_role": "social worker",
        "career_stage": "practitioner",
        "newly_qualified": False,
        "is_social_worker": True,
        "has_registration_number": True,
        "contracted_hours": Decimal(37),
        "employment_started_on": date(2024, 1, 1),
        "monitored_from": date(2024, 1, 1),
    }
    return WorkerRecordedV1.model_validate({**usual, **given})
