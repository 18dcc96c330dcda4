"""A small authority as events: one service, one team, a manager, a worker, and those above them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from contracts import Event
from contracts.allocation import (
    CaseAllocatedV1,
    CaseReceivedV1,
    WorkloadChangedV1,
    WorkloadOverloadedV1,
    WorkloadRelievedV1,
    WorkloadSustainedV1,
)
from contracts.supervision import PeriodExcusedV1, PeriodMetV1, PeriodMissedV1
from contracts.workforce import AccountableChangedV1, OrgUnitRecordedV1, WorkerLeftV1, WorkerRecordedV1

LONG_AGO = date(2024, 1, 1)
TODAY = date(2026, 3, 2)


@dataclass
class Authority:
    """Ids of its parts, and the events that would come from the other services."""

    authority: UUID = field(default_factory=new_id)
    service: UUID = field(default_factory=new_id)
    team: UUID = field(default_factory=new_id)
    director: UUID = field(default_factory=new_id)
    psw: UUID = field(default_factory=new_id)
    head: UUID = field(default_factory=new_id)
    manager: UUID = field(default_factory=new_id)
    worker: UUID = field(default_factory=new_id)

    def units(self) -> list[Event]:
        return [
            OrgUnitRecordedV1(org_unit_id=self.authority, parent_id=None, kind="authority"),
            OrgUnitRecordedV1(org_unit_id=self.service, parent_id=self.authority, kind="service"),
            OrgUnitRecordedV1(org_unit_id=self.team, parent_id=self.service, kind="team"),
        ]

    def people(self) -> list[Event]:
        return [
            self.recorded(self.director, self.authority, None, "director"),
            self.recorded(self.psw, self.authority, self.director, "Principal Social Worker"),
            self.recorded(self.head, self.service, self.director, "head of service"),
            self.recorded(self.manager, self.team, self.head, "team manager"),
            self.recorded(self.worker, self.team, self.manager),
        ]

    def line(self) -> list[Event]:
        answers = ((self.authority, self.director), (self.service, self.head), (self.team, self.manager))
        return [self.answers(unit, worker) for unit, worker in answers]

    def whole(self) -> list[Event]:
        return [*self.units(), *self.people(), *self.line()]

    def recorded(
        self, worker: UUID, unit: UUID, manager: UUID | None, job_role: str = "social worker", **changes: Any
    ) -> WorkerRecordedV1:
        fields: dict[str, Any] = {
            "worker_id": worker,
            "org_unit_id": unit,
            "line_manager_id": manager,
            "job_role": job_role,
            "career_stage": "practitioner",
            "newly_qualified": False,
            "is_social_worker": True,
            "has_registration_number": True,
            "contracted_hours": Decimal(37),
            "employment_started_on": LONG_AGO,
            "monitored_from": LONG_AGO,
        }
        return WorkerRecordedV1(**fields | changes)

    def answers(self, unit: UUID, worker: UUID, from_on: date = LONG_AGO) -> AccountableChangedV1:
        return AccountableChangedV1(org_unit_id=unit, worker_id=worker, from_on=from_on)

    def left(self, worker: UUID, unit: UUID, on: date) -> WorkerLeftV1:
        return WorkerLeftV1(worker_id=worker, org_unit_id=unit, left_on=on)

    def _load(self, load: int, on: date, worker: UUID | None) -> dict[str, Any]:
        return {
            "worker_id": worker or self.worker,
            "org_unit_id": self.team,
            "as_of": on,
            "available_points": Decimal(100),
            "load_points": Decimal(load),
            "band": "over" if load > 100 else "ok",
        }

    def workload(self, load: int, on: date = TODAY, worker: UUID | None = None) -> WorkloadChangedV1:
        return WorkloadChangedV1(**self._load(load, on, worker), overloaded=load > 100)

    def overloaded(self, worker: UUID | None = None) -> WorkloadOverloadedV1:
        return WorkloadOverloadedV1(**self._load(105, TODAY, worker), limit_pct=Decimal(100))

    def relieved(self, worker: UUID | None = None) -> WorkloadRelievedV1:
        return WorkloadRelievedV1(**self._load(95, TODAY, worker), limit_pct=Decimal(100))

    def sustained(self) -> WorkloadSustainedV1:
        return WorkloadSustainedV1(
            worker_id=self.worker,
            org_unit_id=self.team,
            as_of=TODAY,
            weeks=4,
            overloaded_since=TODAY - timedelta(days=28),
        )

    def _period(self, start: date, worker: UUID | None, stream: str) -> dict[str, Any]:
        return {
            "worker_id": worker or self.worker,
            "org_unit_id": self.team,
            "stream": stream,
            "cadence": "monthly",
            "period_start": start,
            "period_end": start + timedelta(days=28),
        }

    def met(self, start: date, worker: UUID | None = None, stream: str = "line", *, restates: bool = False) -> Event:
        return PeriodMetV1(**self._period(start, worker, stream), session_id=new_id(), restates=restates)

    def missed(self, start: date, worker: UUID | None = None, stream: str = "line") -> Event:
        return PeriodMissedV1(**self._period(start, worker, stream))

    def excused(self, start: date, worker: UUID | None = None) -> Event:
        return PeriodExcusedV1(**self._period(start, worker, "line"))

    def received(self, case_key: str) -> CaseReceivedV1:
        return CaseReceivedV1(
            case_key=case_key,
            org_unit_id=self.team,
            case_type="child_in_need",
            complexity="standard",
            priority="high",
            received_on=TODAY,
        )

    def allocated(self, case_key: str) -> CaseAllocatedV1:
        return CaseAllocatedV1(
            case_key=case_key,
            allocation_id=new_id(),
            worker_id=self.worker,
            org_unit_id=self.team,
            previous_worker_id=None,
            received_on=TODAY,
            allocated_on=TODAY,
            points=Decimal(7),
        )
