"""A served supervision with a clock that a test moves, fed by workforce's events through the real consumer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import httpx

from chassis.bus import Received
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import FakeClock, published, record, token
from chassis.worker import run_scan
from contracts import Event
from contracts.supervision import PeriodExcusedV1, PeriodMetV1, PeriodMissedV1
from contracts.workforce import AbsenceRecordedV1, OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.supervision.service import service

PERIOD_EVENTS = (PeriodMetV1, PeriodMissedV1, PeriodExcusedV1)
Fact = TypeVar("Fact", bound=Event)


@dataclass
class World:
    client: httpx.AsyncClient
    database: Database
    clock: FakeClock
    authority: UUID = field(default_factory=new_id)
    team: UUID = field(default_factory=new_id)
    other_team: UUID = field(default_factory=new_id)
    manager: UUID = field(default_factory=new_id)
    sequences: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    facts: dict[UUID, WorkerRecordedV1] = field(default_factory=dict)
    log: list[tuple[Event, Received]] = field(default_factory=list)

    async def begin(self) -> World:
        """An authority of two teams, the first with a manager who is a registered social worker."""
        await self.tell(
            OrgUnitRecordedV1(org_unit_id=self.authority, parent_id=None, kind="authority"),
            OrgUnitRecordedV1(org_unit_id=self.team, parent_id=self.authority, kind="team"),
            OrgUnitRecordedV1(org_unit_id=self.other_team, parent_id=self.authority, kind="team"),
        )
        await self.worker(self.manager, line_manager_id=None)
        return self

    async def tell(self, *events: Event) -> None:
        """Feed events as workforce publishes them now."""
        records = []
        for event in events:
            self.sequences[event.subject] += 1
            records.append(record(event, self.sequences[event.subject], time=self.clock.now()))
            self.log.append((event, records[-1]))
        await Consumer(self.database, service).apply(records)

    async def worker(self, worker_id: UUID | None = None, **changes: Any) -> UUID:
        """Record a worker, or what changed of one."""
        worker_id = worker_id or new_id()
        known = self.facts.get(worker_id) or self._newcomer(worker_id, changes)
        self.facts[worker_id] = known.model_copy(update=changes)
        await self.tell(self.facts[worker_id])
        return worker_id

    def _newcomer(self, worker_id: UUID, changes: dict[str, Any]) -> WorkerRecordedV1:
        started = changes.get("employment_started_on", self.clock.today())
        return WorkerRecordedV1(
            worker_id=worker_id,
            org_unit_id=self.team,
            line_manager_id=self.manager,
            job_role="social worker",
            career_stage="practitioner",
            newly_qualified=False,
            is_social_worker=True,
            has_registration_number=True,
            contracted_hours=Decimal(37),
            employment_started_on=started,
            monitored_from=started,
        )

    async def leaves(self, worker_id: UUID, left_on: date) -> None:
        await self.tell(WorkerLeftV1(worker_id=worker_id, org_unit_id=self.team, left_on=left_on))

    async def absent(self, worker_id: UUID, first: date, last: date) -> None:
        await self.tell(
            AbsenceRecordedV1(
                absence_id=new_id(), worker_id=worker_id, org_unit_id=self.team, from_on=first, to_on=last
            )
        )

    async def scan(self) -> int:
        """Run the service's scan until nothing is left; how many it did."""
        done = 0
        while batch := await run_scan(self.database, service.scans[0]):
            done += batch
        return done

    async def to(self, instant: str) -> None:
        """Move the clock and let the scan do what that causes."""
        self.clock.instant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        await self.scan()

    async def events(self, kind: type[Fact], worker_id: UUID | None = None) -> list[Fact]:
        """The events of a type told so far, of one worker when named."""
        async with self.database.reading() as tx:
            told = [event for event in await published(tx) if isinstance(event, kind)]
        return [event for event in told if worker_id is None or event.subject == str(worker_id)]

    async def outcomes(self, worker_id: UUID) -> list[tuple[str, str, bool]]:
        """What was told of a worker's periods: kind, first day, whether it restates."""
        async with self.database.reading() as tx:
            told = [event for event in await published(tx) if isinstance(event, PERIOD_EVENTS)]
        return [
            (event.TYPE.split(".")[2], event.period_start.isoformat(), event.restates)
            for event in told
            if event.worker_id == worker_id
        ]

    def as_manager(self) -> dict[str, str]:
        return token(roles=["team_manager"], worker_id=self.manager, org_unit_id=self.team)

    async def call(self, method: str, path: str, who: dict[str, str] | None = None, **kwargs: Any) -> httpx.Response:
        """A request, the manager's when nobody is named."""
        return await self.client.request(method, "/v1/supervision" + path, headers=who or self.as_manager(), **kwargs)

    async def record(
        self, worker_id: UUID, held_at: str | datetime, who: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Record a session, by the manager and to the standard unless said otherwise."""
        body = {
            "worker_id": str(worker_id),
            "supervisor_id": str(self.manager),
            "held_at": held_at if isinstance(held_at, str) else held_at.isoformat(),
            "minutes": 90,
            "uninterrupted": True,
            "kind": "individual",
            **more,
        }
        return await self.call("POST", "/sessions", who, json=body)

    async def recorded(self, worker_id: UUID, held_at: str | datetime, **more: Any) -> dict[str, Any]:
        """The answer to a session that is taken."""
        answer = await self.record(worker_id, held_at, **more)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def periods(self, worker_id: UUID, **query: Any) -> dict[str, Any]:
        answer = await self.call("GET", f"/workers/{worker_id}/periods", params=query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def ago(self, days: int, hour: int = 10) -> datetime:
        """An instant some days before today."""
        day = self.clock.now().replace(hour=hour, minute=0, second=0, microsecond=0)
        return day - timedelta(days=days)

    def day(self, ago: int = 0) -> date:
        return self.clock.today() - timedelta(days=ago)
