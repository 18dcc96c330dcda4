"""What is counted, for which day and unit, and what a figure is worth, as tables of cases."""

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

from services.accountability.rules.counting import COUNTED_BY, NATURE, SERIES_OF
from services.accountability.rules.facts import Fact
from services.accountability.rules.figures import Folded, fold, touched
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


def test_a_rating_given_later_or_anew_counts_on_the_day_the_session_was_held() -> None:
    session = {"session_id": "s", "held_at": "2026-03-02T10:00:00+00:00"}
    held = fact("supervision.session.recorded.v1", MARCH_2, kind="individual", qualifies=False, **session)
    by_supervisor, by_worker, anew = (
        fact("supervision.session.rated.v1", MARCH_2 + timedelta(days=9), quality_by_worker=rating, **session)
        for rating in (None, 2, 5)
    )
    unrated = {("individual_sessions", UNIT, MARCH_2): 1}
    assert figures(fold([by_worker], {})) == {}, "of a session that is not known nothing is counted"
    assert figures(fold([held, by_supervisor], {})) == unrated
    assert figures(fold([held, by_worker, anew], {})) == unrated | {
        ("worker_ratings", UNIT, MARCH_2): 1,
        ("worker_rating_points", UNIT, MARCH_2): 5,
    }
    cancelled = fact("supervision.session.cancelled.v1", MARCH_2 + timedelta(days=9), **session)
    assert figures(fold([held, anew, cancelled], {})) == {}


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
        pytest.param(
            "safety.concern.raised.v1",
            {"concern_id": "c", "topic": "workload"},
            {"open_workload_concerns": 1},
            id="a concern about workload",
        ),
        pytest.param("safety.concern.raised.v1", {"concern_id": "c", "topic": "resources"}, {}, id="another concern"),
        pytest.param(
            "safety.concern.acknowledged.v1",
            {"concern_id": "c", "acknowledged_on": "2026-03-02", "days": 0},
            {"concerns_acknowledged": 1},
            id="a concern acknowledged on its day",
        ),
        pytest.param(
            "safety.concern.assessed.v1",
            {"concern_id": "c", "assessed_on": "2026-03-02", "days": 9},
            {"concerns_assessed": 1, "days_to_assess": 9},
            id="a concern assessed after nine days",
        ),
        pytest.param(
            "safety.concern.answered.v1",
            {"concern_id": "c", "answered_on": "2026-03-02", "days": 20},
            {"concerns_answered": 1, "days_to_answer": 20},
            id="a concern answered",
        ),
        pytest.param(
            "safety.follow_up.made.v1",
            {"concern_id": "c", "months": 1, "made_on": "2026-03-02", "outcome": "detriment"},
            {"follow_ups": 1},
            id="harm done to whoever raised a concern",
        ),
        pytest.param(
            "safety.follow_up.made.v1",
            {"concern_id": "c", "months": 3, "made_on": "2026-03-02", "outcome": "no_answer"},
            {},
            id="no answer to a follow-up says nothing",
        ),
        pytest.param(
            "safety.incident.recorded.v1",
            {"incident_id": "i", "occurred_on": "2026-03-02", "violent": True},
            {"violent_incidents": 1},
            id="a violent incident",
        ),
        pytest.param(
            "safety.provision.checked.v1", {"item": "transport", "state": "partly"}, {"provision_gaps": 1}, id="a gap"
        ),
        pytest.param("safety.provision.checked.v1", {"item": "transport", "state": "met"}, {}, id="no gap"),
        pytest.param(
            "feedback.campaign.closed.v1",
            {"campaign_id": "c", "closed_on": "2026-03-02", "asked": 40, "answered": 25},
            {
                "campaigns": 1,
                "people_asked": 40,
                "people_answered": 25,
                "people_counted": 40,
                "answers_of_counted": 25,
            },
            id="a campaign with its answers",
        ),
        pytest.param(
            "feedback.campaign.closed.v1",
            {"campaign_id": "c", "closed_on": "2026-03-02", "asked": 40, "answered": None},
            {"campaigns": 1, "people_asked": 40},
            id="a campaign with too few answers to be told says nothing of a rate",
        ),
        pytest.param(
            "feedback.campaign.closed.v1",
            {"campaign_id": "c", "closed_on": "2026-03-02", "asked": None, "answered": 25},
            {"campaigns": 1, "people_answered": 25},
            id="a campaign of which nobody knows how many were asked",
        ),
        pytest.param(
            "feedback.campaign.told.v1",
            {"campaign_id": "c", "closed_on": "2026-03-02"},
            {"campaigns_told": 1},
            id="told what was done",
        ),
        pytest.param(
            "feedback.action.agreed.v1",
            {"campaign_id": "c", "campaign_closed_on": "2026-03-02", "campaign_org_unit_id": UNIT},
            {"campaigns_acted_on": 1},
            id="a campaign that led to an action",
        ),
        pytest.param("feedback.action.overdue.v1", {"action_id": "a"}, {"overdue_actions": 1}, id="an action overdue"),
        pytest.param("feedback.action.done.v1", {"action_id": "a"}, {}, id="an action done"),
    ],
)
def test_facts_of_other_standards_are_counted(event_type: str, data: dict[str, Any], expected: dict[str, int]) -> None:
    folded = fold([fact(event_type, MARCH_2, **data)], {})
    assert figures(folded) == {(tally, UNIT, MARCH_2): n for tally, n in expected.items()}
