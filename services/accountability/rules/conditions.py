"""The conditions behind alerts: which facts begin one and which end it.

They serve clauses 1.3, 3.2, 3.3, 4.5, 5.6, 6.1, 6.4, 7.1 and 7.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from services.accountability.rules.facts import Fact

Outcome: TypeAlias = Literal["met", "missed", "excused"]
Judged: TypeAlias = Mapping[str, Outcome]
"""Outcome of each judged period of one worker and stream, by the date it began."""

Test: TypeAlias = Callable[[Mapping[str, Any]], bool]


def _always(_data: Mapping[str, Any]) -> bool:
    return True


def _never(_data: Mapping[str, Any]) -> bool:
    return False


# Each type of fact about a worker, and what it says: the kind of alert, the stream of supervision if any, and whether it holds.
_ABOUT_WORKER: dict[str, tuple[tuple[str, str, Test], ...]] = {
    "allocation.workload.overloaded.v1": (("workload.overloaded", "", _always),),
    "allocation.workload.sustained.v1": (("workload.sustained", "", _always),),
    "allocation.workload.relieved.v1": (("workload.overloaded", "", _never), ("workload.sustained", "", _never)),
    "registration.post.judged.v1": (("registration.unregistered_in_post", "", lambda data: bool(data["breach"])),),
    "registration.renewal.changed.v1": (("registration.renewal_at_risk", "", lambda data: bool(data["at_risk"])),),
    "cpd.balance.changed.v1": (("cpd.time_refused", "", lambda data: bool(data["repeatedly_refused"])),),
    "cpd.review.judged.v1": (("cpd.review_overdue", "", lambda data: int(data["overdue_reviews"]) > 0),),
}
# A missed check-in ends when a person closes it, and by nothing else.
_ABOUT_VISIT = {"safety.checkin.missed.v1": True, "safety.checkin.closed.v1": False}
_JUDGED: dict[str, Outcome] = {
    "supervision.period.met.v1": "met",
    "supervision.period.missed.v1": "missed",
    "supervision.period.excused.v1": "excused",
}
LEFT = "workforce.worker.left.v1"
# An action stays overdue until it is done, dropped or moved to another day.
_ABOUT_ACTION = {
    "feedback.action.overdue.v1": True,
    "feedback.action.moved.v1": False,
    "feedback.action.done.v1": False,
}
CONDITIONAL: frozenset[str] = frozenset({*_ABOUT_WORKER, *_ABOUT_VISIT, *_ABOUT_ACTION, *_JUDGED, LEFT})
"""The types of fact that can begin or end a condition."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a condition holds for a subject after a fact."""

    kind: str
    subject_id: str
    stream: str
    holds: bool
    worker_id: str | None = None
    """The worker whom it concerns, where the subject is something else."""


def outcome_of(fact: Fact) -> Outcome | None:
    """How a fact judges a required period; None when it judges none."""
    return _JUDGED.get(fact.type)


def conditions_of(fact: Fact) -> tuple[Condition, ...]:
    """What a fact says by itself of the conditions of a worker; nothing is asked any more of someone who left."""
    if fact.type in _ABOUT_VISIT:
        visit_id, holds = fact.data["visit_id"], _ABOUT_VISIT[fact.type]
        return (Condition("safety.checkin_missed", visit_id, "", holds, fact.data["worker_id"]),)
    if fact.type in _ABOUT_ACTION:
        return (Condition("feedback.action_overdue", fact.data["action_id"], "", _ABOUT_ACTION[fact.type]),)
    worker_id = fact.data["worker_id"]
    if fact.type == LEFT:
        return tuple(Condition(kind, worker_id, stream, holds=False) for kind, stream in _OF_A_WORKER)
    said = _ABOUT_WORKER.get(fact.type, ())
    return tuple(Condition(kind, worker_id, stream, test(fact.data)) for kind, stream, test in said)


_OF_A_WORKER: tuple[tuple[str, str], ...] = (
    *dict.fromkeys((kind, stream) for said in _ABOUT_WORKER.values() for kind, stream, _ in said),
    ("supervision.missed", "line"),
    ("supervision.missed", "professional"),
)


def supervision_condition(worker_id: str, stream: str, judged: Judged) -> Condition:
    """Supervision is missed while the most recent judged period that was not excused is missed."""
    counted = {start: outcome for start, outcome in judged.items() if outcome != "excused"}
    holds = bool(counted) and counted[max(counted)] == "missed"
    return Condition("supervision.missed", worker_id, stream, holds)
