"""What a batch of events leaves behind: the log, figures and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.consumer import Consumer
from chassis.database import Database, Tx
from chassis.ids import new_id
from chassis.testing import MONDAY_MORNING, apply_in, react_in, receive, record
from contracts import Event
from contracts.accountability import AlertRaisedV1, AlertResolvedV1, MeasureRestatedV1
from contracts.safety import CheckinMissedV1
from services.accountability.queries.log import verify_chain
from services.accountability.service import service
from services.accountability.tests.authority import TODAY, Authority

JANUARY = date(2026, 1, 5)
FEBRUARY = JANUARY + timedelta(days=28)


async def heard(tx: Tx, *events: Event) -> None:
    await react_in(tx, service, *events)


async def alerts(tx: Tx) -> list[dict[str, Any]]:
    return await tx.fetch_all("select * from alerts order by raised_at, alert_id")


async def open_kinds(tx: Tx) -> list[str]:
    return sorted(row["kind"] for row in await alerts(tx) if row["status"] == "open")


async def figures(tx: Tx) -> dict[tuple[str, UUID, date], int]:
    rows = await tx.fetch_all("select * from figures where amount <> 0")
    return {(row["tally"], row["org_unit_id"], row["on_date"]): int(row["amount"]) for row in rows}


def own(tx: Tx, kind: type[Event]) -> Sequence[Any]:
    return [event for event in tx.emitted if isinstance(event, kind)]


async def test_events_get_gap_free_positions_in_their_order(tx: Tx, place: Authority) -> None:
    events = place.whole()
    await heard(tx, *events[:4])
    await heard(tx, *events[4:])
    rows = await tx.fetch_all("select position, type, org_unit_id from log order by position")
    assert [row["position"] for row in rows] == list(range(1, len(events) + 1))
    assert [row["type"] for row in rows] == [event.TYPE for event in events]
    assert rows[2]["org_unit_id"] == place.team
    assert await tx.fetch_value("select position from log_head") == len(events)


async def test_a_missed_check_in_carries_the_worker_and_goes_to_the_workers_own_line(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole())
    missed = CheckinMissedV1(
        visit_id=new_id(),
        worker_id=place.worker,
        org_unit_id=place.service,
        contact_id=place.head,
        level=1,
        expected_back_at=MONDAY_MORNING,
    )
    await heard(tx, missed)
    (raised,) = [one for one in own(tx, AlertRaisedV1) if one.kind == "safety.checkin_missed"]
    assert (raised.subject_type, raised.subject_id, raised.worker_id) == ("visit", str(missed.visit_id), place.worker)
    assert raised.accountable_worker_id == place.manager
    (row,) = [row for row in await alerts(tx) if row["kind"] == raised.kind]
    assert row["worker_id"] == place.worker


async def test_someone_who_left_is_still_looked_for_when_a_check_in_is_missed(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.left(place.worker, place.team, TODAY - timedelta(days=1)))
    about = {"visit_id": new_id(), "worker_id": place.worker, "org_unit_id": place.team, "contact_id": place.manager}
    await heard(tx, CheckinMissedV1(**about, level=1, expected_back_at=MONDAY_MORNING))
    assert "safety.checkin_missed" in await open_kinds(tx)


async def test_the_log_keeps_the_data_byte_for_byte(tx: Tx, place: Authority) -> None:
    event = place.workload(95)
    await heard(tx, event)
    assert await tx.fetch_value("select data::text from log") == event.model_dump_json()


async def test_overload_is_one_alert_with_the_line_manager_until_relief(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole())
    await heard(tx, place.overloaded(), place.overloaded())
    [alert] = await alerts(tx)
    assert (alert["kind"], alert["standard"], alert["status"]) == ("workload.overloaded", 3, "open")
    assert (alert["level"], alert["accountable_worker_id"]) == ("line_manager", place.manager)
    assert alert["raised_at"] == MONDAY_MORNING
    assert alert["due_at"] == MONDAY_MORNING + timedelta(days=5)
    await heard(tx, place.relieved())
    [alert] = await alerts(tx)
    assert alert["status"] == "resolved"
    assert [len(own(tx, kind)) for kind in (AlertRaisedV1, AlertResolvedV1)] == [1, 1]
    await heard(tx, place.overloaded())
    assert [row["status"] for row in await alerts(tx)] == ["resolved", "open"]


async def test_conditions_within_one_batch_are_followed_one_by_one(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.overloaded(), place.relieved(), place.overloaded())
    assert [row["status"] for row in await alerts(tx)] == ["resolved", "open"]
    told = await tx.fetch_all("select alert_id from notifications")
    assert [row["alert_id"] for row in told] == [(await alerts(tx))[1]["alert_id"]], (
        "nobody is told of what has cleared"
    )


async def test_sustained_overload_is_a_further_alert_and_relief_ends_both(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.overloaded(), place.sustained(), place.sustained())
    assert await open_kinds(tx) == ["workload.overloaded", "workload.sustained"]
    await heard(tx, place.relieved())
    assert await open_kinds(tx) == []


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
@pytest.mark.parametrize(
    ("story", "still_open"),
    [
        pytest.param("missed january", True, id="missed"),
        pytest.param("missed january, met february", False, id="back on track"),
        pytest.param("missed january, met january", False, id="restated as met"),
        pytest.param("missed january, missed february, met january", True, id="an older period restated"),
        pytest.param("missed january, excused february", True, id="an excuse resolves nothing"),
        pytest.param("missed january, missed february, excused february", True, id="an excuse uncovers the one before"),
        pytest.param("met january, missed february, excused february", False, id="excused after all"),
    ],
)
async def test_missed_supervision_is_an_alert_while_the_latest_judged_period_is_missed(
    tx: Tx, place: Authority, story: str, together: bool, still_open: bool
) -> None:
    await heard(tx, *place.whole())
    steps = [step.split() for step in story.split(", ")]
    events = [getattr(place, outcome)({"january": JANUARY, "february": FEBRUARY}[month]) for outcome, month in steps]
    for batch in [events] if together else [[event] for event in events]:
        await heard(tx, *batch)
    assert await open_kinds(tx) == (["supervision.missed"] if still_open else [])


async def test_each_stream_of_supervision_has_its_own_alert(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.missed(JANUARY), place.missed(JANUARY, stream="professional"))
    assert sorted(row["stream"] for row in await alerts(tx)) == ["line", "professional"]


async def test_an_alert_never_goes_to_a_manager_who_left(tx: Tx, place: Authority) -> None:
    await heard(
        tx, *place.whole(), place.left(place.manager, place.team, TODAY - timedelta(days=1)), place.overloaded()
    )
    [alert] = await alerts(tx)
    assert (alert["level"], alert["accountable_worker_id"]) == ("head_of_service", place.head)


async def test_alerts_about_a_worker_end_when_the_worker_leaves_and_none_begin_after(tx: Tx, place: Authority) -> None:
    await heard(
        tx, *place.whole(), place.overloaded(), place.missed(JANUARY), place.missed(JANUARY, stream="professional")
    )
    await heard(tx, place.left(place.worker, place.team, TODAY - timedelta(days=1)))
    assert await open_kinds(tx) == []
    await heard(tx, place.missed(FEBRUARY))
    assert await open_kinds(tx) == []


async def test_nobody_at_all_is_itself_an_alert_once_for_each_unit(tx: Tx, place: Authority) -> None:
    other = place.recorded(place.manager, place.team, None)
    await heard(tx, *place.units(), place.recorded(place.worker, place.team, None), other)
    await heard(tx, place.overloaded(), place.overloaded(place.manager), place.missed(JANUARY))
    assert await open_kinds(tx) == [
        "accountability.nobody",
        "supervision.missed",
        "workload.overloaded",
        "workload.overloaded",
    ]
    [nobody] = [row for row in await alerts(tx) if row["kind"] == "accountability.nobody"]
    assert (nobody["subject_type"], nobody["subject_id"]) == ("org_unit", str(place.team))
    assert nobody["accountable_worker_id"] is None


async def test_figures_are_sums_by_unit_and_day(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.met(JANUARY), place.missed(JANUARY, place.manager), place.missed(FEBRUARY))
    await heard(
        tx, place.workload(95), place.workload(105, worker=place.manager), place.received("k1"), place.received("k2")
    )
    await heard(tx, place.allocated("k1"))
    last_of_january, last_of_february = (day + timedelta(days=27) for day in (JANUARY, FEBRUARY))
    assert await figures(tx) == {
        ("periods_met", place.team, last_of_january): 1,
        ("periods_missed", place.team, last_of_january): 1,
        ("periods_missed", place.team, last_of_february): 1,
        ("load_points", place.team, TODAY): 200,
        ("available_points", place.team, TODAY): 200,
        ("overloaded_workers", place.team, TODAY): 1,
        ("unallocated_cases", place.team, TODAY): 1,
        ("allocations", place.team, TODAY): 1,
    }


async def test_a_late_session_replaces_the_judgement_and_says_so(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.missed(JANUARY))
    assert not own(tx, MeasureRestatedV1), "a figure that nobody had seen is not restated"
    await heard(tx, place.met(JANUARY, restates=True))
    last_day = JANUARY + timedelta(days=27)
    assert await figures(tx) == {("periods_met", place.team, last_day): 1}
    restated = own(tx, MeasureRestatedV1)
    assert {(event.measure, event.org_unit_id, event.period_start) for event in restated} == {
        ("supervision.on_time", place.team, last_day),
        ("supervision.missed_periods", place.team, last_day),
    }


async def test_an_id_in_another_spelling_is_the_same_unit(tx: Tx, place: Authority) -> None:
    await heard(tx, *place.whole(), place.met(JANUARY))
    shouting = record(place.missed(FEBRUARY, place.head), 90)
    value = shouting.value.replace(str(place.team).encode(), str(place.team).upper().encode())
    await apply_in(tx, service, [shouting._replace(value=value)])
    again = record(place.missed(FEBRUARY, place.director), 90)
    value = again.value.replace(str(place.team).encode(), place.team.hex.encode())
    await apply_in(tx, service, [again._replace(value=value)])
    assert (await figures(tx))["periods_missed", place.team, FEBRUARY + timedelta(days=27)] == 2
    assert (await verify_chain(tx))[1] is None


async def test_a_repeated_event_changes_nothing_and_tells_nobody_twice(fresh: Database, place: Authority) -> None:
    await receive(fresh, service, *place.whole())
    records = [record(place.overloaded(), 1), record(place.missed(JANUARY), 2)]
    for _ in range(3):
        await Consumer(fresh, service).apply(records)
    async with fresh.reading() as tx:
        assert await tx.fetch_value("select count(*) from alerts") == 2
        assert await tx.fetch_value("select count(*) from notifications") == 2
        assert await tx.fetch_value("select count(*) from outbox") == 2
        assert await tx.fetch_value("select max(position) from log") == len(place.whole()) + 2
