"""A served service with a clock that a test moves, fed by workforce's events through the real consumer: what services share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

import httpx

from chassis.bus import Received
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.service import Scan, Service
from chassis.testing import FakeClock, published, record
from chassis.worker import run_scan
from contracts import Event
from contracts.workforce import OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1

Fact = TypeVar("Fact", bound=Event)
LONG_AGO = date(2024, 1, 8)


@dataclass
class WorkforceWorld:
    """An authority of two teams, the first with a manager, as one service hears of it."""

    service: ClassVar[Service]
    scans: ClassVar[Sequence[Scan]]
    manager_facts: ClassVar[Mapping[str, Any]] = {}
    """How the manager differs from any other worker."""

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

    async def begin(self) -> Self:
        """Feed the facts of the place."""
        await self.tell(
            OrgUnitRecordedV1(org_unit_id=self.authority, parent_id=None, kind="authority"),
            OrgUnitRecordedV1(org_unit_id=self.team, parent_id=self.authority, kind="team"),
            OrgUnitRecordedV1(org_unit_id=self.other_team, parent_id=self.authority, kind="team"),
        )
        await self.worker(self.manager, line_manager_id=None, **self.manager_facts)
        return self

    async def tell(self, *events: Event) -> None:
        """Feed events as others publish them now."""
        records = []
        for event in events:
            self.sequences[event.subject] += 1
            records.append(record(event, self.sequences[event.subject], time=self.clock.now()))
            self.log.append((event, records[-1]))
        await Consumer(self.database, self.service).apply(records)

    async def worker(self, worker_id: UUID | None = None, **changes: Any) -> UUID:
        """Record a worker, or what changed of one."""
        worker_id = worker_id or new_id()
        known = self.facts.get(worker_id) or self._newcomer(worker_id, self.started(changes))
        self.facts[worker_id] = known.model_copy(update=changes)
        await self.tell(self.facts[worker_id])
        return worker_id

    def started(self, _changes: Mapping[str, Any]) -> date:
        """The first day of a worker of whom nothing was said before, from which they are monitored too."""
        return LONG_AGO

    def _newcomer(self, worker_id: UUID, started: date) -> WorkerRecordedV1:
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
        """A worker's last day is told."""
        await self.tell(WorkerLeftV1(worker_id=worker_id, org_unit_id=self.team, left_on=left_on))

    async def scan(self) -> int:
        """Run the service's scans until nothing is left; how many they did."""
        done = 0
        for one in self.scans:
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
