"""The conditions behind alerts: which facts begin one and which end it (clauses 3.2, 3.3 and 5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.accountability.rules.facts import Fact

Outcome: TypeAlias = Literal["met", "missed", "excused"]
Judged: TypeAlias = Mapping[str, Outcome]
"""Outcome of each judged period of one worker and stream, by the date it began."""

_WORKLOAD: dict[str, tuple[tuple[str, bool], ...]] = {
    "allocation.workload.overloaded.v1": (("workload.overloaded", True),),
    "allocation.workload.sustained.v1": (("workload.sustained", True),),
    "allocation.workload.relieved.v1": (("workload.overloaded", False), ("workload.sustained", False)),
}
_JUDGED: dict[str, Outcome] = {
    "supervision.period.met.v1": "met",
    "supervision.period.missed.v1": "missed",
    "supervision.period.excused.v1": "excused",
}
CONDITIONAL: frozenset[str] = frozenset({*_WORKLOAD, *_JUDGED})
"""The types of fact that can begin or end a condition."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a condition holds for a subject after a fact."""

    kind: str
    subject_id: str
    stream: str
    holds: bool


def outcome_of(fact: Fact) -> Outcome | None:
    """How a fact judges a required period; None when it judges none."""
    return _JUDGED.get(fact.type)


def workload_conditions(fact: Fact) -> tuple[Condition, ...]:
    """What a fact about a worker's workload says of the conditions of workload."""
    return tuple(Condition(kind, fact.data["worker_id"], "", holds) for kind, holds in _WORKLOAD.get(fact.type, ()))


def supervision_condition(worker_id: str, stream: str, judged: Judged) -> Condition:
    """Supervision is missed while the most recent judged period that was not excused is missed."""
    counted = {start: outcome for start, outcome in judged.items() if outcome != "excused"}
    holds = bool(counted) and counted[max(counted)] == "missed"
    return Condition("supervision.missed", worker_id, stream, holds)
