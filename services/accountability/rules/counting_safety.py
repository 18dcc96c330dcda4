"""What facts about safety count for: how soon concerns are dealt with, detriment, violence, gaps (clauses 4.1 to 4.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from services.accountability.rules.facts import Fact

Said: TypeAlias = tuple[date, dict[str, Decimal]]
"""On which day (or from which day on) a fact counts, and for what."""

ONE = Decimal(1)

NATURE: dict[str, Literal["flow", "stock"]] = {
    "concern.open": "stock",
    "concern.acknowledged": "flow",
    "concern.assessed": "flow",
    "concern.answered": "flow",
    "follow_up": "flow",
    "incident": "flow",
    "provision": "stock",
}
SERIES_OF: dict[str, str] = {
    "open_workload_concerns": "concern.open",
    "concerns_acknowledged": "concern.acknowledged",
    "days_to_acknowledge": "concern.acknowledged",
    "concerns_assessed": "concern.assessed",
    "days_to_assess": "concern.assessed",
    "concerns_answered": "concern.answered",
    "days_to_answer": "concern.answered",
    "follow_ups": "follow_up",
    "follow_ups_without_detriment": "follow_up",
    "violent_incidents": "incident",
    "provision_gaps": "provision",
}


def _raised(fact: Fact) -> Said:
    """A concern about workload is open from the day it was told of, beside the overload it may explain (clause 4.3)."""
    return fact.happened_on, {"open_workload_concerns": ONE} if fact.data["topic"] == "workload" else {}


def _no_longer_open(fact: Fact) -> Said:
    return fact.happened_on, {}


def _step(done: str, took: str, day: str) -> Callable[[Fact], Said]:
    def say(fact: Fact) -> Said:
        """A step counts on the day it was taken, with the days since the concern came in (clause 4.4)."""
        return date.fromisoformat(fact.data[day]), {done: ONE, took: Decimal(fact.data["days"])}

    return say


def _followed_up(fact: Fact) -> Said:
    """Whoever gave no answer is not counted as having suffered none (clause 4.3)."""
    on, outcome = date.fromisoformat(fact.data["made_on"]), fact.data["outcome"]
    if outcome == "no_answer":
        return on, {}
    return on, {"follow_ups": ONE, **({"follow_ups_without_detriment": ONE} if outcome == "no_detriment" else {})}


def _incident(fact: Fact) -> Said:
    """Violence counts on the day it happened (clause 4.5)."""
    return date.fromisoformat(fact.data["occurred_on"]), {"violent_incidents": ONE} if fact.data["violent"] else {}


def _provision(fact: Fact) -> Said:
    """What is missing or there in part is a gap from the day it was found until it is met (clauses 4.1 and 4.7)."""
    return fact.happened_on, {} if fact.data["state"] == "met" else {"provision_gaps": ONE}


COUNTED: dict[str, tuple[tuple[str, tuple[str, ...], Callable[[Fact], Said]], ...]] = {
    "safety.concern.raised.v1": (("concern.open", ("concern_id",), _raised),),
    "safety.concern.acknowledged.v1": (
        (
            "concern.acknowledged",
            ("concern_id",),
            _step("concerns_acknowledged", "days_to_acknowledge", "acknowledged_on"),
        ),
    ),
    "safety.concern.assessed.v1": (
        ("concern.assessed", ("concern_id",), _step("concerns_assessed", "days_to_assess", "assessed_on")),
    ),
    "safety.concern.answered.v1": (
        ("concern.open", ("concern_id",), _no_longer_open),
        ("concern.answered", ("concern_id",), _step("concerns_answered", "days_to_answer", "answered_on")),
    ),
    "safety.follow_up.made.v1": (("follow_up", ("concern_id", "months"), _followed_up),),
    "safety.incident.recorded.v1": (("incident", ("incident_id",), _incident),),
    "safety.provision.checked.v1": (("provision", ("org_unit_id", "item"), _provision),),
}
"""Each type of fact, with the series it speaks to, the fields of its key, and what it says."""
