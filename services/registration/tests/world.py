"""A served registration with a clock that a test moves, fed by workforce's events through the real consumer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
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
from contracts.workforce import OrgUnitRecordedV1, PostRecordedV1, WorkerLeftV1, WorkerRecordedV1
from services.registration.service import service

Fact = TypeVar("Fact", bound=Event)
HEADER = "Registration number,Name,Status,Registered until,Town"


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
        await self.tell(
            OrgUnitRecordedV1(org_unit_id=self.authority, parent_id=None, kind="authority"),
            OrgUnitRecordedV1(org_unit_id=self.team, parent_id=self.authority, kind="team"),
            OrgUnitRecordedV1(org_unit_id=self.other_team, parent_id=self.authority, kind="team"),
        )
        await self.worker(self.manager, line_manager_id=None, is_social_worker=False)
        return self

    async def tell(self, *events: Event) -> None:
        """Feed events as others publish them now."""
        records = []
        for event in events:
            self.sequences[event.subject] += 1
            records.append(record(event, self.sequences[event.subject], time=self.clock.now()))
            self.log.append((event, records[-1]))
        await Consumer(self.database, service).apply(records)

    async def worker(self, worker_id: UUID | None = None, **changes: Any) -> UUID:
        """Record a worker, or what changed of one."""
        worker_id = worker_id or new_id()
        usual = WorkerRecordedV1(
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
        self.facts[worker_id] = self.facts.get(worker_id, usual).model_copy(update=changes)
        await self.tell(self.facts[worker_id])
        return worker_id

    async def leaves(self, worker_id: UUID, left_on: date) -> None:
        await self.tell(WorkerLeftV1(worker_id=worker_id, org_unit_id=self.team, left_on=left_on))

    async def post(self, holder: UUID | None, post_id: UUID | None = None, **facts: Any) -> UUID:
        post_id = post_id or new_id()
        usual = {"fte": Decimal(1), "designated": True, "holder_id": holder, "org_unit_id": self.team}
        await self.tell(PostRecordedV1(post_id=post_id, **{**usual, **facts}))
        return post_id

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

    async def events(self, kind: type[Fact], subject: UUID | None = None) -> list[Fact]:
        """The events of a type told so far, of one subject when named."""
        async with self.database.reading() as tx:
            told = [event for event in await published(tx) if isinstance(event, kind)]
        return [event for event in told if subject is None or event.subject == str(subject)]

    # Who acts

    def someone(self, role: str, worker: UUID | None = None, unit: UUID | None = None) -> dict[str, str]:
        return token(roles=[role], worker_id=worker, org_unit_id=unit)

    @property
    def psw(self) -> dict[str, str]:
        return self.someone("principal_social_worker")

    @property
    def boss(self) -> dict[str, str]:
        return self.someone("team_manager", self.manager, self.team)

    # What is asked

    async def call(
        self, method: str, path: str, expect: int = 200, who: dict[str, str] | None = None, **kwargs: Any
    ) -> Any:
        """The answer to a request, the principal social worker's unless said otherwise."""
        headers = {**(who or self.psw), **kwargs.pop("headers", {})}
        answer = await self.client.request(method, "/v1/registration" + path, headers=headers, **kwargs)
        assert answer.status_code == expect, f"{answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None

    async def entry(self, worker: UUID, status: str = "registered", expect: int = 200, **fields: Any) -> Any:
        """Record what the register says of a worker."""
        body = {"number": f"SW{worker.int % 10**9}", "status": status, "valid_to": "2026-11-30", **fields}
        return await self.call("PUT", f"/workers/{worker}", expect, json=body)

    async def lists(self, unit: UUID | None = None) -> Any:
        return await self.call("POST", "/check-lists", 201, json={"org_unit_id": str(unit or self.team)})

    async def answer(self, list_id: str, *lines: str, expect: int = 200, header: str = HEADER, **query: Any) -> Any:
        """Send the register's download for a list."""
        content = "\n".join([header, *lines]).encode()
        return await self.call("POST", f"/check-lists/{list_id}/answers", expect, content=content, params=query)

    async def renew(self, worker: UUID, expect: int = 200, **parts: Any) -> Any:
        body = {"form_submitted_on": None, "fee_paid_on": None, **parts}
        return await self.call("PUT", f"/workers/{worker}/renewal", expect, json=body)
