"""A served cpd with a clock that a test moves, fed by workforce's events through the real consumer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx

from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import FakeClock, published, record, token
from chassis.worker import run_scan
from contracts import Event
from contracts.workforce import OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.cpd.service import service

Fact = TypeVar("Fact", bound=Event)


@dataclass
class World:
    client: httpx.AsyncClient
    database: Database
    clock: FakeClock
    folder: Path
    authority: UUID = field(default_factory=new_id)
    team: UUID = field(default_factory=new_id)
    other_team: UUID = field(default_factory=new_id)
    manager: UUID = field(default_factory=new_id)
    sequences: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    facts: dict[UUID, WorkerRecordedV1] = field(default_factory=dict)

    async def begin(self) -> World:
        """An authority of two teams, the first with a manager."""
        await self.tell(
            OrgUnitRecordedV1(org_unit_id=self.authority, parent_id=None, kind="authority"),
            OrgUnitRecordedV1(org_unit_id=self.team, parent_id=self.authority, kind="team"),
            OrgUnitRecordedV1(org_unit_id=self.other_team, parent_id=self.authority, kind="team"),
        )
        await self.worker(self.manager, line_manager_id=None, career_stage="manager", job_role="team manager")
        return self

    async def tell(self, *events: Event) -> None:
        """Feed events as workforce publishes them now."""
        records = []
        for event in events:
            self.sequences[event.subject] += 1
            records.append(record(event, self.sequences[event.subject], time=self.clock.now()))
        await Consumer(self.database, service).apply(records)

    async def worker(self, worker_id: UUID | None = None, **changes: Any) -> UUID:
        """Record a worker, or what changed of one."""
        worker_id = worker_id or new_id()
        known = self.facts.get(worker_id) or self._newcomer(worker_id)
        self.facts[worker_id] = known.model_copy(update=changes)
        await self.tell(self.facts[worker_id])
        return worker_id

    def _newcomer(self, worker_id: UUID) -> WorkerRecordedV1:
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
            employment_started_on=date(2024, 1, 8),
            monitored_from=date(2024, 1, 8),
        )

    async def leaves(self, worker_id: UUID, left_on: date) -> None:
        await self.tell(WorkerLeftV1(worker_id=worker_id, org_unit_id=self.team, left_on=left_on))

    async def scan(self) -> int:
        """Run the service's scans until nothing is left; how many they did."""
        done = 0
        for one in service.scans:
            while batch := await run_scan(self.database, one):
                done += batch
        return done

    async def to(self, instant: str) -> None:
        """Move the clock and let the scans do what that causes."""
        self.clock.instant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        await self.scan()

    async def events(self, kind: type[Fact], subject: UUID | None = None) -> list[Fact]:
        """The events of a type told so far, of one subject when named."""
        async with self.database.reading() as tx:
            told = [event for event in await published(tx) if isinstance(event, kind)]
        return [event for event in told if subject is None or event.subject == str(subject)]

    def as_manager(self) -> dict[str, str]:
        return token(roles=["team_manager"], worker_id=self.manager, org_unit_id=self.team)

    def as_psw(self) -> dict[str, str]:
        return token(roles=["principal_social_worker"], org_unit_id=self.authority)

    def as_hr(self) -> dict[str, str]:
        return token(roles=["workforce_admin"], org_unit_id=self.authority)

    def as_worker(self, worker_id: UUID) -> dict[str, str]:
        return token(roles=["practitioner"], worker_id=worker_id, org_unit_id=self.team)

    async def call(self, method: str, path: str, who: dict[str, str] | None = None, **kwargs: Any) -> httpx.Response:
        """A request, the manager's when nobody is named."""
        headers = {**(who or self.as_manager()), **kwargs.pop("headers", {})}
        return await self.client.request(method, "/v1/cpd" + path, headers=headers, **kwargs)

    async def done(
        self, method: str, path: str, who: dict[str, str] | None = None, expect: int = 200, **kwargs: Any
    ) -> Any:
        """The JSON answer to a request that must end in a status."""
        answer = await self.call(method, path, who, **kwargs)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    async def learn(self, worker_id: UUID, expect: int = 201, **changes: Any) -> Any:
        """Write a piece of learning down as the worker."""
        body = {
            "worker_id": str(worker_id),
            "kind": "formal",
            "description": "Course on trauma",
            "learned": "How trauma shows.",
            "impact": "I ask differently.",
            **changes,
        }
        return await self.done("POST", "/learning", self.as_worker(worker_id), expect, json=body)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status of an answer and the code of its problem."""
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")
