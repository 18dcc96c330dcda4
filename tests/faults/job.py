"""The main job as a load: an authority with its team, cases, allocations and supervision, through the gateway."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from chassis.clock import london_date
from tests.faults.journal import Client

EVENTUALLY_S = 60.0
SESSIONS = (
    (3, 90, True),
    (10, 95, True),
    (17, 85, True),
    (24, 90, False),
    (31, 90, True),
    (38, 120, True),
    (50, 90, True),
)


class FellShort(AssertionError):
    """The job's outcome is not what it must be."""


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise FellShort(message)


async def eventually(
    read: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], message: str, within_s: float = EVENTUALLY_S
) -> Any:
    """Read until it holds, or fall short with the last reading."""
    end = time.monotonic() + within_s
    while True:
        value = await read()
        if holds(value):
            return value
        _need(time.monotonic() < end, f"{message}; last seen: {str(value)[:400]}")
        await asyncio.sleep(0.3)


@dataclass
class MainJob:
    """One run: an authority of its own, so that runs do not disturb one another."""

    client: Client
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    patience_s: float = EVENTUALLY_S

    async def go(self) -> None:
        """The whole job; raises :class:`FellShort` where an outcome is wrong."""
        self.now = datetime.now(UTC)
        self.hr = await self.client.token(roles=["workforce_admin"])
        self.integration = await self.client.token(roles=["integration"])
        self.reporting = await self.client.token(roles=["reporting"])
        self.psw = await self.client.token(roles=["principal_social_worker"])
        await self._organise()
        await self._fill_up()
        await self._overload()
        await self._supervise()
        await self._add_up()

    async def _organise(self) -> None:
        self.authority = await self._unit("authority", None)
        service = await self._unit("service", self.authority)
        self.team = await self._unit("team", service)
        self.manager = await self._worker("M", job_role="team manager", career_stage="manager")
        body = {"worker_id": self.manager, "from": self._day(60)}
        await self.client.write("PUT", f"/v1/workforce/org-units/{self.team}/accountable", self.hr, (200,), body)
        under: dict[str, Any] = {"line_manager_id": self.manager}
        starting = {**under, "career_stage": "asye", "newly_qualified": True, "employment_started_on": self._day(60)}
        self.experienced = await self._worker("A", **under)
        self.newly_qualified = await self._worker("B", **starting)
        self.unsupervised = await self._worker("C", **starting)
        self.boss = await self.client.token(roles=["team_manager"], worker_id=self.manager, org_unit_id=self.team)
        await self.client.write("PUT", "/v1/allocation/policy", self.psw, (200,), self._policy())

    async def _fill_up(self) -> None:
        for worker in (self.experienced, self.newly_qualified, self.unsupervised):  # it hears of each apart
            path = f"/v1/allocation/workers/{worker}/workload"
            await self._eventually(
                partial(self.client.read, path, self.boss, (200, 403, 404)),
                lambda seen: seen.get("utilisation_pct") is not None,  # with the units above, whose policy it is
                "allocation has not learned of the workers",
            )
        for n in range(10):
            await self._allocate(await self._case(f"A{n}", "child_in_need"), self.experienced)
        await self.client.write(
            "POST",
            f"/v1/allocation/workers/{self.experienced}/responsibilities",
            self.boss,
            (201,),
            {"description": "practice educator", "points": 10, "from": self._day(1)},
        )
        seen = await self._workload()
        _need(
            (seen["load_points"], seen["utilisation_pct"], seen["band"]) == (95, 95, "amber"), f"95 % is amber: {seen}"
        )

    async def _overload(self) -> None:
        heavy = await self._case("A-heavy", "child_protection")
        refused = await self._allocate(heavy, self.experienced, 409)
        _need(refused["type"].endswith("/problems/workload-limit"), f"the refusal names its reason: {refused}")
        await self._allocate(heavy, self.experienced, override_reason="no other worker speaks the language")
        _need((await self._workload())["band"] == "over", "105 % is over the limit")
        await self._one_alert("workload.overloaded", self.experienced)

    async def _supervise(self) -> None:
        for day, minutes, uninterrupted in SESSIONS:
            held = (self.now - timedelta(days=60 - day)).replace(hour=10, minute=0, second=0, microsecond=0)
            session = {
                "worker_id": self.newly_qualified,
                "supervisor_id": self.manager,
                "held_at": held.isoformat(),
                "minutes": minutes,
                "uninterrupted": uninterrupted,
                "kind": "individual",
            }
            await self._eventually(
                partial(self._record, session), lambda recorded: "qualifies" in recorded, "not recorded"
            )
        path = f"/v1/supervision/workers/{self.newly_qualified}/periods?as_of={self._day(0)}"
        periods = await self.client.read(path, self.boss)
        _need((periods["met"], periods["missed"]) == (5, 2), f"5 of 7: {periods}")
        await self._one_alert("supervision.missed", self.unsupervised)

    async def _add_up(self) -> None:
        """B met 5 of 7 and C 0 of 7, once each: a doubled or lost event shows here."""
        until = (london_date(self.now) + timedelta(days=1)).isoformat()
        span = f"measure=supervision.on_time&from={self._day(90)}&to={until}&grain=day"

        async def totals(unit: str) -> tuple[float, float]:
            path = f"/v1/accountability/measures?{span}&org_unit_id={unit}"
            rows = (await self.client.read(path, self.reporting))["items"]
            return sum(row["numerator"] for row in rows), sum(row["denominator"] or 0 for row in rows)

        async def both() -> list[tuple[float, float]]:
            return [await totals(self.team), await totals(self.authority)]

        self.totals = await self._eventually(
            both,
            lambda pair: pair[0] == pair[1] and pair[0][0] == 5 and pair[0][1] >= 14,
            "met and missed periods roll up once each",
        )

    async def _record(self, session: dict[str, Any]) -> Any:
        """403, 404 or 422 while supervision does not know the worker or the supervisor yet: it hears of them apart."""
        return await self.client.write("POST", "/v1/supervision/sessions", self.boss, (201, 403, 404, 422), session)

    async def _unit(self, kind: str, parent: str | None) -> str:
        body = {"name": f"{kind} {self.run}", "kind": kind, **({"parent_id": parent} if parent else {})}
        made = await self.client.write("POST", "/v1/workforce/org-units", self.hr, (201,), body)
        return str(made["org_unit_id"])

    async def _worker(self, ref: str, **fields: Any) -> str:
        body = {
            "name": f"Worker {ref}",
            "employee_ref": f"{ref}-{self.run}",
            "email": f"{ref}-{self.run}@council.example".lower(),
            "org_unit_id": self.team,
            "job_role": "social worker",
            "career_stage": "practitioner",
            "newly_qualified": False,
            "is_social_worker": True,
            "contracted_hours": 37,
            "employment_started_on": self._day(400),
            "monitored_from": self._day(60),
            **fields,
        }
        made = await self.client.write("POST", "/v1/workforce/workers", self.hr, (201,), body)
        return str(made["worker_id"])

    async def _case(self, reference: str, case_type: str) -> str:
        path = f"/v1/allocation/cases/mosaic/{reference}-{self.run}"
        body = {
            "case_type": case_type,
            "complexity": "standard",
            "org_unit_id": self.team,
            "priority": "high",
            "received_on": self._day(5),
        }
        await self.client.write("PUT", path, self.integration, (200, 201), body)
        return path

    async def _allocate(self, case: str, to: str, expect: int = 201, **more: str) -> Any:
        body = {"worker_id": to, "reason": "initial allocation", "discussed_with_worker": True, **more}
        return await self.client.write("POST", f"{case}/allocations", self.boss, (expect,), body)

    async def _workload(self) -> Any:
        return await self.client.read(f"/v1/allocation/workers/{self.experienced}/workload", self.boss)

    async def _one_alert(self, kind: str, subject: str) -> None:
        path = f"/v1/accountability/alerts?status=open&kind={kind}&subject_id={subject}"
        await self._eventually(
            lambda: self.client.read(path, self.psw), lambda seen: len(seen["items"]) == 1, f"one open alert {kind}"
        )

    async def _eventually(self, read: Callable[[], Awaitable[Any]], holds: Callable[[Any], bool], message: str) -> Any:
        return await eventually(read, holds, message, self.patience_s)

    def _policy(self) -> dict[str, Any]:
        return {
            "org_unit_id": self.authority,
            "effective_from": self._day(60),
            "full_time_points": 100,
            "full_time_hours": 37,
            "stable_points": 15,
            "stage_factors": {"asye": 0.9},
            "protected_hours": {"supervision": False, "cpd_hours_per_week": 0},
            "amber_above_pct": 90,
            "limit_pct": 100,
            "sustained_weeks": 4,
            "weights": [
                {"case_type": "child_in_need", "complexity": "standard", "points": 7},
                {"case_type": "child_protection", "complexity": "standard", "points": 10},
            ],
        }

    def _day(self, ago: int) -> str:
        return (london_date(self.now) - timedelta(days=ago)).isoformat()
