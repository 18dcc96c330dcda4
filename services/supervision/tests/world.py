"""A served supervision with a clock that a test moves, fed by workforce's events through the real consumer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import httpx

from chassis.ids import new_id
from chassis.service import Scan, Service
from chassis.testing import published, token
from contracts.supervision import PeriodExcusedV1, PeriodMetV1, PeriodMissedV1
from contracts.workforce import AbsenceRecordedV1
from services.supervision.service import service
from tests.support.world import WorkforceWorld

PERIOD_EVENTS = (PeriodMetV1, PeriodMissedV1, PeriodExcusedV1)


@dataclass
class World(WorkforceWorld):
    """Workers start today unless said otherwise; the manager is a registered social worker."""

    service: ClassVar[Service] = service
    scans: ClassVar[tuple[Scan, ...]] = tuple(service.scans[:1])

    def started(self, changes: Mapping[str, Any]) -> date:
        """The first day that is told, else today."""
        day: date = changes.get("employment_started_on", self.clock.today())
        return day

    async def absent(self, worker_id: UUID, first: date, last: date) -> None:
        await self.tell(
            AbsenceRecordedV1(
                absence_id=new_id(), worker_id=worker_id, org_unit_id=self.team, from_on=first, to_on=last
            )
        )

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
