"""A small authority for a journey to happen in: a service, a team, the people who answer for them, a workload policy."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from chassis.clock import london_date
from tests.e2e.deployment import Deployment, Someone, eventually

WEIGHTS = {"child_in_need": 7, "child_protection": 10}


class Place:
    """An authority of its own in a deployment, as of ``today``."""

    def __init__(self, deployment: Deployment, today: date | None = None) -> None:
        self.deployment = deployment
        self.today = today or london_date(datetime.now(UTC))
        self.run = uuid.uuid4().hex[:8]
        self.authority = self._unit("authority", f"Authority {self.run}", None)
        self.service = self._unit("service", "Children", self.authority)
        self.team = self._unit("team", "North", self.service)
        self.director = self._leader("director", self.authority, None)
        self.psw = self._leader("principal social worker", self.authority, self.director, accountable=False)
        self.head = self._leader("head of service", self.service, self.director)
        self.manager = self._leader("team manager", self.team, self.head)
        self._agree_policy()

    # Who acts

    @cached_property
    def hr(self) -> Someone:
        """Human resources."""
        return self.deployment.someone("workforce_admin")

    @cached_property
    def case_system(self) -> Someone:
        """The case-recording system."""
        return self.deployment.someone("integration")

    @cached_property
    def reporting(self) -> Someone:
        """A reporting tool."""
        return self.deployment.someone("reporting")

    @cached_property
    def overseer(self) -> Someone:
        """The principal social worker at work."""
        return self.deployment.someone("principal_social_worker")

    @cached_property
    def boss(self) -> Someone:
        """The team manager at work."""
        return self.deployment.someone("team_manager", worker_id=self.manager, org_unit_id=self.team)

    def practitioner(self, worker_id: str) -> Someone:
        """A worker who looks at their own record."""
        return self.deployment.someone("practitioner", worker_id=worker_id, org_unit_id=self.team)

    def moved_to(self, deployment: Deployment, today: date) -> None:
        """The same place after its deployment was started again on a later day, with new tokens."""
        self.deployment, self.today = deployment, today
        for role in ("hr", "case_system", "reporting", "overseer", "boss"):
            self.__dict__.pop(role, None)

    # What there is

    def _unit(self, kind: str, name: str, parent: str | None) -> str:
        return str(self.hr.post("/v1/workforce/org-units", name=name, kind=kind, parent_id=parent)["org_unit_id"])

    def _leader(self, role: str, unit: str, manager: str | None, *, accountable: bool = True) -> str:
        facts = {"org_unit_id": unit, "job_role": role, "career_stage": "manager", "monitored_from": self.days_ago(0)}
        leader = self.worker(role.replace(" ", "-"), line_manager_id=manager, **facts)
        if accountable:
            body = {"worker_id": leader, "from": self.days_ago(60)}
            self.hr.put(f"/v1/workforce/org-units/{unit}/accountable", **body)
        return leader

    def _agree_policy(self) -> None:
        self.until_known(self.manager)
        self.overseer.put(
            "/v1/allocation/policy",
            org_unit_id=self.authority,
            effective_from=self.days_ago(60),
            full_time_points=100,
            full_time_hours=37,
            stable_points=15,
            stage_factors={"asye": 0.9},
            protected_hours={"supervision": False, "cpd_hours_per_week": 0},
            amber_above_pct=90,
            limit_pct=100,
            sustained_weeks=4,
            weights=[{"case_type": kind, "complexity": "standard", "points": n} for kind, n in WEIGHTS.items()],
        )

    def worker(self, ref: str, **facts: Any) -> str:
        """Someone who has worked here for over a year and is monitored since 60 days ago, unless said otherwise."""
        usual = {
            "name": f"Worker {ref}",
            "employee_ref": f"{ref}-{self.run}",
            "org_unit_id": getattr(self, "team", None),
            "line_manager_id": getattr(self, "manager", None),
            "job_role": "social worker",
            "career_stage": "practitioner",
            "newly_qualified": False,
            "is_social_worker": True,
            "registration_number": f"SW{uuid.uuid4().int % 10**8}",
            "contracted_hours": 37,
            "employment_started_on": self.days_ago(400),
            "monitored_from": self.days_ago(60),
        }
        return str(self.hr.post("/v1/workforce/workers", **{**usual, **facts})["worker_id"])

    def newly_qualified(self, ref: str, started_days_ago: int = 60, **facts: Any) -> str:
        """Someone in the assessed and supported year, by default in the ninth week of it."""
        start = self.days_ago(started_days_ago)
        usual = {
            "career_stage": "asye",
            "newly_qualified": True,
            "employment_started_on": start,
            "monitored_from": start,
        }
        return self.worker(ref, **{**usual, **facts})

    def case(self, reference: str, kind: str = "child_in_need", **facts: Any) -> str:
        """A case of the team; its path."""
        path = f"/v1/allocation/cases/mosaic/{reference}-{self.run}"
        usual = {
            "case_type": kind,
            "complexity": "standard",
            "org_unit_id": self.team,
            "priority": "high",
            "received_on": self.days_ago(5),
        }
        self.case_system.put(path, 201, **{**usual, **facts})
        return path

    # What happens

    def until_known(self, *workers: str) -> None:
        """Wait until allocation and supervision have heard of people."""
        paths = [f"/v1/allocation/workers/{worker}/workload" for worker in workers]
        paths += [f"/v1/supervision/workers/{worker}/periods" for worker in workers]
        eventually(
            lambda: {self.overseer.status_of(path) for path in paths}, lambda seen: seen == {200}, "workers known"
        )

    def allocate(self, case: str, worker: str, expect: int = 201, **more: Any) -> Any:
        """The manager gives a case to a worker."""
        usual = {"worker_id": worker, "reason": "initial allocation", "discussed_with_worker": True}
        return self.boss.post(f"{case}/allocations", expect, **{**usual, **more})

    def overload(self, worker: str) -> None:
        """Give a worker 15 + 9 x 10 of 100 points: the last case by overriding the limit."""
        for n in range(9):
            override = "nobody else speaks the language" if n == 8 else None
            self.allocate(self.case(f"{worker[-4:]}-{n}", "child_protection"), worker, override_reason=override)

    def hold_session(self, worker: str, days_ago: int, minutes: int = 90, **facts: Any) -> Any:
        """The manager records a supervision session that began at ten in the morning."""
        usual = {"supervisor_id": self.manager, "uninterrupted": True, "kind": "individual"}
        held_at = self.at(days_ago)
        return self.boss.post(
            "/v1/supervision/sessions", worker_id=worker, held_at=held_at, minutes=minutes, **{**usual, **facts}
        )

    def workload(self, worker: str) -> Any:
        """A worker's workload, as the manager sees it."""
        return self.boss.get(f"/v1/allocation/workers/{worker}/workload")

    def periods(self, worker: str) -> Any:
        """A worker's required periods, as the manager sees them."""
        return self.boss.get(f"/v1/supervision/workers/{worker}/periods", as_of=self.today.isoformat())

    def alerts(self, kind: str, worker: str, status: str = "open") -> list[dict[str, Any]]:
        """Alerts of a kind about a worker, as the principal social worker sees them."""
        asked = {"kind": kind, "subject_id": worker, "status": status}
        found: list[dict[str, Any]] = self.overseer.get("/v1/accountability/alerts", **asked)["items"]
        return found

    def one_alert(self, kind: str, worker: str, **expected: Any) -> dict[str, Any]:
        """The one open alert of a kind about a worker, once it is there and its fields are as expected."""

        def holds(found: list[dict[str, Any]]) -> bool:
            return len(found) == 1 and all(found[0][name] == value for name, value in expected.items())

        return eventually(lambda: self.alerts(kind, worker), holds, f"one open alert {kind} {expected or ''}")[0]

    def figure(self, measure: str, unit: str | None = None, **asked: str) -> tuple[float, float]:
        """Sums of a measure's numerators and denominators over the last 90 days, day by day."""
        span = {"from": self.days_ago(90), "to": self.days_ago(-1), "grain": "day", **asked}
        path = "/v1/accountability/measures"
        rows = self.reporting.get(path, measure=measure, org_unit_id=unit or self.team, **span)["items"]
        return sum(row["numerator"] for row in rows), sum(row["denominator"] or 0 for row in rows)

    # When

    def days_ago(self, days: int) -> str:
        """The date so many days ago."""
        return (self.today - timedelta(days=days)).isoformat()

    def at(self, days_ago: int) -> str:
        """Ten in the morning so many days ago."""
        return datetime.combine(self.today - timedelta(days=days_ago), time(10), UTC).isoformat()
