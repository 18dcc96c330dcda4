"""Whatever is held, cancelled and missed in whatever order: what was last told of a period is what a reading says of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from chassis.clock import LONDON
from chassis.ids import new_id
from contracts.supervision import PeriodExcusedV1, PeriodMetV1, PeriodMissedV1
from contracts.workforce import AbsenceRecordedV1
from tests.security.histories import History, run_histories
from tests.security.stage import NOW, Stage, stage_of, worker_recorded
from tests.security.tally import Tally

JUDGEMENTS = (PeriodMetV1, PeriodMissedV1, PeriodExcusedV1)
days = st.integers(0, 45)


class Supervisions(History):
    """One worker from the first day on, newly qualified or not, and a clock that moves."""

    def __init__(self) -> None:
        super().__init__()
        self.stage.clock.instant = NOW
        self.worker = new_id()
        self.started = self.stage.clock.today()
        self.sessions: list[tuple[str, date, bool]] = []
        self.hire(newly_qualified=False)

    def hire(self, *, newly_qualified: bool) -> None:
        about = worker_recorded(self.worker, self.stage.places.here, newly_qualified=newly_qualified)
        dates = {"employment_started_on": self.started, "monitored_from": self.started}
        self.stage.hear(about.model_copy(update=dates))

    @property
    def today(self) -> date:
        return self.stage.clock.today()

    def send(self, method: str, path: str, **body: Any) -> Any:
        answer = self.stage.send(method, f"/v1/supervision{path}", headers=self.stage.as_everyone(), json=body or None)
        assert answer.is_success, answer.text
        return answer.json()

    @rule(qualified=st.booleans())
    def becomes_newly_qualified_or_not(self, qualified: bool) -> None:
        self.hire(newly_qualified=qualified)

    @rule(
        ago=days,
        minutes=st.sampled_from([90, 90, 120, 89]),
        kind=st.sampled_from(["individual", "individual", "group"]),
    )
    def hold(self, ago: int, minutes: int, kind: str) -> None:
        held_on = max(self.started, self.today - timedelta(days=ago))
        held_at = datetime.combine(held_on, time(0, 1), LONDON)
        if held_at > self.stage.clock.now():
            return
        who = {"worker_id": str(self.worker), "supervisor_id": str(self.stage.places.boss)}
        how = {"held_at": held_at.isoformat(), "minutes": minutes, "uninterrupted": True, "kind": kind}
        made = self.send("POST", "/sessions", **who, **how)
        assert made["qualifies"] == (minutes >= 90 and kind == "individual"), made
        self.sessions.append((made["session_id"], held_on, made["qualifies"]))

    @precondition(lambda self: self.sessions)
    @rule(which=st.integers(0, 99))
    def cancel(self, which: int) -> None:
        session, _, _ = self.sessions.pop(which % len(self.sessions))
        self.send("POST", f"/sessions/{session}/cancel", reason="worker_absent")

    @rule(since=days, long=days)
    def be_absent(self, since: int, long: int) -> None:
        first = self.today - timedelta(days=since)
        about = {"worker_id": self.worker, "org_unit_id": self.stage.places.here}
        self.stage.hear(
            AbsenceRecordedV1(absence_id=new_id(), from_on=first, to_on=first + timedelta(days=long), **about)
        )

    @rule(by=st.integers(1, 40))
    def wait(self, by: int) -> None:
        self.stage.clock.forward(days=by)
        self.stage.scan()
        self.stage.scan()

    def reading(self) -> Any:
        return self.send("GET", f"/workers/{self.worker}/periods")

    def ended(self, reading: Any) -> list[Any]:
        """The periods that are over, which alone are judged."""
        return [one for one in reading["periods"] if one["end"] <= self.today.isoformat()]

    @invariant()
    def what_is_read_is_what_was_told_and_what_was_held(self) -> None:
        found = self.reading()
        self.was_told(found)
        self.follows_from_what_was_held(found)
        starts, ends = [one["start"] for one in found["periods"]], [one["end"] for one in found["periods"]]
        assert (starts[0], starts[1:]) == (self.started.isoformat(), ends[:-1]), "periods tile the employment"

    def was_told(self, found: Any) -> None:
        """What was told last of every period that is over."""
        told = {
            event.period_start.isoformat(): event.TYPE.split(".")[2]
            for event in self.stage.told(*JUDGEMENTS)
            if event.worker_id == self.worker and event.stream == "line"
        }
        read = {one["start"]: one["status"] for one in self.ended(found)}
        assert {start: told.get(start) for start in read} == read

    def follows_from_what_was_held(self, found: Any) -> None:
        for status in ("met", "missed", "excused"):
            assert found[status] == sum(one["status"] == status for one in self.ended(found)), found
        for one in self.ended(found):
            held = [day for _, day, fits in self.sessions if fits and one["start"] <= day.isoformat() < one["end"]]
            assert one["status"] == "excused" or (one["status"] == "met") == bool(held), (one, held)


@pytest.fixture(scope="module")
async def stage(postgres: str) -> AsyncIterator[Stage]:
    async with stage_of(postgres, "supervision") as stage:
        yield stage


def test_any_history_of_supervision_is_told_as_it_is(stage: Stage, tally: Tally) -> None:
    run_histories(Supervisions, stage, tally, short=5)
