"""Required periods and qualifying sessions: a table of cases for each sentence of the standard."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import islice, pairwise

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from services.supervision.rules.periods import Period, Terms, add_months, constant, period_of, required_periods
from services.supervision.rules.policy import Policy
from services.supervision.rules.sessions import Session, qualifies, shortfalls
from services.supervision.rules.timeline import ALWAYS, Span, Timeline, london_day
from services.supervision.tests.builders import (
    EVERYONE_ELSE,
    NEWLY_QUALIFIED,
    day,
    london,
    session,
    starts,
    tiles,
)

DATES = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31))
TERMS = st.builds(
    Terms,
    newly_qualified=st.booleans(),
    policy=st.builds(
        Policy,
        weekly_days=st.integers(5, 7),
        weekly_weeks=st.integers(6, 10),
        fortnightly_days=st.integers(7, 14),
        fortnightly_until_months=st.integers(6, 12),
        monthly_days=st.none() | st.integers(21, 28),
        minimum_minutes=st.integers(90, 120),
    ),
)
TIMELINES = st.lists(st.tuples(DATES, TERMS), max_size=5, unique_by=lambda entry: entry[0]).flatmap(
    lambda changes: TERMS.map(lambda first: Timeline.of([(ALWAYS, first), *changes]))
)


def test_newly_qualified_worker_is_due_weekly_for_six_weeks_then_fortnightly() -> None:
    periods = tiles("2026-01-05", "2026-03-20")
    assert [(p.start.isoformat(), p.cadence) for p in periods] == [
        ("2026-01-05", "weekly"),
        ("2026-01-12", "weekly"),
        ("2026-01-19", "weekly"),
        ("2026-01-26", "weekly"),
        ("2026-02-02", "weekly"),
        ("2026-02-09", "weekly"),
        ("2026-02-16", "fortnightly"),
        ("2026-03-02", "fortnightly"),
        ("2026-03-16", "fortnightly"),
    ]


@pytest.mark.parametrize(
    ("start", "six_months", "last_fortnight", "first_month"),
    [
        pytest.param(
            "2026-01-05", "2026-07-05", "2026-06-22", "2026-07-06", id="fortnight ends a day after six months"
        ),
        pytest.param(
            "2025-08-31", "2026-02-28", "2026-02-15", "2026-03-01", id="31 August and six months is 28 February"
        ),
        pytest.param("2023-08-31", "2024-02-29", "2024-02-15", "2024-02-29", id="in a leap year it is 29 February"),
        pytest.param(
            "2026-03-02", "2026-09-02", "2026-08-31", "2026-09-14", id="fortnight that starts just before runs on"
        ),
        pytest.param("2024-08-29", "2025-02-28", "2025-02-27", "2025-03-13", id="the day before the boundary"),
    ],
)
def test_periods_that_start_within_six_months_are_fortnightly(
    start: str, six_months: str, last_fortnight: str, first_month: str
) -> None:
    assert add_months(day(start), 6) == day(six_months)
    periods = tiles(start, first_month)
    assert (periods[-2].cadence, starts(periods)[-2]) == ("fortnightly", last_fortnight)
    assert (periods[-1].cadence, starts(periods)[-1]) == ("monthly", first_month)


def test_period_that_starts_on_the_six_month_day_itself_is_monthly() -> None:
    first = tiles("2023-08-31", "2024-02-29")[-1]
    assert first == Period(date(2024, 2, 29), date(2024, 3, 29), "monthly")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param(
            "2025-08-31",
            [
                "2025-08-31",
                "2025-09-30",
                "2025-10-31",
                "2025-11-30",
                "2025-12-31",
                "2026-01-31",
                "2026-02-28",
                "2026-03-31",
            ],
            id="start on 31 August clamps and comes back",
        ),
        pytest.param(
            "2023-12-30",
            ["2023-12-30", "2024-01-30", "2024-02-29", "2024-03-30"],
            id="start on the 30th in a leap year",
        ),
        pytest.param("2024-02-29", ["2024-02-29", "2024-03-29", "2024-04-29"], id="start on 29 February"),
        pytest.param("2026-01-01", ["2026-01-01", "2026-02-01", "2026-03-01"], id="start on the first"),
    ],
)
def test_everyone_else_is_due_monthly_from_the_start(start: str, expected: list[str]) -> None:
    assert starts(tiles(start, expected[-1], EVERYONE_ELSE)) == expected


def test_months_of_a_newly_qualified_worker_count_from_the_first_monthly_period() -> None:
    monthly = [p for p in tiles("2024-08-17", "2025-06-30") if p.cadence == "monthly"]
    assert starts(monthly)[:4] == ["2025-03-01", "2025-04-01", "2025-05-01", "2025-06-01"]
    clamped = [p for p in tiles("2025-07-17", "2026-05-30") if p.cadence == "monthly"]
    assert starts(clamped)[:4] == ["2026-01-29", "2026-02-28", "2026-03-29", "2026-04-29"]


@given(start=DATES, terms=TIMELINES, length=st.none() | st.integers(0, 3000))
@settings(max_examples=150, deadline=None)
def test_periods_tile_employment_without_gap_or_overlap(
    start: date, terms: Timeline[Terms], length: int | None
) -> None:
    span = Span(start, None if length is None else start + timedelta(days=length))
    periods = list(islice(required_periods(span, terms), 200))
    assert all(p.start < p.end for p in periods)
    assert all(before.end == after.start for before, after in pairwise(periods))
    if periods:
        assert periods[0].start == start
    if span.end is not None and len(periods) < 200:
        assert (periods[-1].end if periods else start) == span.end
        assert all(not p.cut_short for p in periods[:-1])


@given(start=DATES, months=st.integers(-600, 600))
def test_months_later_is_what_dateutil_says(start: date, months: int) -> None:
    assert add_months(start, months) == start + relativedelta(months=months)


@given(start=DATES, n=st.integers(0, 120))
def test_monthly_starts_clamp_to_the_last_day_of_the_month(start: date, n: int) -> None:
    period = next(islice(required_periods(Span(start), EVERYONE_ELSE), n, None))
    assert period.start == start + relativedelta(months=n)
    assert period.start.day == start.day or (period.start + timedelta(days=1)).day == 1


@given(start=DATES, terms=TIMELINES, ahead=st.integers(0, 4000))
@settings(max_examples=150, deadline=None)
def test_the_period_of_a_day_is_the_one_that_walking_from_the_start_finds(
    start: date, terms: Timeline[Terms], ahead: int
) -> None:
    wanted = start + timedelta(days=ahead)
    walked = next(p for p in required_periods(Span(start), terms) if wanted in p)
    assert period_of([Span(start)], terms, wanted) == walked


@pytest.mark.parametrize(
    ("changed_on", "expected"),
    [
        pytest.param(
            "2026-01-26", ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"], id="on a period's first day"
        ),
        pytest.param("2026-01-21", ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"], id="in the middle of one"),
    ],
)
def test_a_period_keeps_the_terms_of_its_first_day(changed_on: str, expected: list[str]) -> None:
    terms = Timeline(((ALWAYS, Terms(True)), (day(changed_on), Terms(False))))
    periods = tiles("2026-01-05", "2026-02-25", terms)
    assert starts(periods)[:4] == expected
    assert periods[3] == Period(date(2026, 1, 26), date(2026, 2, 26), "monthly")


def test_period_that_the_end_of_employment_cuts_short_says_so() -> None:
    periods = tiles("2026-01-01", "2026-12-31", EVERYONE_ELSE, end="2026-02-15")
    assert [(p.end.isoformat(), p.cut_short) for p in periods] == [("2026-02-01", False), ("2026-02-15", True)]
    whole = tiles("2026-01-01", "2026-12-31", EVERYONE_ELSE, end="2026-03-01")
    assert not whole[-1].cut_short


# A session qualifies when it was held, one to one, lasted at least 90 minutes, without interruption.

PERIOD = Period(date(2026, 3, 2), date(2026, 4, 2), "monthly")


@pytest.mark.parametrize(
    ("held", "problems"),
    [
        pytest.param(session("2026-03-10T10:00", 90), (), id="ninety minutes one to one qualifies"),
        pytest.param(session("2026-03-10T10:00", 89), ("too-short",), id="89 minutes does not"),
        pytest.param(session("2026-03-10T10:00", 300), (), id="longer qualifies"),
        pytest.param(session("2026-03-10T10:00", uninterrupted=False), ("interrupted",), id="interrupted does not"),
        pytest.param(session("2026-03-10T10:00", kind="group"), ("not-one-to-one",), id="group session does not"),
        pytest.param(session("2026-03-10T10:00", kind="case"), ("not-one-to-one",), id="case session does not"),
        pytest.param(session("2026-03-10T10:00", kind="peer"), ("not-one-to-one",), id="peer session does not"),
        pytest.param(
            session("2026-03-10T10:00", 30, False, "group"),
            ("too-short", "interrupted", "not-one-to-one"),
            id="every reason is named",
        ),
        pytest.param(session("2026-03-10T10:00", registered=False), (), id="line supervisor need not be registered"),
        pytest.param(
            session("2026-03-10T10:00", stream="professional", registered=False),
            ("supervisor-not-registered",),
            id="professional supervisor must be a registered social worker",
        ),
        pytest.param(session("2026-03-10T10:00", stream="professional"), (), id="registered professional supervisor"),
    ],
)
def test_session_qualifies_or_says_why_not(held: Session, problems: tuple[str, ...]) -> None:
    assert shortfalls(held, PERIOD) == problems
    assert qualifies(held, PERIOD) is (problems == ())


def test_session_outside_every_required_period_does_not_qualify() -> None:
    assert shortfalls(session("2026-03-10T10:00"), None) == ("no-required-period",)


def test_stricter_policy_asks_for_longer_sessions() -> None:
    longer = Period(date(2026, 3, 2), date(2026, 4, 2), "monthly", minimum_minutes=120)
    assert shortfalls(session("2026-03-10T10:00", 119), longer) == ("too-short",)
    assert shortfalls(session("2026-03-10T10:00", 120), longer) == ()


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        pytest.param(london("2026-06-30T23:59"), "2026-06-30", id="23:59 in summer, 22:59 in UTC"),
        pytest.param(london("2026-07-01T00:00"), "2026-07-01", id="midnight in summer is the day before in UTC"),
        pytest.param(london("2026-12-31T23:59"), "2026-12-31", id="23:59 in winter"),
        pytest.param(london("2026-03-29T00:59"), "2026-03-29", id="just before clocks go forward"),
        pytest.param(london("2026-03-29T02:00"), "2026-03-29", id="just after clocks go forward"),
        pytest.param(london("2026-03-29T23:59"), "2026-03-29", id="last minute of the day of 23 hours"),
        pytest.param(london("2026-03-30T00:00"), "2026-03-30", id="first minute after it"),
        pytest.param(london("2026-10-25T01:30", fold=0), "2026-10-25", id="01:30 the first time clocks go back"),
        pytest.param(london("2026-10-25T01:30", fold=1), "2026-10-25", id="01:30 the second time"),
        pytest.param(london("2026-10-24T23:59"), "2026-10-24", id="last minute before the day of 25 hours"),
        pytest.param(london("2026-10-25T23:59"), "2026-10-25", id="last minute of the day of 25 hours"),
    ],
)
def test_the_london_date_of_a_session_decides_its_period(instant: datetime, expected: str) -> None:
    assert london_day(instant) == day(expected)


@pytest.mark.parametrize(
    ("held_at", "inside"),
    [
        pytest.param("2026-04-01T23:59", True, id="23:59 on the last day, in summer time"),
        pytest.param("2026-04-02T00:00", False, id="midnight after the last day"),
        pytest.param("2026-03-02T00:00", True, id="first minute of the first day"),
        pytest.param("2026-03-01T23:59", False, id="the minute before"),
    ],
)
def test_a_session_counts_for_the_period_of_its_day_only(held_at: str, inside: bool) -> None:
    assert qualifies(session(held_at), PERIOD) is inside


def test_day_before_employment_has_no_period() -> None:
    assert period_of([Span(date(2026, 3, 2))], NEWLY_QUALIFIED, date(2026, 3, 1)) is None


def test_fixed_days_replace_the_calendar_month_where_policy_says_so() -> None:
    four_weeks = constant(Terms(policy=Policy(monthly_days=28)))
    assert starts(tiles("2026-01-31", "2026-04-01", four_weeks)) == ["2026-01-31", "2026-02-28", "2026-03-28"]
