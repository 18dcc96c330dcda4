"""What time does: cases that wait over a weekend, alerts that climb the line, overload that lasts.

One deployment is stopped and started again with a later business clock, as if weeks had passed; its state stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.deployment import Deployment, eventually
from tests.e2e.place import Place

FRIDAY = datetime.fromisoformat("2026-03-06T15:00:00+00:00")


class Calendar:
    """A deployment whose business clock can be moved forward."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._running = self._start(FRIDAY)
        self.place = Place(self._running, FRIDAY.date())
        self.now = FRIDAY

    def _start(self, now: datetime) -> Deployment:
        return Deployment(self._home, environment={"PLUMBLINE_CLOCK_START": now.isoformat()})

    def travel(self, days: int) -> None:
        """Stop, and start again so many days later."""
        self.stop()
        self.now += timedelta(days=days)
        self._running = self._start(self.now)
        self.place.moved_to(self._running, self.now.date())

    def stop(self) -> None:
        """Stop for good."""
        assert self._running.stop() == 0, self._running.log()[-3000:]


@pytest.fixture(scope="module")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calendar]:
    """It is Friday afternoon; one worker is overloaded and one has had no supervision."""
    calendar = Calendar(tmp_path_factory.mktemp("calendar") / "home")
    yield calendar
    calendar.stop()


@pytest.fixture(scope="module")
def pressed(calendar: Calendar) -> str:
    """A worker who is over the limit since Friday."""
    worker = calendar.place.worker("pressed")
    calendar.place.until_known(worker)
    calendar.place.overload(worker)
    calendar.place.one_alert("workload.overloaded", worker)
    return worker


def test_on_friday_a_manager_sees_what_waits_over_the_weekend_most_urgent_first(calendar: Calendar) -> None:
    place = calendar.place
    waiting = [("old-low", "low", 9), ("new-high", "high", 0), ("urgent", "urgent", 1), ("old-high", "high", 4)]
    for reference, priority, days in waiting:
        place.case(reference, priority=priority, received_on=place.days_ago(days))
    listed = place.boss.get("/v1/allocation/unallocated", org_unit_id=place.team)["items"]
    seen = [(case["reference"].removesuffix(f"-{place.run}"), case["days_waiting"]) for case in listed]
    assert seen == [("urgent", 1), ("old-high", 4), ("new-high", 0), ("old-low", 9)]


def test_an_alert_that_nobody_answers_climbs_the_line(calendar: Calendar, pressed: str) -> None:
    calendar.travel(days=6)
    place = calendar.place
    at_head = {"role": "head_of_service", "worker_id": place.head}
    alert = place.one_alert("workload.overloaded", pressed, accountable=at_head)
    assert alert["raised_at"] < calendar.now.isoformat()


def test_an_alert_that_someone_takes_on_climbs_no_further_and_time_makes_nothing_twice(
    calendar: Calendar, pressed: str
) -> None:
    place = calendar.place
    alert = place.one_alert("workload.overloaded", pressed)
    place.overseer.post(f"/v1/accountability/alerts/{alert['alert_id']}/acknowledge", 200, note="We meet on Monday.")
    calendar.travel(days=23)
    found = place.alerts("workload.overloaded", pressed, status="acknowledged")
    assert [(one["alert_id"], one["level"]) for one in found] == [(alert["alert_id"], "head_of_service")]


def test_four_weeks_over_the_limit_are_one_further_alert_until_there_is_relief(
    calendar: Calendar, pressed: str
) -> None:
    place = calendar.place
    assert place.today == date(2026, 4, 4)
    alert = place.one_alert("workload.sustained", pressed)
    assert alert["standard"] == 3
    for n in (7, 8):
        body = {"closed_on": place.today.isoformat(), "reason": "plan ended"}
        place.boss.post(f"/v1/allocation/cases/mosaic/{pressed[-4:]}-{n}-{place.run}/close", 200, **body)
    kinds = ("workload.overloaded", "workload.sustained")
    eventually(lambda: [place.alerts(kind, pressed) for kind in kinds], lambda found: not any(found), "both resolve")


def test_cases_that_waited_are_older_now(calendar: Calendar) -> None:
    place = calendar.place
    listed = place.boss.get("/v1/allocation/unallocated", org_unit_id=place.team)["items"]
    oldest = {case["reference"]: case["days_waiting"] for case in listed}
    assert oldest[f"old-high-{place.run}"] == 33


def test_a_month_without_supervision_is_missed_when_it_has_ended(calendar: Calendar, pressed: str) -> None:
    place = calendar.place
    record = place.periods(pressed)
    assert record["met"] == 0
    assert record["missed"] >= 2
    place.one_alert("supervision.missed", pressed)
