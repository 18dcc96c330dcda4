"""A served safety with a clock that a test moves, and people in a line of accountability."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import httpx

from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.testing import FakeClock, published, record, token
from chassis.worker import run_scan
from contracts import Event
from contracts.workforce import AccountableChangedV1, OrgUnitRecordedV1, WorkerRecordedV1
from services.safety.service import service

Fact = TypeVar("Fact", bound=Event)


@dataclass
class World:
    """An authority, a service and a team; a director, a head and a manager; two workers of the team."""

    client: httpx.AsyncClient
    database: Database
    clock: FakeClock
    authority: UUID = field(default_factory=new_id)
    service: UUID = field(default_factory=new_id)
    team: UUID = field(default_factory=new_id)
    director: UUID = field(default_factory=new_id)
    head: UUID = field(default_factory=new_id)
    manager: UUID = field(default_factory=new_id)
    worker: UUID = field(default_factory=new_id)
    colleague: UUID = field(default_factory=new_id)
    sequences: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def begin(self) -> World:
        """Feed the facts of the place."""
        for unit, parent, kind in (
            (self.authority, None, "authority"),
            (self.service, self.authority, "service"),
            (self.team, self.service, "team"),
        ):
            await self.tell(OrgUnitRecordedV1(org_unit_id=unit, parent_id=parent, kind=kind))
        await self.hire(self.director, self.authority, None)
        await self.hire(self.head, self.service, self.director)
        await self.hire(self.manager, self.team, self.head)
        await self.hire(self.worker, self.team, self.manager)
        await self.hire(self.colleague, self.team, self.manager)
        for unit, worker in ((self.authority, self.director), (self.service, self.head), (self.team, self.manager)):
            await self.tell(AccountableChangedV1(org_unit_id=unit, worker_id=worker, from_on=date(2024, 1, 8)))
        return self

    async def tell(self, *events: Event) -> None:
        """Feed events as others publish them now."""
        records = []
        for event in events:
            self.sequences[event.subject] += 1
            records.append(record(event, self.sequences[event.subject], time=self.clock.now()))
        await Consumer(self.database, service).apply(records)

    async def hire(self, worker: UUID, unit: UUID, manager: UUID | None) -> None:
        """Someone works here."""
        await self.tell(
            WorkerRecordedV1(
                worker_id=worker,
                org_unit_id=unit,
                line_manager_id=manager,
                job_role="social worker",
                career_stage="practitioner",
                newly_qualified=False,
                is_social_worker=True,
                has_registration_number=True,
                contracted_hours=Decimal(37),
                employment_started_on=date(2024, 1, 8),
                monitored_from=date(2024, 1, 8),
            )
        )

    async def scan(self) -> int:
        """Run the service's scans until nothing is left; how many they did."""
        done = 0
        for scan in service.scans:
            while batch := await run_scan(self.database, scan):
                done += batch
        return done

    async def to(self, instant: str) -> None:
        """Move the clock and let the scans do what that causes."""
        self.clock.instant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
        await self.scan()

    async def events(self, kind: type[Fact]) -> list[Fact]:
        """The events of a type told so far."""
        async with self.database.reading() as tx:
            return [event for event in await published(tx) if isinstance(event, kind)]

    # Who acts

    def someone(self, role: str, worker: UUID | None = None, unit: UUID | None = None) -> dict[str, str]:
        """A person with a role."""
        return token(roles=[role], worker_id=worker, org_unit_id=unit)

    @property
    def me(self) -> dict[str, str]:
        """The worker."""
        return self.someone("practitioner", self.worker, self.team)

    @property
    def boss(self) -> dict[str, str]:
        """The team's manager."""
        return self.someone("team_manager", self.manager, self.team)

    @property
    def upper(self) -> dict[str, str]:
        """The head of service."""
        return self.someone("team_manager", self.head, self.service)

    @property
    def guardian(self) -> dict[str, str]:
        """The guardian, who stands in nobody's line."""
        return self.someone("concerns_guardian", UUID(int=7), self.authority)

    @property
    def psw(self) -> dict[str, str]:
        """The principal social worker."""
        return self.someone("principal_social_worker", UUID(int=8), self.authority)

    # What is asked

    async def call(self, method: str, path: str, who: dict[str, str] | None, expect: int = 200, **kwargs: Any) -> Any:
        """The answer to a request of someone, or of nobody known."""
        headers = {**(who or {}), **kwargs.pop("headers", {})}
        answer = await self.client.request(method, "/v1/safety" + path, headers=headers, **kwargs)
        assert answer.status_code == expect, f"{method} {path} {answer.status_code}: {answer.text[:600]}"
        return answer.json() if answer.content else None

    async def post(self, path: str, who: dict[str, str] | None, expect: int = 200, **body: Any) -> Any:
        """A request that changes something."""
        return await self.call("POST", path, who, expect, json=body)

    async def get(self, path: str, who: dict[str, str], expect: int = 200, **query: Any) -> Any:
        """A reading request."""
        return await self.call("GET", path, who, expect, params=query)

    async def concern(self, mode: str = "named", **fields: Any) -> Any:
        """The worker raises a concern."""
        usual = {"mode": mode, "topic": "workload", "words": "Eleven families since January."}
        return await self.post("/concerns", self.me, 201, **{**usual, **fields})

    async def without_name(self, **fields: Any) -> str:
        """Someone raises a concern without a name; the receipt."""
        usual = {"org_unit_id": str(self.team), "topic": "operations", "words": "Nobody answers the duty line."}
        receipt: str = (await self.post("/anonymous-concerns", None, 201, **{**usual, **fields}))["receipt"]
        return receipt
