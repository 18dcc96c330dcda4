"""An authority with a service and a team, and the few things that tests do there through the real doors."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import httpx

from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import FakeClock, load, published, receive, token
from chassis.worker import run_scan
from contracts import Event
from contracts.workforce import OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1

SERVICE = load("allocation")
_numbers = count(1)
WEIGHTS = [
    {"case_type": "child_in_need", "complexity": "standard", "points": 7},
    {"case_type": "child_protection", "complexity": "standard", "points": 10},
]


@dataclass
class Office:
    """One authority on a served allocation."""

    client: httpx.AsyncClient
    database: Database
    clock: FakeClock
    authority: UUID = field(default_factory=new_id)
    service: UUID = field(default_factory=new_id)
    team: UUID = field(default_factory=new_id)

    async def open(self) -> Office:
        """Let allocation hear of the units."""
        kinds = ("authority", "service", "team")
        units = zip((None, self.authority, self.service), (self.authority, self.service, self.team), kinds, strict=True)
        await self.hear(
            *[OrgUnitRecordedV1(org_unit_id=unit, parent_id=parent, kind=kind) for parent, unit, kind in units]
        )
        return self

    @property
    def today(self) -> date:
        return self.clock.today()

    @property
    def boss(self) -> dict[str, str]:
        return token(roles=["team_manager"], org_unit_id=self.team)

    @property
    def psw(self) -> dict[str, str]:
        return token(roles=["principal_social_worker"])

    @property
    def case_system(self) -> dict[str, str]:
        return token(roles=["integration"])

    async def hear(self, *events: Event) -> None:
        """Events of other services, through the real consumer."""
        await receive(self.database, SERVICE, *events)

    async def hire(self, **given: Any) -> UUID:
        """A worker of the team, full time and qualified unless given otherwise."""
        worker = given.pop("worker_id", None) or new_id()
        usual: dict[str, Any] = {
            "worker_id": worker,
            "org_unit_id": self.team,
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
        await self.hear(WorkerRecordedV1(**{**usual, **given}))
        return UUID(str(worker))

    async def leave(self, worker: UUID, left_on: date) -> None:
        """A worker's last day."""
        await self.hear(WorkerLeftV1(worker_id=worker, org_unit_id=self.team, left_on=left_on))

    async def agree(self, unit: UUID | None = None, **given: Any) -> Any:
        """The usual policy of the authority, unless given otherwise."""
        usual: dict[str, Any] = {
            "org_unit_id": str(unit or self.authority),
            "effective_from": "2026-01-01",
            "full_time_points": 100,
            "full_time_hours": 37,
            "stable_points": 15,
            "stage_factors": {"asye": 0.9},
            "protected_hours": {"supervision": False, "cpd_hours_per_week": 0},
            "amber_above_pct": 90,
            "limit_pct": 100,
            "sustained_weeks": 4,
            "weights": WEIGHTS,
        }
        return await self.put("/policy", {**usual, **given}, self.psw)

    async def case(self, case_type: str = "child_in_need", expect: int = 201, **given: Any) -> str:
        """A waiting case of the team; the path under which it is found."""
        path = f"/cases/mosaic/{given.pop('reference', f'C{next(_numbers)}')}"
        await self.put(path, self.case_body(case_type=case_type, **given), self.case_system, expect)
        return path

    def case_body(self, **given: Any) -> dict[str, Any]:
        """What a case-recording system sends."""
        usual = {
            "case_type": "child_in_need",
            "complexity": "standard",
            "org_unit_id": str(self.team),
            "priority": "high",
            "received_on": str(self.today - timedelta(days=5)),
        }
        return {**usual, **given}

    async def allocate(self, case: str, to: UUID, expect: int = 201, **more: Any) -> Any:
        """Give a case to a worker as the team's manager."""
        body = {"worker_id": str(to), "reason": "initial allocation", "discussed_with_worker": True, **more}
        return await self.post(f"{case}/allocations", body, self.boss, expect)

    async def give_cases(self, to: UUID, how_many: int, case_type: str = "child_in_need") -> list[str]:
        """Cases that a worker holds."""
        cases = [await self.case(case_type) for _ in range(how_many)]
        for case in cases:
            await self.allocate(case, to)
        return cases

    async def workload(self, of: UUID, as_of: date | None = None) -> Any:
        """A worker's workload."""
        return await self.get(f"/workers/{of}/workload" + (f"?as_of={as_of}" if as_of else ""), self.boss)

    async def figures(self, of: UUID, as_of: date | None = None) -> tuple[float, float, float | None, str]:
        """Availability, load, percent and band."""
        seen = await self.workload(of, as_of)
        return seen["available_points"], seen["load_points"], seen["utilisation_pct"], seen["band"]

    async def get(self, path: str, who: dict[str, str], expect: int = 200) -> Any:
        return await self.call("GET", path, who, expect)

    async def put(self, path: str, body: dict[str, Any], who: dict[str, str], expect: int | None = None) -> Any:
        return await self.call("PUT", path, who, expect, json=body)

    async def post(self, path: str, body: dict[str, Any], who: dict[str, str], expect: int = 201) -> Any:
        return await self.call("POST", path, who, expect, json=body)

    async def call(self, method: str, path: str, who: dict[str, str], expect: int | None, **more: Any) -> Any:
        answer = await self.client.request(method, f"/v1/allocation{path}", headers=who, **more)
        assert answer.status_code == expect or (expect is None and answer.is_success), (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def told(self, about: object = None) -> list[Event]:
        """The events in the outbox about one subject, or all."""
        async with self.database.reading() as tx:
            events = await published(tx)
        return [event for event in events if about is None or event.subject == str(about)]

    async def told_types(self, about: object) -> list[str]:
        """The types of the events about a subject, without the service's name."""
        return [event.TYPE.removeprefix("allocation.").removesuffix(".v1") for event in await self.told(about)]

    async def let_time_work(self) -> None:
        """Run every scan until nothing is left to do."""
        for scan in SERVICE.scans:
            while await run_scan(self.database, scan):
                pass
