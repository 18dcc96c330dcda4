"""What each kind of fact counts for: the only place where event types meet tallies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from services.accountability.rules import counting_feedback, counting_safety
from services.accountability.rules.facts import LONDON, Fact, normal_id
from services.accountability.rules.measures import Nature

Amounts: TypeAlias = dict[str, Decimal]

ONE = Decimal(1)
NOTHING: Amounts = {}
CONTEST_ANSWER_WITHIN = timedelta(days=14)
"""How long an answer to a contested figure may take (clause 3.2). No source gives a number: a default."""

NATURE: dict[str, Nature] = {
    "supervision.period": "flow",
    "supervision.session": "flow",
    "workload": "stock",
    "case": "stock",
    "allocation": "flow",
    "override": "flow",
    "contest": "flow",
    "alert": "flow",
    "registration": "stock",
    "renewal": "stock",
    "cpd.balance": "stock",
    "cpd.review": "flow",
    "cpd.assessed_year": "flow",
    **counting_safety.NATURE,
    **counting_feedback.NATURE,
}
"""The series of keys, and whether a key counts on its day or from its day on."""

SERIES_OF: dict[str, str] = {
    "periods_met": "supervision.period",
    "periods_missed": "supervision.period",
    "professional_periods_met": "supervision.period",
    "professional_periods_missed": "supervision.period",
    "individual_sessions": "supervision.session",
    "sessions_to_standard": "supervision.session",
    "worker_ratings": "supervision.session",
    "worker_rating_points": "supervision.session",
    "load_points": "workload",
    "available_points": "workload",
    "overloaded_workers": "workload",
    "unallocated_cases": "case",
    "allocations": "allocation",
    "limit_overrides": "override",
    "contests": "contest",
    "contests_answered_on_time": "contest",
    "alerts": "alert",
    "alerts_answered_in_time": "alert",
    "designated_posts": "registration",
    "registered_posts": "registration",
    "renewals_due": "renewal",
    "renewals_ready": "renewal",
    "cpd_hours_entitled": "cpd.balance",
    "cpd_hours_taken": "cpd.balance",
    "assessed_year_reviews": "cpd.review",
    "assessed_year_reviews_on_time": "cpd.review",
    "assessed_years_ended": "cpd.assessed_year",
    "assessed_years_passed_on_time": "cpd.assessed_year",
    **counting_safety.SERIES_OF,
    **counting_feedback.SERIES_OF,
}
"""Each tally, and the series that states it."""


class Statement(NamedTuple):
    """What one key counts for: on which day (or from which day on), for which org unit, by which row of the log."""

    on: date
    org_unit_id: str
    amounts: Amounts
    position: int


Known: TypeAlias = Mapping[date, Statement]


@dataclass(frozen=True, slots=True)
class Counting:
    """One series to which a type of fact speaks: which fields are the key, and what is stated about it."""

    series: str
    key_fields: tuple[str, ...]
    state: Callable[[Fact, Known], Statement | None]

    def key(self, fact: Fact) -> str:
        """The key that ``fact`` speaks of; the parts of a period's key sort by its start."""
        if len(self.key_fields) == 1:
            return str(fact.data[self.key_fields[0]])
        return "|".join([str(fact.data[name]) for name in self.key_fields])


PERIOD = ("worker_id", "stream", "period_start")


def _of(fact: Fact, on: date, amounts: Amounts) -> Statement | None:
    unit = fact.data["org_unit_id"]
    return None if unit is None else Statement(on, normal_id(unit), amounts, fact.position)


def _judged(outcome: str) -> Callable[[Fact, Known], Statement | None]:
    every = {f"periods_{outcome}": ONE}
    professional = {**every, f"professional_periods_{outcome}": ONE}

    def state(fact: Fact, _known: Known) -> Statement | None:
        """A period counts on its last day (clause 5.9)."""
        last_day = date.fromisoformat(fact.data["period_end"]) - timedelta(days=1)
        return _of(fact, last_day, professional if fact.data["stream"] == "professional" else every)

    return state


def _excused(fact: Fact, _known: Known) -> Statement | None:
    return _of(fact, date.fromisoformat(fact.data["period_end"]) - timedelta(days=1), NOTHING)


def _session(fact: Fact, _known: Known) -> Statement | None:
    """A session counts on the day it was held: its length, and how the worker rated it (clauses 5.8 and 5.9)."""
    amounts: dict[str, Decimal] = {}
    if fact.data["kind"] == "individual":
        amounts["individual_sessions"] = ONE
        if fact.data["qualifies"]:
            amounts["sessions_to_standard"] = ONE
    return _of(fact, _held_on(fact), amounts | _rating(fact))


