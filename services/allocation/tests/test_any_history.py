"""Whatever happens in whatever order, what was told is what is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.allocation import (
    CaseAllocatedV1,
    CaseChangedV1,
    CaseClosedV1,
    WorkloadChangedV1,
    WorkloadOverloadedV1,
    WorkloadRelievedV1,
)
from services.allocation.tests.office import Office

few = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("allocate"), few, few),
    st.tuples(st.just("override"), few, few),
    st.tuples(st.just("release"), few, st.just(0)),
    st.tuples(st.just("close"), few, st.just(0)),
    st.tuples(st.just("refer_again"), few, st.just(0)),
    st.tuples(st.just("weigh_otherwise"), few, few),
    st.tuples(st.just("reduce"), few, st.integers(1, 40)),
    st.tuples(st.just("charge"), few, st.integers(1, 60)),
    st.tuples(st.just("leave"), few, st.just(0)),
    st.tuples(st.just("agree"), st.integers(60, 120), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 9), st.just(0)),
)


@dataclass
class History:
    """Four workers and four cases to whom things happen."""

    office: Office
    workers: list[UUID] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)

    async def begin(self) -> History:
        await self.office.agree(
            weights=[{"case_type": kind, "complexity": "standard", "points": 30} for kind in "abcd"]
        )
        self.workers = [await self.office.hire() for _ in range(4)]
        self.cases = [await self.office.case("a") for _ in range(4)]
        return self

    async def step(self, what: str, one: int, other: int) -> None:
        """Do something; the service may refuse it, but not fail."""
        doing: dict[str, Callable[[int, int], Awaitable[Any]]] = {
            "allocate": lambda case, to: self._post(f"{self.cases[case]}/allocations", self._terms(to)),
            "override": lambda case, to: self._post(
                f"{self.cases[case]}/allocations", {**self._terms(to), "override_reason": "must"}
            ),
            "release": lambda case, _: self._post(f"{self.cases[case]}/release", {"reason": "x"}),
            "close": lambda case, _: self._post(
                f"{self.cases[case]}/close", {"closed_on": str(self.office.today), "reason": "x"}
            ),
            "refer_again": lambda case, _: self._put(case, received_on=str(self.office.today), case_type="a"),
            "weigh_otherwise": lambda case, kind: self._put(case, case_type="abcd"[kind]),
            "reduce": lambda who, hours: self._post(
                f"/workers/{self.workers[who]}/reductions", {"hours": hours, "reason": "x", **self._dates(hours)}
            ),
            "charge": lambda who, points: self._post(
                f"/workers/{self.workers[who]}/responsibilities",
                {"points": points, "description": "x", **self._dates(points)},
            ),
            "leave": lambda who, _: self.office.leave(self.workers[who], self.office.today),
            "agree": lambda limit, _: self.office.agree(
                self.office.team,
                limit_pct=limit,
                amber_above_pct=50,
                effective_from=str(self.office.today),
                weights=[
                    {"case_type": kind, "complexity": "standard", "points": 20 + n} for n, kind in enumerate("abc")
                ],
            ),
            "wait": self._wait,
        }
        await doing[what](one, other)

    def _terms(self, to: int) -> dict[str, Any]:
        return {"worker_id": str(self.workers[to]), "reason": "x", "discussed_with_worker": True}

    def _dates(self, number: int) -> dict[str, str]:
        start = self.office.today + timedelta(days=number % 3)
        return {"from": str(start), "to": str(start + timedelta(days=number % 5))}

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = await self.office.client.post(f"/v1/allocation{path}", headers=self.office.boss, json=body)
        assert answer.status_code in (200, 201, 409), answer.text

    async def _put(self, case: int, **given: Any) -> None:
        body = self.office.case_body(**given)
        path = f"/v1/allocation{self.cases[case]}"
        answer = await self.office.client.put(path, headers=self.office.case_system, json=body)
        assert answer.status_code in (200, 409), answer.text

    async def _wait(self, days: int, _: int) -> None:
        self.office.clock.forward(days=days)
        await self.office.let_time_work()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, min_size=4, max_size=16))
async def test_what_was_told_is_what_is(timed: Office, happened: list[tuple[str, int, int]]) -> None:
    history = await History(await Office(timed.client, timed.database, timed.clock).open()).begin()
    for step in happened:
        await history.step(*step)
    await history.office.let_time_work()
    for worker in history.workers:
        await the_last_figure_told_is_the_figure(history.office, worker)
        await overload_and_relief_take_turns(history.office, worker)
    for case in history.cases:
        await the_last_holder_told_is_the_holder(history.office, case)


async def the_last_figure_told_is_the_figure(office: Office, worker: UUID) -> None:
    told = [event for event in await office.told(worker) if isinstance(event, WorkloadChangedV1)]
    seen = await office.workload(worker)
    assert (float(told[-1].available_points), float(told[-1].load_points), told[-1].band, told[-1].overloaded) == (
        seen["available_points"],
        seen["load_points"],
        seen["band"],
        seen["overloaded"],
    )
    for side in ("available", "load"):
        total = sum(line["points"] for line in seen["lines"] if line["side"] == side)
        assert abs(total - seen[f"{side}_points"]) < 1e-9


async def overload_and_relief_take_turns(office: Office, worker: UUID) -> None:
    turns = [e for e in await office.told(worker) if isinstance(e, WorkloadOverloadedV1 | WorkloadRelievedV1)]
    kinds = [isinstance(event, WorkloadOverloadedV1) for event in turns]
    assert kinds == [n % 2 == 0 for n in range(len(kinds))]
    assert (await office.workload(worker))["overloaded"] is (len(kinds) % 2 == 1)


async def the_last_holder_told_is_the_holder(office: Office, case: str) -> None:
    async with office.database.reading() as tx:
        row = await tx.fetch_one(
            """select c.case_key, c.worker_id, a.worker_id as allocated_to from cases c
            left join allocations a on a.case_id = c.case_id and a.ended_on is null where c.reference = %(reference)s""",
            {"reference": case.rsplit("/", 1)[1]},
        )
    assert row is not None
    assert row["worker_id"] == row["allocated_to"]
    holder = None
    for event in await office.told(row["case_key"]):
        if isinstance(event, CaseAllocatedV1 | CaseChangedV1):
            holder = event.worker_id
        elif isinstance(event, CaseClosedV1):
            holder = None
    assert holder == row["worker_id"]
