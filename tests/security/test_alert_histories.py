"""Whatever goes wrong, right and on in whatever order: one open alert of a kind for a person, and it knows its level."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from contracts.accountability import AlertEscalatedV1, AlertRaisedV1, AlertResolvedV1
from services.accountability.tests.authority import Authority
from tests.security.histories import History, run_histories
from tests.security.stage import NOW, Stage, stage_of
from tests.security.tally import Tally

LEVELS = ("line_manager", "head_of_service", "principal_social_worker", "director")


class Alerts(History):
    """One small authority: a worker above the limit or not, and required periods that were met or missed."""

    def __init__(self) -> None:
        super().__init__()
        self.stage.clock.instant = NOW
        self.place = Authority()
        self.stage.hear(*self.place.whole())
        self.overloaded = False
        self.periods: dict[int, str] = {}
        self.levels: dict[str, int] = {}

    @rule()
    def go_above_the_limit(self) -> None:
        self.stage.hear(self.place.overloaded())
        self.overloaded = True

    @rule()
    def be_relieved(self) -> None:
        self.stage.hear(self.place.relieved())
        self.overloaded = False

    @rule(number=st.integers(1, 4), outcome=st.sampled_from(["met", "missed", "excused"]))
    def judge(self, number: int, outcome: str) -> None:
        start = NOW.date() - timedelta(days=28 * (6 - number))
        self.stage.hear(getattr(self.place, outcome)(start))
        self.periods[number] = outcome

    @rule(again=st.integers(1, 3))
    def wait(self, again: int) -> None:
        self.stage.clock.forward(days=3)
        for _ in range(again):
            self.stage.scan()

    @rule()
    def take_on(self) -> None:
        for alert in self.alerts("open"):
            answer = self.send("POST", f"/alerts/{alert['alert_id']}/acknowledge", {"note": "I look after it."})
            assert answer.is_success, answer.text

    def send(self, method: str, path: str, body: Any = None) -> Any:
        headers = self.stage.as_everyone()
        return self.stage.send(method, f"/v1/accountability{path}", headers=headers, json=body)

    def alerts(self, *statuses: str) -> list[Any]:
        answer = self.send("GET", f"/alerts?subject_id={self.place.worker}&limit=200")
        assert answer.is_success, answer.text
        return [one for one in answer.json()["items"] if one["status"] in statuses]

    @property
    def wanted(self) -> set[str]:
        """The alerts there should be: overload while it lasts, and the last judged period while it is a missed one."""
        judged = [outcome for _, outcome in sorted(self.periods.items()) if outcome != "excused"]
        missed = {"supervision.missed"} if judged[-1:] == ["missed"] else set()
        return missed | ({"workload.overloaded"} if self.overloaded else set())

    @invariant()
    def one_alert_is_open_for_what_is_wrong_and_none_for_what_is_not(self) -> None:
        assert sorted(one["kind"] for one in self.alerts("open", "acknowledged")) == sorted(self.wanted)

    @invariant()
    def an_alert_only_moves_up(self) -> None:
        for one in self.alerts("open", "acknowledged"):
            level = LEVELS.index(one["level"])
            assert level >= self.levels.get(one["alert_id"], 0)
            self.levels[one["alert_id"]] = level

    def teardown(self) -> None:
        """What was told: raised once, each level once, resolved once if it is over."""
        for one in self.alerts("open", "acknowledged", "resolved"):
            told = [
                e
                for e in self.stage.told(AlertRaisedV1, AlertEscalatedV1, AlertResolvedV1)
                if str(e.alert_id) == one["alert_id"]
            ]
            kinds = [event.TYPE.split(".")[2] for event in told]
            assert kinds.count("raised") == 1
            assert kinds.count("resolved") == (one["status"] == "resolved")
            levels = [event.level for event in told if isinstance(event, AlertEscalatedV1)]
            assert levels == sorted(set(levels), key=LEVELS.index)


@pytest.fixture(scope="module")
async def stage(postgres: str) -> AsyncIterator[Stage]:
    async with stage_of(postgres, "accountability") as stage:
        yield stage


def test_any_history_of_alerts_leaves_those_that_are_due(stage: Stage, tally: Tally) -> None:
    run_histories(Alerts, stage, tally)
