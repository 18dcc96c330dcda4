"""Alerts: what must be answered for, how soon, and how an alert lives from being raised to being resolved (clause 1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from services.accountability.rules.line import LEVELS, Level

Severity: TypeAlias = Literal["info", "warning", "serious"]
Status: TypeAlias = Literal["open", "acknowledged", "resolved"]


@dataclass(frozen=True, slots=True)
class AlertKind:
    """A condition that someone must answer for, and how long each level of the line has before it moves on."""

    id: str
    title: str
    standard: int
    clause: str
    severity: Severity
    subject_type: str
    respond_within: Mapping[Level, timedelta]


def _days(*per_level: int) -> dict[Level, timedelta]:
    return {level: timedelta(days=days) for level, days in zip(LEVELS, per_level, strict=True)}


KINDS: dict[str, AlertKind] = {
    kind.id: kind
    for kind in (
        AlertKind(
            "workload.overloaded",
            "A worker's load is above the limit agreed for the service",
            3,
            "3.2",
            "warning",
            "worker",
            _days(5, 5, 5, 5),
        ),
        AlertKind(
            "workload.sustained",
            "A worker's load has stayed above the limit, week after week",
            3,
            "3.3",
            "serious",
            "worker",
            _days(3, 3, 3, 3),
        ),
        AlertKind(
            "supervision.missed",
            "A required period of supervision ended without a qualifying session",
            5,
            "5.6",
            "warning",
            "worker",
            _days(5, 5, 5, 5),
        ),
        AlertKind(
            "registration.unregistered_in_post",
            "A designated post is held by someone who is not on the register",
            7,
            "7.1",
            "serious",
            "worker",
            _days(1, 1, 1, 1),
        ),
        AlertKind(
            "registration.renewal_at_risk",
            "A worker's registration is at risk of not being renewed in time",
            7,
            "7.2",
            "warning",
            "worker",
            _days(3, 3, 3, 3),
        ),
        AlertKind(
            "cpd.time_refused",
            "A worker's time for professional development was refused again and again",
            6,
            "6.1",
            "warning",
            "worker",
            _days(10, 10, 10, 10),
        ),
        AlertKind(
            "cpd.review_overdue",
            "A review in a worker's assessed and supported year is overdue",
            6,
            "6.4",
            "warning",
            "worker",
            _days(5, 5, 5, 5),
        ),
        AlertKind(
            "safety.checkin_missed",
            "A worker has not come back from a lone visit, and nobody has made sure of them yet",
            4,
            "4.5",
            "serious",
            "visit",
            {level: timedelta(minutes=30) for level in LEVELS},
        ),
        AlertKind(
            "feedback.action_overdue",
            "What was agreed about people's views has not been done in time",
            1,
            "1.3",
            "warning",
            "action",
            _days(5, 5, 5, 5),
        ),
        AlertKind(
            "accountability.nobody",
            "An alert was raised in an org unit for which nobody at work answers, at any level",
            1,
            "1.4",
            "serious",
            "org_unit",
            _days(3, 3, 3, 3),
        ),
    )
}
"""The kinds of alert. The standards give no times for an answer: these are defaults, which an authority replaces by its own."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as it stands; every field follows from the alert's own events."""

    alert_id: str
    kind: str
    standard: int
    clause: str
    severity: str
    subject_type: str
    subject_id: str
    stream: str
    org_unit_id: str | None
    status: Status
    level: Level
    accountable_worker_id: str | None
    raised_at: datetime
    due_at: datetime | None
    event_ids: tuple[str, ...]
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None
    worker_id: str | None = None
    """The worker whom it concerns, as its subject or otherwise."""

    @property
    def still_first(self) -> bool:
        """Whether nobody has answered yet and the time of the first level has not run out."""
        return self.status == "open" and self.level == LEVELS[0]


def raised(data: Mapping[str, Any], time: datetime) -> Alert:
    """The alert that an ``accountability.alert.raised.v1`` describes."""
    return Alert(
        alert_id=data["alert_id"],
        kind=data["kind"],
        standard=data["standard"],
        clause=data["clause"],
        severity=data["severity"],
        subject_type=data["subject_type"],
        subject_id=data["subject_id"],
        stream=data.get("stream") or "",
        org_unit_id=data["org_unit_id"],
        status="open",
        level=data["accountable_role"] or LEVELS[0],
        accountable_worker_id=data["accountable_worker_id"],
        raised_at=time,
        due_at=datetime.fromisoformat(data["due_at"]),
        event_ids=tuple(data.get("caused_by") or ()),
        worker_id=data.get("worker_id") or (data["subject_id"] if data["subject_type"] == "worker" else None),
    )


def after(alert: Alert, event_type: str, data: Mapping[str, Any], time: datetime) -> Alert:
    """The alert after one more of its own events; an unknown type leaves it as it is."""
    change = _CHANGES.get(event_type)
    return alert if change is None or alert.status == "resolved" else change(alert, data, time)


def _acknowledged(alert: Alert, data: Mapping[str, Any], time: datetime) -> Alert:
    return replace(
        alert, status="acknowledged", acknowledged_at=time, acknowledged_by=data["acknowledged_by"], due_at=None
    )


def _moved(alert: Alert, data: Mapping[str, Any], _time: datetime) -> Alert:
    due_at = datetime.fromisoformat(data["due_at"]) if data.get("due_at") else None
    return replace(alert, level=data["level"], accountable_worker_id=data["accountable_worker_id"], due_at=due_at)


def _expired(alert: Alert, _data: Mapping[str, Any], _time: datetime) -> Alert:
    return replace(alert, due_at=None)


def _resolved(alert: Alert, data: Mapping[str, Any], time: datetime) -> Alert:
    event_ids = (*alert.event_ids, *(data.get("caused_by") or ()))
    return replace(alert, status="resolved", resolved_at=time, due_at=None, event_ids=event_ids)


_CHANGES = {
    "accountability.alert.acknowledged.v1": _acknowledged,
    "accountability.alert.escalated.v1": _moved,
    "accountability.alert.reassigned.v1": _moved,
    "accountability.alert.expired.v1": _expired,
    "accountability.alert.resolved.v1": _resolved,
}

RAISED = "accountability.alert.raised.v1"
OWN_EVENTS: frozenset[str] = frozenset({RAISED, *_CHANGES})
"""Every type of event of which an alert's state is made."""


def answered_in_time(alert: Alert, time: datetime) -> bool:
    """Whether an answer at ``time`` comes before the alert had to be passed on."""
    return alert.still_first and alert.due_at is not None and time <= alert.due_at
