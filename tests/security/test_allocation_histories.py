"""Whatever is offered, refused, overridden, reduced and closed in whatever order: a figure is the sum of its lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count, pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from chassis.ids import new_id
from contracts.allocation import LimitOverriddenV1, WorkloadOverloadedV1, WorkloadRelievedV1
from tests.security.histories import History, run_histories
from tests.security.stage import Stage, stage_of, worker_recorded
from tests.security.tally import Tally

POINTS = {"small": 20, "large": 45}
POLICY = {
    "effective_from": "2026-01-01",
    "full_time_points": 100,
    "full_time_hours": 40,
    "stable_points": 0,
    "stage_factors": {},
    "protected_hours": {"supervision": False, "cpd_hours_per_week": 0},
    "amber_above_pct": 90,
    "limit_pct": 100,
    "sustained_weeks": 4,
    "weights": [{"case_type": kind, "complexity": "standard", "points": points} for kind, points in POINTS.items()],
}
_numbers = count(1)
which = st.integers(0, 1)
case = st.integers(0, 3)


class Allocations(History):
    """Two workers and four cases, and what must be true of them by our own count."""

    def __init__(self) -> None:
        super().__init__()
        self.workers = [new_id(), new_id()]
        for worker in self.workers:
            self.stage.hear(worker_recorded(worker, self.stage.places.here, contracted_hours=40))
        self.everyone = self.stage.as_everyone()
        self.cases = [f"/cases/history/{next(_numbers)}" for _ in range(4)]
        self.kinds: dict[int, str] = {}
        self.held: dict[int, int] = {}
        self.reduced: dict[int, dict[str, int]] = {0: {}, 1: {}}
        self.charged = [0, 0]
        self.overridden = 0

    def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        return self.stage.send(method, f"/v1/allocation{path}", headers=self.everyone, json=body or None)

    def done(self, method: str, path: str, **body: Any) -> Any:
        answer = self.call(method, path, **body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def load(self, who: int) -> int:
        return self.charged[who] + sum(POINTS[self.kinds[case]] for case, holder in self.held.items() if holder == who)

    def available(self, who: int) -> float:
        return 100 * (40 - min(40, sum(self.reduced[who].values()))) / 40

    @rule(case=case, kind=st.sampled_from(sorted(POINTS)))
    def refer(self, case: int, kind: str) -> None:
        today = self.stage.clock.today().isoformat()
        body = {"case_type": kind, "complexity": "standard", "priority": "high", "received_on": today}
        self.done("PUT", self.cases[case], org_unit_id=str(self.stage.places.here), **body)
        self.kinds[case] = kind

    @rule(case=case, who=which, override=st.booleans(), discussed=st.sampled_from([True, True, True, False]))
    def offer(self, case: int, who: int, override: bool, discussed: bool) -> None:
        if case not in self.kinds:
            return
        terms = {"worker_id": str(self.workers[who]), "reason": "history", "discussed_with_worker": discussed}
        reason = {"override_reason": "must be"} if override else {}
        answer = self.call("POST", f"{self.cases[case]}/allocations", **terms, **reason)
        again = self.held.get(case) == who
        too_much = self.load(who) + POINTS[self.kinds[case]] > self.available(who)
        expected = 200 if again else 409 if not discussed or (too_much and not override) else 201
        assert answer.status_code == expected, answer.text
        if expected == 201:
            self.held[case] = who
            self.overridden += too_much

    @rule(case=case)
    def release(self, case: int) -> None:
        if case in self.held:
            self.done("POST", f"{self.cases[case]}/release", reason="history")
            del self.held[case]

    @rule(case=case)
    def close(self, case: int) -> None:
        if case in self.kinds:
            self.done("POST", f"{self.cases[case]}/close", reason="x", closed_on=self.stage.clock.today().isoformat())
            self.held.pop(case, None)
            del self.kinds[case]

    @rule(who=which, hours=st.integers(1, 24))
    def reduce(self, who: int, hours: int) -> None:
        today = self.stage.clock.today()
        path = f"/workers/{self.workers[who]}/reductions"
        made = self.done("POST", path, hours=hours, reason="history", **{"from": today.isoformat()})
        self.reduced[who][made["reduction_id"]] = hours

    @rule(who=which)
    def withdraw_reduction(self, who: int) -> None:
        if self.reduced[who]:
            reduction, _ = self.reduced[who].popitem()
            self.done("DELETE", f"/workers/{self.workers[who]}/reductions/{reduction}")

    @rule(who=which, points=st.integers(1, 50))
    def charge(self, who: int, points: int) -> None:
        since = (self.stage.clock.today() - timedelta(days=1)).isoformat()
        path = f"/workers/{self.workers[who]}/responsibilities"
        self.done("POST", path, description="history", points=points, **{"from": since})
        self.charged[who] += points

    @invariant()
    def figures_are_the_sums_of_their_lines(self) -> None:
        for who, worker in enumerate(self.workers):
            found = self.done("GET", f"/workers/{worker}/workload")
            for side in ("available", "load"):
                lines = sum(line["points"] for line in found["lines"] if line["side"] == side)
                assert round(lines, 6) == round(found[f"{side}_points"], 6), found
            assert round(found["load_points"], 6) == self.load(who), found
            assert round(found["available_points"], 6) == round(self.available(who), 6), found
            assert found["overloaded"] == (self.load(who) > self.available(who)), found

    def teardown(self) -> None:
        """Every crossing of the limit was told once, and every override."""
        told = self.stage.told(WorkloadOverloadedV1, WorkloadRelievedV1, LimitOverriddenV1)
        for who, worker in enumerate(self.workers):
            crossings = [
                type(event) for event in told if _about(event) == worker and event.TYPE != LimitOverriddenV1.TYPE
            ]
            assert all(one is not other for one, other in pairwise(crossings)), crossings
            assert (crossings[-1:] == [WorkloadOverloadedV1]) == (self.load(who) > self.available(who)), crossings
        overrides = [e for e in told if e.TYPE == LimitOverriddenV1.TYPE and _about(e) in self.workers]
        assert len(overrides) == self.overridden


def _about(event: Any) -> UUID:
    found: UUID = event.worker_id
    return found


@pytest.fixture(scope="module")
async def stage(postgres: str) -> AsyncIterator[Stage]:
    async with stage_of(postgres, "allocation") as stage:
        yield stage


def test_any_history_of_allocations_adds_up(stage: Stage, tally: Tally) -> None:
    policy = {**POLICY, "org_unit_id": str(stage.places.here)}
    assert stage.send("PUT", "/v1/allocation/policy", headers=stage.as_everyone(), json=policy).is_success
    run_histories(Allocations, stage, tally)
