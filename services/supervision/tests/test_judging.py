"""Periods judged by events, by passing time and by late sessions: told once, restated when they flip."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chassis.ids import new_id
from contracts.supervision import CadenceChangedV1, PeriodExcusedV1, PeriodMetV1, PeriodMissedV1
from services.supervision.tests.world import World

NEW: dict[str, Any] = {"newly_qualified": True, "career_stage": "asye"}


async def test_the_main_job_reads_met_and_missed_day_by_day(world: World) -> None:
    worker = await world.worker(employment_started_on=world.day(60), **NEW)
    held = [
        (3, 90, True),
        (10, 95, True),
        (17, 85, True),
        (24, 90, False),
        (31, 90, True),
        (38, 120, True),
        (50, 90, True),
    ]
    for day, minutes, uninterrupted in held:
        taken = await world.recorded(worker, world.ago(60 - day), minutes=minutes, uninterrupted=uninterrupted)
        assert taken["qualifies"] is (minutes >= 90 and uninterrupted)
    reading = await world.periods(worker, as_of=world.day().isoformat())
    assert [(p["cadence"], p["status"]) for p in reading["periods"]] == [
        ("weekly", "met"),
        ("weekly", "met"),
        ("weekly", "missed"),
        ("weekly", "missed"),
        ("weekly", "met"),
        ("weekly", "met"),
        ("fortnightly", "met"),
        ("fortnightly", "open"),
    ]
    assert (reading["met"], reading["missed"], reading["on_time_pct"]) == (5, 2, 71.4)
    assert reading["next_due_by"] == (world.day() + timedelta(days=9)).isoformat()
    outcomes = await world.outcomes(worker)
    assert [kind for kind, _, restates in outcomes if not restates] == ["missed"] * 7
    assert [kind for kind, _, restates in outcomes if restates] == ["met"] * 5


async def test_an_ended_period_is_missed_once_however_often_the_scan_runs(world: World) -> None:
    worker = await world.worker(**NEW)
    await world.to("2026-03-08T23:59:59")
    assert await world.outcomes(worker) == []
    await world.to("2026-03-09T00:00:00")
    assert await world.outcomes(worker) == [("missed", "2026-03-02", False)]
    assert await world.scan() == 0
    await world.to("2026-03-12T12:00:00")
    missed = await world.events(PeriodMissedV1, worker)
    assert [(m.period_start, m.period_end, m.cadence, m.org_unit_id) for m in missed] == [
        (date(2026, 3, 2), date(2026, 3, 9), "weekly", world.team)
    ]


async def test_in_summer_a_period_ends_at_midnight_in_london(world: World) -> None:
    await world.to("2026-06-01T09:00:00")
    worker = await world.worker(**NEW)
    await world.to("2026-06-07T22:59:59")
    assert await world.outcomes(worker) == []
    await world.to("2026-06-07T23:00:00")
    assert await world.outcomes(worker) == [("missed", "2026-06-01", False)]


async def test_a_period_met_in_time_is_told_when_it_ends(world: World) -> None:
    worker = await world.worker(**NEW)
    await world.to("2026-03-05T12:00:00")
    taken = await world.recorded(worker, "2026-03-05T10:00:00+00:00")
    assert taken["period"] == {"start": "2026-03-02", "end": "2026-03-09"}
    assert await world.outcomes(worker) == []
    await world.to("2026-03-09T09:00:00")
    met = await world.events(PeriodMetV1, worker)
    assert [(str(m.session_id), m.restates) for m in met] == [(taken["session_id"], False)]


async def test_a_session_recorded_late_restates_and_its_cancellation_restates_again(world: World) -> None:
    worker = await world.worker(**NEW)
    await world.to("2026-03-10T12:00:00")
    taken = await world.recorded(worker, "2026-03-05T10:00:00+00:00")
    answer = await world.call(
        "POST",
        f"/sessions/{taken['session_id']}/cancel",
        json={"reason": "recorded_in_error", "rebooked_for": "2026-03-12T10:00:00Z"},
    )
    assert answer.status_code == 200, answer.text
    assert await world.outcomes(worker) == [
        ("missed", "2026-03-02", False),
        ("met", "2026-03-02", True),
        ("missed", "2026-03-02", True),
    ]


async def test_a_second_session_stands_in_for_a_cancelled_one(world: World) -> None:
    worker = await world.worker(**NEW)
    await world.to("2026-03-06T12:00:00")
    first = await world.recorded(worker, "2026-03-04T10:00:00+00:00")
    second = await world.recorded(worker, "2026-03-05T10:00:00+00:00")
    await world.to("2026-03-10T12:00:00")
    await world.call("POST", f"/sessions/{first['session_id']}/cancel", json={"reason": "worker was ill"})
    met = await world.events(PeriodMetV1, worker)
    assert [str(m.session_id) for m in met] == [first["session_id"], second["session_id"]]


async def test_an_absence_told_of_late_excuses_a_missed_period(world: World) -> None:
    worker = await world.worker(**NEW)
    await world.to("2026-03-10T12:00:00")
    await world.absent(worker, date(2026, 3, 2), date(2026, 3, 6))
    excused = await world.events(PeriodExcusedV1, worker)
    assert [(e.restates, e.reason) for e in excused] == [(True, "absent")]
    assert (await world.periods(worker))["on_time_pct"] is None


async def test_bank_holidays_of_england_are_no_working_days(world: World) -> None:
    await world.to("2026-03-30T09:00:00")
    worker = await world.worker(**NEW)
    await world.absent(worker, date(2026, 3, 30), date(2026, 4, 2))
    await world.to("2026-04-06T09:00:00")
    assert await world.outcomes(worker) == [("excused", "2026-03-30", False)]


async def test_only_periods_that_started_while_monitored_are_judged(world: World) -> None:
    worker = await world.worker(employment_started_on=date(2020, 1, 31), monitored_from=date(2026, 1, 10))
    assert await world.outcomes(worker) == [("missed", "2026-01-31", False)]


async def test_leaving_closes_the_stream_and_withdraws_what_was_judged_after(world: World) -> None:
    worker = await world.worker(employment_started_on=world.day(28), **NEW)
    assert len(await world.outcomes(worker)) == 4
    await world.leaves(worker, world.day(10))
    excused = await world.events(PeriodExcusedV1, worker)
    assert [(str(e.period_start), e.reason) for e in excused] == [
        ("2026-02-16", "no_longer_required"),
        ("2026-02-23", "no_longer_required"),
    ]
    await world.to("2026-06-01T09:00:00")
    assert len(await world.outcomes(worker)) == 6
    reading = await world.periods(worker)
    assert [p["status"] for p in reading["periods"]] == ["missed", "missed"]
    assert reading["next_due_by"] is None


async def test_a_corrected_start_of_employment_tiles_anew(world: World) -> None:
    worker = await world.worker(employment_started_on=date(2026, 2, 16), **NEW)
    await world.worker(worker, employment_started_on=date(2026, 2, 23), monitored_from=date(2026, 2, 23))
    assert await world.outcomes(worker) == [
        ("missed", "2026-02-16", False),
        ("missed", "2026-02-23", False),
        ("excused", "2026-02-16", True),
    ]


async def test_professional_stream_begins_when_the_manager_is_a_social_worker_no_longer(world: World) -> None:
    worker = await world.worker(employment_started_on=date(2026, 1, 5))
    await world.to("2026-03-10T09:00:00")
    await world.worker(world.manager, is_social_worker=False)
    reading = await world.periods(worker, stream="professional")
    assert [(p["start"], p["end"], p["status"]) for p in reading["periods"]] == [("2026-03-10", "2026-04-10", "open")]
    await world.to("2026-04-10T09:00:00")
    missed = [m for m in await world.events(PeriodMissedV1, worker) if m.stream == "professional"]
    assert [(m.period_start, m.period_end) for m in missed] == [(date(2026, 3, 10), date(2026, 4, 10))]


async def test_professional_supervision_counts_from_a_registered_social_worker_only(world: World) -> None:
    lead, other = await world.worker(is_social_worker=False), await world.worker()
    worker = await world.worker(line_manager_id=lead)
    await world.to("2026-03-03T12:00:00")
    mine = await world.recorded(worker, world.ago(0), supervisor_id=str(lead), stream="professional")
    assert mine["problems"] == ["supervisor-not-registered"]
    theirs = await world.recorded(worker, world.ago(0), supervisor_id=str(other), stream="professional")
    assert theirs["qualifies"]
    statuses = [p["status"] for p in (await world.periods(worker, stream="professional"))["periods"]]
    assert statuses == ["met"]
    assert [p["status"] for p in (await world.periods(worker))["periods"]] == ["open"]


async def test_a_manager_heard_of_later_counts_from_the_beginning(world: World) -> None:
    unknown = new_id()
    worker = await world.worker(line_manager_id=unknown, employment_started_on=date(2026, 1, 5))
    assert (await world.periods(worker, stream="professional"))["periods"] == []
    await world.worker(unknown, is_social_worker=False, line_manager_id=None)
    missed = [m for m in await world.events(PeriodMissedV1, worker) if m.stream == "professional"]
    assert [m.period_start for m in missed] == [date(2026, 1, 5)]


async def test_the_cadence_is_told_at_first_and_whenever_it_changes(world: World) -> None:
    worker = await world.worker(**NEW)
    await world.to("2026-04-12T12:00:00")
    await world.to("2026-04-13T12:00:00")
    await world.to("2026-05-20T12:00:00")
    told = await world.events(CadenceChangedV1, worker)
    assert [(c.cadence, c.from_on, c.minutes_per_session) for c in told] == [
        ("weekly", date(2026, 3, 2), 90),
        ("fortnightly", date(2026, 4, 13), 90),
    ]


async def test_the_cadence_of_someone_who_starts_later_is_told_on_the_first_day(world: World) -> None:
    worker = await world.worker(employment_started_on=date(2026, 3, 16))
    assert await world.events(CadenceChangedV1, worker) == []
    await world.to("2026-03-16T00:00:00")
    assert [c.cadence for c in await world.events(CadenceChangedV1, worker)] == ["monthly"]


async def test_an_older_event_after_a_newer_one_changes_nothing(world: World) -> None:
    worker = await world.worker(employment_started_on=date(2026, 2, 16), **NEW)
    world.sequences[str(worker)] = -1
    await world.worker(worker, employment_started_on=date(2025, 2, 16), monitored_from=date(2025, 2, 16))
    assert len(await world.outcomes(worker)) == 2


async def test_a_move_to_another_team_leaves_earlier_periods_where_they_were(world: World) -> None:
    worker = await world.worker(**NEW)
    await world.to("2026-03-11T09:00:00")
    await world.worker(worker, org_unit_id=world.other_team)
    await world.to("2026-03-16T09:00:00")
    missed = await world.events(PeriodMissedV1, worker)
    assert [m.org_unit_id for m in missed] == [world.team, world.other_team]


async def test_someone_who_comes_back_keeps_the_judgements_of_the_employment_before(world: World) -> None:
    worker = await world.worker(employment_started_on=world.day(28), **NEW)
    await world.leaves(worker, world.day(10))
    before = await world.outcomes(worker)
    world.facts[worker] = world.facts[worker].model_copy(update={"employment_ended_on": None})
    await world.worker(worker, employment_started_on=world.day(7), monitored_from=world.day(7), newly_qualified=True)
    assert await world.outcomes(worker) == [*before, ("missed", "2026-02-23", True)]


async def test_a_transaction_that_began_before_midnight_undoes_nothing(world: World) -> None:
    worker = await world.worker(**NEW)
    await world.to("2026-03-09T00:00:00")
    world.clock.forward(seconds=-1)
    await world.worker(worker, job_role="senior social worker")
    await world.recorded(worker, "2026-03-08T10:00:00Z")
    assert await world.outcomes(worker) == [("missed", "2026-03-02", False), ("met", "2026-03-02", True)]