def _rating(fact: Fact) -> Amounts:
    rating = fact.data.get("quality_by_worker")
    return NOTHING if rating is None else {"worker_ratings": ONE, "worker_rating_points": Decimal(rating)}


def _session_rated(fact: Fact, known: Known) -> Statement | None:
    """A rating that is given later, or anew, counts on the day the session was held (clause 5.9)."""
    held = next(iter(known.values()), None)
    return _amended(fact, held, _rating(fact)) if held and _rating(fact) else None


def _session_cancelled(fact: Fact, _known: Known) -> Statement | None:
    return _of(fact, _held_on(fact), NOTHING)


def _held_on(fact: Fact) -> date:
    return datetime.fromisoformat(fact.data["held_at"]).astimezone(LONDON).date()


def _workload(fact: Fact, _known: Known) -> Statement | None:
    """A worker's load and availability hold from the day of the reading until the next one (clause 3.2)."""
    amounts = {
        "load_points": Decimal(fact.data["load_points"]),
        "available_points": Decimal(fact.data["available_points"]),
    }
    if fact.data["overloaded"]:
        amounts["overloaded_workers"] = ONE
    return _of(fact, date.fromisoformat(fact.data["as_of"]), amounts)


def _waiting(fact: Fact, _known: Known) -> Statement | None:
    """A case waits from the day on which it became known, as long as nobody holds it (clause 3.3)."""
    return _of(fact, fact.happened_on, NOTHING if fact.data.get("worker_id") else {"unallocated_cases": ONE})


def _closed(fact: Fact, _known: Known) -> Statement | None:
    return _of(fact, fact.happened_on, NOTHING)


def _allocated(fact: Fact, _known: Known) -> Statement | None:
    return _of(fact, date.fromisoformat(fact.data["allocated_on"]), {"allocations": ONE})


def _overridden(fact: Fact, _known: Known) -> Statement | None:
    return _of(fact, fact.happened_on, {"limit_overrides": ONE})


def _contest_opened(fact: Fact, _known: Known) -> Statement | None:
    return _of(fact, date.fromisoformat(fact.data["opened_on"]), {"contests": ONE})


def _contest_answered(fact: Fact, known: Known) -> Statement | None:
    """A contest counts on the day it was opened, and as answered on time if the answer took no longer than allowed."""
    opened = next(iter(known.values()), None)
    if opened is None:
        return None
    on_time = date.fromisoformat(fact.data["answered_on"]) - opened.on <= CONTEST_ANSWER_WITHIN
    return _amended(fact, opened, {"contests_answered_on_time": ONE} if on_time else NOTHING)


def _alert_raised(fact: Fact, _known: Known) -> Statement | None:
    return _of(fact, fact.happened_on, {"alerts": ONE})


def _alert_answered(fact: Fact, known: Known) -> Statement | None:
    """An alert counts on the day it was raised, and as answered if that happened before it had to be passed on."""
    raised = next(iter(known.values()), None)
    if raised is None or not fact.data.get("in_time"):
        return None
    return _amended(fact, raised, {"alerts_answered_in_time": ONE})


def _post_judged(fact: Fact, _known: Known) -> Statement | None:
    """Designated posts, and those whose holder is on the register (clause 7.1), from the day of the judgement on."""
    posts = Decimal(fact.data["posts"])
    return _of(
        fact, fact.happened_on, _counted(designated_posts=posts, registered_posts=posts * fact.data["registered"])
    )


def _renewal(fact: Fact, _known: Known) -> Statement | None:
    """Workers whose registration is to be renewed, and those who are ready for it (clause 7.2)."""
    if not fact.data["due"]:
        return _of(fact, fact.happened_on, NOTHING)
    ready = fact.data["ready"] or fact.data["renewed"]
    return _of(fact, fact.happened_on, _counted(renewals_due=ONE, renewals_ready=ONE * ready))


def _development_time(fact: Fact, _known: Known) -> Statement | None:
    """Hours of development that a worker is entitled to in the year, and those taken (clause 6.1)."""
    entitled, taken = Decimal(fact.data["entitled_hours"]), Decimal(fact.data["taken_hours"])
    on = date.fromisoformat(fact.data["as_of"])
    return _of(fact, on, _counted(cpd_hours_entitled=entitled, cpd_hours_taken=taken))


