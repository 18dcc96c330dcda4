"""The rules of accountability as tables of cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accountability.rules import alerts, chain
from services.accountability.rules.conditions import Condition, conditions_of, supervision_condition
from services.accountability.rules.counting import COUNTED_BY, NATURE, SERIES_OF
from services.accountability.rules.facts import Fact
from services.accountability.rules.figures import Folded, fold, touched
from services.accountability.rules.line import Answerable, Candidate, line_of, next_after, replacement
from services.accountability.rules.measures import CATALOGUE, restated_at, value_of
from services.accountability.rules.periods import Grain, period_end, period_start, periods_between
from services.accountability.tests.builders import OTHER_UNIT, UNIT, WORKER, fact, judged, workload

MARCH_2 = date(2026, 3, 2)
TODAY = date(2026, 3, 30)


def figures(folded: Folded) -> dict[tuple[str, str, date], Decimal]:
    return {cell: change.amount for cell, change in folded.cells.items() if change.amount}


@pytest.mark.parametrize(
    ("day", "grain", "start", "end"),
    [
        pytest.param(date(2026, 3, 29), "day", date(2026, 3, 29), date(2026, 3, 30), id="a day is itself"),
        pytest.param(
            date(2026, 3, 29), "week", date(2026, 3, 23), date(2026, 3, 30), id="a Sunday is in Monday's week"
        ),
        pytest.param(date(2026, 3, 30), "week", date(2026, 3, 30), date(2026, 4, 6), id="a Monday begins its week"),
        pytest.param(date(2026, 2, 28), "month", date(2026, 2, 1), date(2026, 3, 1), id="February ends on 28"),
        pytest.param(
            date(2025, 12, 31), "month", date(2025, 12, 1), date(2026, 1, 1), id="December ends with the year"
        ),
    ],
)
def test_a_day_lies_in_its_period(day: date, grain: Grain, start: date, end: date) -> None:
    assert (period_start(day, grain), period_end(start, grain)) == (start, end)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 90), st.sampled_from(["day", "week", "month"]))
def test_periods_tile_a_span_without_gap_or_overlap(first: date, days: int, grain: Grain) -> None:
    end = first + timedelta(days=days)
    starts = list(periods_between(first, end, grain))
    assert starts[0] <= first
    assert period_end(starts[-1], grain) >= end
    assert all(period_end(one, grain) == two for one, two in pairwise(starts))


def test_a_met_period_counts_on_its_last_day() -> None:
    folded = fold([judged("met", MARCH_2)], {})
    assert figures(folded) == {("periods_met", UNIT, date(2026, 3, 29)): 1}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([judged("missed", MARCH_2)], {"periods_missed": 1}, id="a missed period counts as missed"),
        pytest.param([judged("excused", MARCH_2)], {}, id="an excused period counts for nothing"),
        pytest.param(
            [judged("missed", MARCH_2), judged("met", MARCH_2, TODAY + timedelta(days=3))],
            {"periods_met": 1},
            id="a late session replaces the judgement",
        ),
        pytest.param(
            [judged("met", MARCH_2), judged("missed", MARCH_2), judged("excused", MARCH_2)],
            {},
            id="the last judgement stands",
        ),
        pytest.param(
            [judged("met", MARCH_2), judged("met", MARCH_2)], {"periods_met": 1}, id="the same judgement counts once"
        ),
        pytest.param(
            [judged("met", MARCH_2, stream="professional")],
            {"periods_met": 1, "professional_periods_met": 1},
            id="professional supervision is also counted by itself",
        ),
        pytest.param(
            [judged("met", MARCH_2), judged("missed", MARCH_2, stream="professional")],
            {"periods_met": 1, "periods_missed": 1, "professional_periods_missed": 1},
            id="streams are judged apart",
        ),
    ],
)
def test_periods_are_counted(facts: list[Fact], expected: Mapping[str, int]) -> None:
    assert figures(fold(facts, {})) == {(tally, UNIT, date(2026, 3, 29)): n for tally, n in expected.items()}


def test_a_period_that_now_ends_on_another_day_moves() -> None:
    longer = judged("met", MARCH_2, period_end="2026-04-02")
    folded = fold([judged("missed", MARCH_2), longer], {})
    assert figures(folded) == {("periods_met", UNIT, date(2026, 4, 1)): 1}
    key = f"{WORKER}|line|2026-03-02"
    assert folded.statements["supervision.period", key, date(2026, 3, 29)] is None


def test_a_workload_holds_until_the_next_reading() -> None:
    folded = fold([workload("95", "100", MARCH_2), workload("105", "100", MARCH_2 + timedelta(days=2))], {})
    third = MARCH_2 + timedelta(days=2)
    assert figures(folded) == {
        ("load_points", UNIT, MARCH_2): 95,
        ("available_points", UNIT, MARCH_2): 100,
        ("load_points", UNIT, third): 10,
        ("overloaded_workers", UNIT, third): 1,
    }


def test_a_worker_who_moved_leaves_history_where_it_happened() -> None:
    moved_on = MARCH_2 + timedelta(days=5)
    folded = fold([workload("80", "100", MARCH_2), workload("80", "100", moved_on, org_unit_id=OTHER_UNIT)], {})
    assert figures(folded) == {
        ("load_points", UNIT, MARCH_2): 80,
        ("available_points", UNIT, MARCH_2): 100,
        ("load_points", UNIT, moved_on): -80,
        ("available_points", UNIT, moved_on): -100,
        ("load_points", OTHER_UNIT, moved_on): 80,
        ("available_points", OTHER_UNIT, moved_on): 100,
    }


def test_a_reading_for_an_earlier_day_holds_only_until_the_one_that_followed() -> None:
    folded = fold([workload("80", "100", MARCH_2 + timedelta(days=5)), workload("50", "100", MARCH_2)], {})
    assert figures(folded) == {
        ("load_points", UNIT, MARCH_2): 50,
        ("available_points", UNIT, MARCH_2): 100,
        ("load_points", UNIT, MARCH_2 + timedelta(days=5)): 30,
    }


_readings = st.lists(
    st.builds(
        lambda load, day, unit: workload(str(load), "100", MARCH_2 + timedelta(days=day), org_unit_id=unit),
        st.integers(0, 200),
        st.integers(0, 12),
        st.sampled_from([UNIT, OTHER_UNIT]),
    ),
    max_size=12,
)


@given(_readings, st.integers(0, 12))
def test_a_stock_is_the_last_reading_up_to_the_day(readings: list[Fact], day: int) -> None:
    until = MARCH_2 + timedelta(days=day)
    by_day = {reading.data["as_of"]: reading for reading in readings}
    past = [as_of for as_of in by_day if as_of <= until.isoformat()]
    expected = {UNIT: Decimal(0), OTHER_UNIT: Decimal(0)}
    if past:
        last = by_day[max(past)]
        expected[last.data["org_unit_id"]] = Decimal(last.data["load_points"])
    shown = {UNIT: Decimal(0), OTHER_UNIT: Decimal(0)}
    for (tally, unit, on), amount in figures(fold(readings, {})).items():
        if tally == "load_points" and on <= until:
            shown[unit] += amount
    assert shown == expected


@given(_readings, st.integers(0, 12))
def test_folding_in_two_batches_gives_what_one_batch_gives(readings: list[Fact], cut: int) -> None:
    whole = fold(readings, {})
    first = fold(readings[:cut], {})
    known: dict[tuple[str, str], dict[date, Any]] = {}
    for (series, key, on), statement in first.statements.items():
        if statement is not None:
            known.setdefault((series, key), {})[on] = statement
    second = fold(readings[cut:], known)
    summed = figures(first)
    for cell, amount in figures(second).items():
        summed[cell] = summed.get(cell, Decimal(0)) + amount
    assert {cell: amount for cell, amount in summed.items() if amount} == figures(whole)
    assert {**first.statements, **second.statements} == whole.statements


def test_a_case_waits_until_somebody_holds_it() -> None:
    later = MARCH_2 + timedelta(days=3)
    held = fact(
        "allocation.case.allocated.v1",
        later,
        case_key="k",
        allocation_id="a",
        worker_id=WORKER,
        allocated_on=later.isoformat(),
    )
    folded = fold([fact("allocation.case.received.v1", MARCH_2, case_key="k"), held], {})
    assert figures(folded) == {
        ("unallocated_cases", UNIT, MARCH_2): 1,
        ("unallocated_cases", UNIT, later): -1,
        ("allocations", UNIT, later): 1,
    }


@pytest.mark.parametrize(
    ("days", "on_time"),
    [
        pytest.param(0, True, id="the same day"),
        pytest.param(14, True, id="two weeks to the day"),
        pytest.param(15, False, id="a day more"),
    ],
)
def test_a_contest_is_answered_on_time_within_two_weeks(days: int, on_time: bool) -> None:
    answered_on = (MARCH_2 + timedelta(days=days)).isoformat()
    facts = [
        fact("allocation.contest.opened.v1", MARCH_2, contest_id="c", opened_on=MARCH_2.isoformat()),
        fact("allocation.contest.answered.v1", MARCH_2, contest_id="c", answered_on=answered_on),
    ]
    expected = {("contests", UNIT, MARCH_2): 1} | ({("contests_answered_on_time", UNIT, MARCH_2): 1} if on_time else {})
    assert figures(fold(facts, {})) == expected


def test_a_session_counts_its_length_and_rating_until_it_is_withdrawn() -> None:
    session = {"session_id": "s", "held_at": "2026-03-29T23:30:00+00:00"}
    held = fact(
        "supervision.session.recorded.v1", MARCH_2, kind="individual", qualifies=True, quality_by_worker=4, **session
    )
    in_summer_time = date(2026, 3, 30)
    assert figures(fold([held], {})) == {
        ("individual_sessions", UNIT, in_summer_time): 1,
        ("sessions_to_standard", UNIT, in_summer_time): 1,
        ("worker_ratings", UNIT, in_summer_time): 1,
        ("worker_rating_points", UNIT, in_summer_time): 4,
    }
    assert figures(fold([held, fact("supervision.session.cancelled.v1", MARCH_2, **session)], {})) == {}


def test_every_tally_of_the_catalogue_is_stated_by_a_series() -> None:
    assert {tally for measure in CATALOGUE.values() for tally in measure.tallies} <= SERIES_OF.keys()
    assert set(SERIES_OF.values()) == NATURE.keys()
    assert {rule.series for rules in COUNTED_BY.values() for rule in rules} == NATURE.keys()
    assert all(
        NATURE[SERIES_OF[tally]] == measure.nature for measure in CATALOGUE.values() for tally in measure.tallies
    )


def test_the_keys_that_facts_touch_are_known_before_they_are_folded() -> None:
    assert touched(
        [judged("met", MARCH_2), workload("1", "2", MARCH_2 + timedelta(days=1)), workload("1", "2", MARCH_2)]
    ) == {
        ("supervision.period", f"{WORKER}|line|2026-03-02"): None,
        ("workload", WORKER): MARCH_2,
    }


@pytest.mark.parametrize(
    ("measure", "numerator", "denominator", "value"),
    [
        pytest.param("supervision.on_time", 5, 7, Fraction(500, 7), id="5 of 7 stays unrounded"),
        pytest.param("supervision.on_time", 0, 0, None, id="nothing judged has no rate"),
        pytest.param("workload.utilisation", 10, 0, None, id="no availability is never 0 %"),
        pytest.param("supervision.missed_periods", 3, None, Fraction(3), id="a count is itself"),
        pytest.param("supervision.quality_by_worker", 9, 2, Fraction(9, 2), id="a mean is no percentage"),
    ],
)
def test_a_value_comes_from_sums(measure: str, numerator: int, denominator: int | None, value: Fraction | None) -> None:
    divisor = None if denominator is None else Decimal(denominator)
    assert value_of(CATALOGUE[measure], Decimal(numerator), divisor) == value


@pytest.mark.parametrize(
    ("changed", "grain", "restated"),
    [
        pytest.param(datetime(2026, 3, 2, 9, tzinfo=UTC), "day", False, id="on the day"),
        pytest.param(datetime(2026, 3, 3, 23, 59, tzinfo=UTC), "day", False, id="judged on the day after"),
        pytest.param(datetime(2026, 3, 4, 0, 0, tzinfo=UTC), "day", True, id="a day too late"),
        pytest.param(datetime(2026, 3, 4, 0, 0, tzinfo=UTC), "month", False, id="the month still runs"),
        pytest.param(datetime(2026, 4, 1, 22, 59, tzinfo=UTC), "month", False, id="the month settles, in summer time"),
        pytest.param(datetime(2026, 4, 1, 23, 0, tzinfo=UTC), "month", True, id="the month had settled, in London"),
    ],
)
def test_a_figure_that_changes_after_it_settled_is_restated(changed: datetime, grain: Grain, restated: bool) -> None:
    start = period_start(MARCH_2, grain)
    assert restated_at(changed, start, grain) == (changed if restated else None)


LINE_MANAGER = Candidate("line_manager", 0, "lm")
TEAM = Candidate("team", 0, "team lead")
SERVICE = Candidate("service", 1, "head")
PSW = Candidate("principal_social_worker", 0, "psw")
AUTHORITY = Candidate("authority", 3, "director")
GONE = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("candidates", "about", "expected"),
    [
        pytest.param(
            [AUTHORITY, PSW, SERVICE, TEAM, LINE_MANAGER],
            WORKER,
            ["line_manager:lm", "head_of_service:head", "principal_social_worker:psw", "director:director"],
            id="the whole line, nearest first",
        ),
        pytest.param(
            [TEAM, SERVICE], WORKER, ["line_manager:team lead", "head_of_service:head"], id="the unit stands in"
        ),
        pytest.param(
            [Candidate("line_manager", 0, "lm", GONE), TEAM],
            WORKER,
            ["line_manager:team lead"],
            id="never a former manager",
        ),
        pytest.param(
            [Candidate("line_manager", 0, "lm", TODAY), TEAM],
            WORKER,
            ["line_manager:lm"],
            id="still here on the last day",
        ),
        pytest.param([LINE_MANAGER, SERVICE], "lm", ["head_of_service:head"], id="nobody answers for themselves"),
        pytest.param(
            [Candidate("team", 0, "x"), Candidate("service", 1, "x"), AUTHORITY],
            WORKER,
            ["line_manager:x", "director:director"],
            id="nobody twice",
        ),
        pytest.param(
            [Candidate("service", 0, "head"), AUTHORITY],
            WORKER,
            ["line_manager:head", "director:director"],
            id="in the service itself its head comes first",
        ),
        pytest.param(
            [Candidate("directorate", 2, "dir"), SERVICE],
            WORKER,
            ["head_of_service:head"],
            id="service before directorate",
        ),
        pytest.param([Candidate("team", 0, "a", GONE)], WORKER, [], id="nobody at all"),
    ],
)
def test_the_line_of_accountability(candidates: list[Candidate], about: str, expected: list[str]) -> None:
    assert [f"{one.role}:{one.worker_id}" for one in line_of(candidates, about, TODAY)] == expected


_WHOLE = line_of([LINE_MANAGER, SERVICE, PSW, AUTHORITY], WORKER, TODAY)


def test_a_matter_moves_up_one_step_at_a_time_and_ends_with_the_director() -> None:
    assert next_after(_WHOLE, "line_manager", "lm") == Answerable("head_of_service", "head")
    assert next_after(_WHOLE, "head_of_service", "head") == Answerable("principal_social_worker", "psw")
    assert next_after(_WHOLE, "director", "director") is None
    assert next_after([Answerable("director", "director")], "line_manager", None) == Answerable("director", "director")


def test_someone_who_is_no_longer_on_the_line_is_replaced() -> None:
    assert replacement(_WHOLE, "line_manager", "lm") == Answerable("line_manager", "lm")
    assert replacement(_WHOLE, "line_manager", "gone") == Answerable("line_manager", "lm")
    assert replacement(_WHOLE[1:], "line_manager", "lm") == Answerable("head_of_service", "head")
    assert replacement(_WHOLE[:1], "director", "gone") == Answerable("line_manager", "lm")
    assert replacement((), "line_manager", "lm") is None


@pytest.mark.parametrize(
    ("outcomes", "holds"),
    [
        pytest.param({}, False, id="nothing judged"),
        pytest.param({"2026-01-01": "met", "2026-02-01": "missed"}, True, id="the latest is missed"),
        pytest.param({"2026-01-01": "missed", "2026-02-01": "met"}, False, id="back on track"),
        pytest.param(
            {"2026-02-01": "missed", "2026-01-01": "met"}, True, id="an older period restated changes nothing"
        ),
        pytest.param({"2026-01-01": "missed", "2026-02-01": "excused"}, True, id="an excused period resolves nothing"),
        pytest.param({"2026-01-01": "met", "2026-02-01": "excused"}, False, id="an excused period opens nothing"),
    ],
)
def test_supervision_is_missed_while_the_latest_judged_period_is(outcomes: dict[str, Any], holds: bool) -> None:
    assert supervision_condition(WORKER, "line", outcomes).holds is holds


def test_relief_ends_both_conditions_of_workload() -> None:
    relieved = conditions_of(fact("allocation.workload.relieved.v1", MARCH_2, worker_id=WORKER))
    assert relieved == (
        Condition("workload.overloaded", WORKER, "", holds=False),
        Condition("workload.sustained", WORKER, "", holds=False),
    )


@pytest.mark.parametrize(
    ("event_type", "data", "kind", "holds"),
    [
        pytest.param("allocation.workload.overloaded.v1", {}, "workload.overloaded", True, id="above the limit"),
        pytest.param("allocation.workload.sustained.v1", {}, "workload.sustained", True, id="week after week"),
        pytest.param(
            "registration.post.judged.v1",
            {"breach": True},
            "registration.unregistered_in_post",
            True,
            id="not on the register and in a designated post",
        ),
        pytest.param(
            "registration.post.judged.v1",
            {"breach": False},
            "registration.unregistered_in_post",
            False,
            id="on the register",
        ),
        pytest.param(
            "registration.renewal.changed.v1",
            {"at_risk": True},
            "registration.renewal_at_risk",
            True,
            id="renewal at risk",
        ),
        pytest.param(
            "cpd.balance.changed.v1", {"repeatedly_refused": True}, "cpd.time_refused", True, id="time refused"
        ),
        pytest.param("cpd.review.judged.v1", {"overdue_reviews": 1}, "cpd.review_overdue", True, id="a review overdue"),
        pytest.param(
            "cpd.review.judged.v1", {"overdue_reviews": 0}, "cpd.review_overdue", False, id="no review overdue"
        ),
    ],
)
def test_a_fact_begins_or_ends_a_condition(event_type: str, data: dict[str, Any], kind: str, holds: bool) -> None:
    said = conditions_of(fact(event_type, MARCH_2, worker_id=WORKER, **data))
    assert said == (Condition(kind, WORKER, "", holds),)
    assert kind in alerts.KINDS


def test_nothing_is_asked_any_more_of_someone_who_left() -> None:
    said = conditions_of(fact("workforce.worker.left.v1", MARCH_2, worker_id=WORKER))
    assert not any(condition.holds for condition in said)
    of_workers = {kind.id for kind in alerts.KINDS.values() if kind.subject_type == "worker"}
    assert {condition.kind for condition in said} == of_workers


@pytest.mark.parametrize(
    ("event_type", "data", "expected"),
    [
        pytest.param(
            "registration.post.judged.v1",
            {"worker_id": WORKER, "posts": 2, "registered": True},
            {"designated_posts": 2, "registered_posts": 2},
            id="two posts held by someone on the register",
        ),
        pytest.param(
            "registration.post.judged.v1",
            {"worker_id": WORKER, "posts": 1, "registered": False},
            {"designated_posts": 1},
            id="a post held by someone who is not",
        ),
        pytest.param(
            "registration.renewal.changed.v1",
            {"worker_id": WORKER, "due": True, "ready": False, "renewed": False},
            {"renewals_due": 1},
            id="a renewal that is due and not ready",
        ),
        pytest.param(
            "registration.renewal.changed.v1",
            {"worker_id": WORKER, "due": True, "ready": False, "renewed": True},
            {"renewals_due": 1, "renewals_ready": 1},
            id="a renewal that is done",
        ),
        pytest.param(
            "registration.renewal.changed.v1",
            {"worker_id": WORKER, "due": False, "ready": False, "renewed": False},
            {},
            id="no renewal due",
        ),
        pytest.param(
            "cpd.balance.changed.v1",
            {"worker_id": WORKER, "as_of": "2026-03-02", "entitled_hours": "37", "taken_hours": "0"},
            {"cpd_hours_entitled": 37},
            id="hours entitled",
        ),
        pytest.param(
            "cpd.review.judged.v1",
            {"assessed_year_id": "y", "month": 3, "due_on": "2026-03-02", "outcome": "late"},
            {"assessed_year_reviews": 1},
            id="a late review",
        ),
        pytest.param(
            "cpd.review.judged.v1",
            {"assessed_year_id": "y", "month": 3, "due_on": "2026-03-02", "outcome": "withdrawn"},
            {},
            id="a review that is no longer due",
        ),
        pytest.param(
            "cpd.assessed_year.ended.v1",
            {"assessed_year_id": "y", "ended_on": "2026-03-02", "outcome": "passed", "on_time": True},
            {"assessed_years_ended": 1, "assessed_years_passed_on_time": 1},
            id="an assessed year passed in time",
        ),
    ],
)
def test_facts_of_other_standards_are_counted(event_type: str, data: dict[str, Any], expected: dict[str, int]) -> None:
    folded = fold([fact(event_type, MARCH_2, **data)], {})
    assert figures(folded) == {(tally, UNIT, MARCH_2): n for tally, n in expected.items()}


def _raised(**changes: Any) -> alerts.Alert:
    data = {
        "alert_id": "a",
        "kind": "workload.overloaded",
        "standard": 3,
        "clause": "3.2",
        "severity": "warning",
        "subject_type": "worker",
        "subject_id": WORKER,
        "org_unit_id": UNIT,
        "accountable_role": "line_manager",
        "accountable_worker_id": "lm",
        "due_at": "2026-03-07T12:00:00+00:00",
        "caused_by": ["e1"],
    }
    return alerts.raised({**data, **changes}, datetime(2026, 3, 2, 12, tzinfo=UTC))


def test_an_alert_lives_from_raised_to_resolved() -> None:
    alert = _raised()
    due = datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert (alert.status, alert.level, alert.due_at) == ("open", "line_manager", due)
    moved = alerts.after(
        alert,
        "accountability.alert.escalated.v1",
        {"level": "head_of_service", "accountable_worker_id": "head", "due_at": "2026-03-12T12:00:00+00:00"},
        due,
    )
    assert (moved.level, moved.accountable_worker_id) == ("head_of_service", "head")
    taken = alerts.after(moved, "accountability.alert.acknowledged.v1", {"acknowledged_by": "sub"}, due)
    assert (taken.status, taken.acknowledged_by, taken.due_at) == ("acknowledged", "sub", None)
    done = alerts.after(taken, "accountability.alert.resolved.v1", {"caused_by": ["e2"]}, due)
    assert (done.status, done.event_ids) == ("resolved", ("e1", "e2"))
    assert alerts.after(done, "accountability.alert.acknowledged.v1", {"acknowledged_by": "late"}, due) == done


def test_an_answer_is_in_time_before_the_alert_moves_on() -> None:
    alert = _raised()
    assert alert.due_at is not None
    assert alerts.answered_in_time(alert, alert.due_at)
    assert not alerts.answered_in_time(alert, alert.due_at + timedelta(seconds=1))
    assert not alerts.answered_in_time(
        alerts.after(alert, "accountability.alert.expired.v1", {}, alert.due_at), alert.due_at
    )


def _chain(contents: list[str]) -> list[chain.Link]:
    links, before = [], chain.GENESIS
    for position, content in enumerate(contents, start=1):
        before = chain.next_hash(before, position, content)
        links.append(chain.Link(position, content, before))
    return links


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        pytest.param(lambda links: links, None, id="untouched"),
        pytest.param(lambda links: [*links[:2], chain.Link(3, "x", links[2].hash), *links[3:]], 3, id="edited"),
        pytest.param(lambda links: [*links[:2], *links[3:]], 3, id="deleted"),
        pytest.param(lambda links: [links[1], links[0], *links[2:]], 1, id="reordered"),
    ],
)
def test_the_chain_shows_where_it_was_broken(spoil: Any, found: int | None) -> None:
    assert chain.first_break(spoil(_chain(["a", "b", "c", "d"])), chain.GENESIS, 0) == found


_attributes = st.lists(st.text("ab1:sl\x1f", max_size=3), min_size=1, max_size=4)


@given(_attributes, _attributes)
def test_no_two_rows_share_a_canonical_text(one: list[str], other: list[str]) -> None:
    assert (chain.canonical(*one) == chain.canonical(*other)) == (one == other)
