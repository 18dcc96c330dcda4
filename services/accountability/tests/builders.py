"""Builders of facts for the rules' tables of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from services.accountability.rules.facts import Fact

_positions = count(1)
UNIT = "0192f0c0-0000-7000-8000-000000000001"
OTHER_UNIT = "0192f0c0-0000-7000-8000-000000000002"
WORKER = "0192f0c0-0000-7000-8000-0000000000aa"


def fact(event_type: str, at: datetime | date, **data: Any) -> Fact:
    position = next(_positions)
    time = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, 12, tzinfo=UTC)
    return Fact(position, f"event-{position}", event_type, "subject", time, {"org_unit_id": UNIT, **data})


def judged(outcome: str, start: date, at: date | None = None, **data: Any) -> Fact:
    end = start + timedelta(days=28)
    fields = {"worker_id": WORKER, "stream": "line", "period_start": start.isoformat(), "period_end": end.isoformat()}
    return fact(f"supervision.period.{outcome}.v1", at or end, **{**fields, **data})


def workload(load: str, available: str, on: date, **data: Any) -> Fact:
    fields = {"worker_id": WORKER, "as_of": on.isoformat(), "load_points": load, "available_points": available}
    return fact(
        "allocation.workload.changed.v1", on, **{**fields, "overloaded": float(load) > float(available), **data}
    )
