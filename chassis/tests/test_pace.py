"""How much is taken at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.pace import Allowance, Pace


@pytest.mark.parametrize(
    ("pace", "at", "waits"),
    [
        (Pace(1, 1), [0, 0, 0.4, 1, 1], [0, 1, 1, 0, 1]),
        (Pace(0.5, 2), [0, 0, 0, 1.9, 2, 2], [0, 0, 2, 1, 0, 2]),
        (Pace(0.1, 1), [0, 0, 9, 9.95, 10], [0, 10, 1, 1, 0]),
        (Pace(4, 3), [0, 0, 0, 0, 0.25, 0.25, 100, 100, 100, 100], [0, 0, 0, 1, 0, 1, 0, 0, 0, 1]),
        (Pace(1, 1), [5, 4, 6], [0, 2, 0]),
    ],
)
def test_a_burst_at_once_and_then_one_after_the_other(pace: Pace, at: list[float], waits: list[int]) -> None:
    allowance = Allowance(pace)
    assert [allowance.take("someone", now) for now in at] == waits


@pytest.mark.parametrize(("per_second", "burst", "wait"), [(1, 120, 1), (0.5, 60, 2), (2, 120, 1), (4, 240, 1)])
def test_the_wait_is_exact_at_a_moment_of_today(per_second: float, burst: int, wait: int) -> None:
    allowance, now = Allowance(Pace(per_second, burst)), 1_795_360_000.123457
    assert [allowance.take("someone", now) for _ in range(burst + 1)] == [0] * burst + [wait]
    assert allowance.take("someone", now + 1 / per_second) == 0


def test_each_is_counted_alone() -> None:
    allowance = Allowance(Pace(1, 1))
    assert [allowance.take(of, 0.0) for of in ("a", "b", "a", "b")] == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("pace", "window"), [(Pace(1, 60), 60), (Pace(50, 100), 2), (Pace(3, 10), 4), (Pace(20, 1), 1)]
)
def test_a_window_is_what_an_empty_bucket_takes_to_fill(pace: Pace, window: int) -> None:
    assert pace.window_s == window


@given(st.lists(st.floats(min_value=0, max_value=3), max_size=60), st.integers(1, 10), st.floats(0.5, 20))
def test_no_window_lets_through_more_than_burst_and_rate(gaps: list[float], burst: int, per_second: float) -> None:
    allowance, now, taken = Allowance(Pace(per_second, burst)), 0.0, []
    for gap in gaps:
        now += gap
        if not allowance.take("someone", now):
            taken.append(now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + (taken[last] - taken[first]) * per_second + 2e-5


@given(st.lists(st.floats(min_value=0, max_value=3), max_size=60), st.integers(1, 10), st.floats(0.5, 20))
def test_whoever_waits_as_told_is_taken(gaps: list[float], burst: int, per_second: float) -> None:
    allowance, now = Allowance(Pace(per_second, burst)), 0.0
    for gap in gaps:
        now += gap
        if wait := allowance.take("someone", now):
            now += wait
            assert allowance.take("someone", now) == 0


def test_memory_is_bounded_and_the_busiest_are_remembered() -> None:
    allowance = Allowance(Pace(1, 2), kept=100)
    allowance.take("busy", 0.0)
    allowance.take("busy", 0.0)
    for number in range(1000):
        allowance.take(number, 0.0)
    assert allowance.take("busy", 0.0) == 1