def _review(fact: Fact, _known: Known) -> Statement | None:
    """A review of an assessed year counts on the day it was due (clause 6.4)."""
    on, outcome = date.fromisoformat(fact.data["due_on"]), fact.data["outcome"]
    if outcome == "withdrawn":
        return _of(fact, on, NOTHING)
    on_time = ONE * (outcome == "on_time")
    return _of(fact, on, _counted(assessed_year_reviews=ONE, assessed_year_reviews_on_time=on_time))


def _assessed_year(fact: Fact, _known: Known) -> Statement | None:
    """An assessed year counts on the day it ended (clause 8.8)."""
    passed = ONE * (fact.data["outcome"] == "passed" and fact.data["on_time"])
    on = date.fromisoformat(fact.data["ended_on"])
    return _of(fact, on, _counted(assessed_years_ended=ONE, assessed_years_passed_on_time=passed))


def _said(say: Callable[[Fact], counting_safety.Said]) -> Callable[[Fact, Known], Statement | None]:
    return lambda fact, _known: _of(fact, *say(fact))


def _said_of(say: Callable[[Fact], counting_feedback.Said]) -> Callable[[Fact, Known], Statement | None]:
    def state(fact: Fact, _known: Known) -> Statement | None:
        on, unit, amounts = say(fact)
        return Statement(on, normal_id(unit), amounts, fact.position)

    return state


def _counted(**amounts: Decimal) -> Amounts:
    return {tally: amount for tally, amount in amounts.items() if amount}


def _amended(fact: Fact, before: Statement, more: Amounts) -> Statement:
    return Statement(before.on, before.org_unit_id, {**before.amounts, **more}, fact.position)


COUNTED_BY: dict[str, tuple[Counting, ...]] = {
    "supervision.period.met.v1": (Counting("supervision.period", PERIOD, _judged("met")),),
    "supervision.period.missed.v1": (Counting("supervision.period", PERIOD, _judged("missed")),),
    "supervision.period.excused.v1": (Counting("supervision.period", PERIOD, _excused),),
    "supervision.session.recorded.v1": (Counting("supervision.session", ("session_id",), _session),),
    "supervision.session.rated.v1": (Counting("supervision.session", ("session_id",), _session_rated),),
    "supervision.session.cancelled.v1": (Counting("supervision.session", ("session_id",), _session_cancelled),),
    "allocation.workload.changed.v1": (Counting("workload", ("worker_id",), _workload),),
    "allocation.case.received.v1": (Counting("case", ("case_key",), _waiting),),
    "allocation.case.changed.v1": (Counting("case", ("case_key",), _waiting),),
    "allocation.case.allocated.v1": (
        Counting("case", ("case_key",), _waiting),
        Counting("allocation", ("allocation_id",), _allocated),
    ),
    "allocation.case.closed.v1": (Counting("case", ("case_key",), _closed),),
    "allocation.limit.overridden.v1": (Counting("override", ("allocation_id",), _overridden),),
    "allocation.contest.opened.v1": (Counting("contest", ("contest_id",), _contest_opened),),
    "allocation.contest.answered.v1": (Counting("contest", ("contest_id",), _contest_answered),),
    "accountability.alert.raised.v1": (Counting("alert", ("alert_id",), _alert_raised),),
    "accountability.alert.acknowledged.v1": (Counting("alert", ("alert_id",), _alert_answered),),
    "accountability.alert.resolved.v1": (Counting("alert", ("alert_id",), _alert_answered),),
    "registration.post.judged.v1": (Counting("registration", ("worker_id",), _post_judged),),
    "registration.renewal.changed.v1": (Counting("renewal", ("worker_id",), _renewal),),
    "cpd.balance.changed.v1": (Counting("cpd.balance", ("worker_id",), _development_time),),
    "cpd.review.judged.v1": (Counting("cpd.review", ("assessed_year_id", "month"), _review),),
    "cpd.assessed_year.ended.v1": (Counting("cpd.assessed_year", ("assessed_year_id",), _assessed_year),),
    **{
        event_type: tuple(Counting(series, key, _said(say)) for series, key, say in said)
        for event_type, said in counting_safety.COUNTED.items()
    },
    **{
        event_type: tuple(Counting(series, key, _said_of(say)) for series, key, say in said)
        for event_type, said in counting_feedback.COUNTED.items()
    },
}
"""Which series each type of fact speaks to. A type that is not here is kept in the log and counts for nothing."""
