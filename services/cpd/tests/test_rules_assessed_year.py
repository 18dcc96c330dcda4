"""When reviews of an assessed year are due, what pauses move, and what the panel needs: tables of cases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cpd.rules.assessed_year import (
    Pause,
    Review,
    Year,
    missing_for_panel,
    next_look_on,
    overdue,
    protected_hours,
    retold,
    review_outcome,
    review_status,
)

START = date(2026, 2, 2)
TODAY = date(2026, 12, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def year(*pauses: tuple[str, str | None]) -> Year:
    return Year(START, 12, 24, [Pause(day(first), day(last) if last else None) for first, last in pauses])


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        pytest.param([], ["2026-05-02", "2026-08-02", "2026-11-02", "2027-02-02"], id="without a pause"),
        pytest.param(
            [("2026-06-01", "2026-07-01")],
            ["2026-05-02", "2026-09-01", "2026-12-02", "2027-03-04"],
            id="a month's pause moves what comes after it",
        ),
        pytest.param(
            [("2026-05-02", "2026-05-12")],
            ["2026-05-12", "2026-08-12", "2026-11-12", "2027-02-12"],
            id="a pause that begins on the day a review is due moves it",
        ),
        pytest.param(
            [("2026-05-03", "2026-05-13")],
            ["2026-05-02", "2026-08-12", "2026-11-12", "2027-02-12"],
            id="a day later it does not",
        ),
        pytest.param(
            [("2026-04-01", "2026-05-01"), ("2026-05-20", "2026-05-25")],
            ["2026-06-06", "2026-09-06", "2026-12-07", "2027-03-09"],
            id="the second pause moves what the first has moved behind it",
        ),
        pytest.param(
            [("2026-11-01", None)], ["2026-05-02", "2026-08-02", "2026-12-02", "2027-03-04"], id="30 days, still on"
        ),
    ],
)
def test_reviews_are_due_by_months_from_the_start_and_pauses_move_them(
    pauses: list[tuple[str, str | None]], due: list[str]
) -> None:
    assert [year(*pauses).due_on(month, TODAY).isoformat() for month in (3, 6, 9, 12)] == due


def test_the_end_moves_and_the_limit_does_not() -> None:
    long = year(("2026-06-01", "2027-06-03"))
    assert (year().ends_on(TODAY), year().limit_on) == (day("2027-02-01"), day("2028-02-02"))
    assert long.limit_on == day("2028-02-02")
    assert (long.ends_on(TODAY), long.beyond_limit(TODAY)) == (day("2028-02-03"), True)
    assert not year(("2026-06-01", "2027-05-31")).beyond_limit(TODAY)


@pytest.mark.parametrize(
    ("held", "today", "required", "outcome"),
    [
        pytest.param(None, "2026-05-02", True, None, id="its last day is not over"),
        pytest.param(None, "2026-05-03", True, "missed", id="the day after"),
        pytest.param(None, "2026-05-03", False, None, id="optional"),
        pytest.param("2026-05-02", "2026-05-03", True, "on_time", id="held on its last day"),
        pytest.param("2026-05-03", "2026-05-03", True, "late", id="held a day late"),
        pytest.param("2026-05-03", "2026-05-03", False, "late", id="an optional one held late"),
    ],
)
def test_a_review_is_held_in_time_late_or_missed(
    held: str | None, today: str, required: bool, outcome: str | None
) -> None:
    review = Review(3, required, day(held) if held else None)
    assert review_outcome(year(), review, day(today)) == outcome


@pytest.mark.parametrize(
    ("pause", "today", "behind"),
    [
        pytest.param(("2026-05-01", None), "2026-09-01", 0, id="paused before it was due"),
        pytest.param(("2026-05-03", None), "2026-09-01", 1, id="paused when it was overdue already"),
        pytest.param(("2026-05-01", "2026-05-04"), "2026-05-05", 0, id="resumed, and due on the next day"),
        pytest.param(("2026-05-01", "2026-05-04"), "2026-05-06", 1, id="resumed, and overdue"),
    ],
)
def test_nothing_falls_due_while_the_year_stands_still(pause: tuple[str, str | None], today: str, behind: int) -> None:
    assert overdue(year(pause), [Review(3, True), Review(9, False)], day(today), None) == behind


def test_once_it_has_ended_nothing_falls_due_and_nothing_is_overdue() -> None:
    reviews = [Review(3, True), Review(6, True)]
    outcomes = [review_outcome(year(), review, TODAY, day("2026-06-01")) for review in reviews]
    assert outcomes == ["missed", None]
    assert overdue(year(), reviews, TODAY, day("2026-06-01")) == 0


@pytest.mark.parametrize(
    ("outcome", "told", "tell"),
    [
        pytest.param(None, None, None, id="nothing to tell"),
        pytest.param("missed", None, "missed", id="told as it is"),
        pytest.param(None, "missed", "withdrawn", id="a pause told of late takes it back"),
        pytest.param("on_time", "missed", "on_time", id="a review told of late restates it"),
    ],
)
def test_what_was_judged_and_holds_no_longer_is_withdrawn(
    outcome: str | None, told: str | None, tell: str | None
) -> None:
    assert retold(outcome, told) == tell  # type: ignore[arg-type] # the words of the cases


@pytest.mark.parametrize(
    ("review", "ended", "status"),
    [
        pytest.param(Review(3, True, START), None, "held", id="held"),
        pytest.param(Review(3, True), None, "overdue", id="overdue"),
        pytest.param(Review(12, True), None, "due", id="still to come"),
        pytest.param(Review(9, False), None, "optional", id="optional"),
        pytest.param(Review(12, True), TODAY, "withdrawn", id="after the end"),
    ],
)
def test_one_word_says_how_a_review_stands(review: Review, ended: date | None, status: str) -> None:
    assert review_status(year(), review, TODAY, ended) == status


def test_the_next_look_is_the_day_after_the_next_required_review() -> None:
    reviews = [Review(3, True, START), Review(6, True), Review(9, False), Review(12, True)]
    assert next_look_on(year(), reviews, day("2026-05-02")) == day("2026-08-03")
    assert next_look_on(year(), reviews, day("2026-08-03")) == day("2027-02-03")
    assert next_look_on(year(("2026-05-02", None)), reviews, TODAY) is None


def test_a_panel_lacks_required_reviews_and_evidence() -> None:
    reviews = [Review(3, True, START), Review(6, True), Review(9, False)]
    missing = missing_for_panel(reviews, {"observation": 3, "report": 1}, {"observation": 2, "report": 1})
    assert missing == ["review-6", "observation"]


def test_a_tenth_of_the_week_is_protected_and_of_part_of_a_week_a_tenth_of_that() -> None:
    assert protected_hours(Decimal(37), Decimal(10)) == Fraction("3.7")
    assert protected_hours(Decimal("18.5"), Decimal(10)) == Fraction("1.85")


@given(st.integers(0, 330), st.integers(1, 300), st.sampled_from([3, 6, 9, 12]))
def test_a_pause_moves_a_review_by_its_days_or_not_at_all(offset: int, days: int, month: int) -> None:
    first = START + timedelta(days=offset)
    pause = Pause(first, first + timedelta(days=days))
    before = Year(START, 12, 24).due_on(month, TODAY)
    after = Year(START, 12, 24, [pause]).due_on(month, TODAY)
    assert after - before == (timedelta(days=days) if first <= before else timedelta(0))


@given(st.lists(st.integers(1, 60), max_size=4), st.integers(1, 30))
def test_reviews_stay_in_order_whatever_is_paused(gaps: list[int], length: int) -> None:
    pauses, at = [], START
    for gap in gaps:
        pauses.append(Pause(at + timedelta(days=gap), at + timedelta(days=gap + length)))
        at += timedelta(days=gap + length + 1)
    due = [Year(START, 12, 24, pauses).due_on(month, TODAY) for month in (3, 6, 9, 12)]
    assert due == sorted(due)
