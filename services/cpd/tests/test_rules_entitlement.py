"""Entitlement and balance: tables of cases, and hypothesis for the days of a year."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cpd.rules.entitlement import (
    Cause,
    Decision,
    Entitlement,
    Person,
    Request,
    Status,
    balance,
    granted,
    in_force,
    refused_in_a_row,
    step,
    weekly_hours,
)

AUTHORITY, TEAM, ELSEWHERE = (UUID(int=n) for n in (1, 2, 3))
FIRST, LAST = date(2025, 12, 1), date(2026, 11, 30)
SOMEONE = Person([AUTHORITY, TEAM], "social worker", "practitioner", Decimal(37), date(2020, 1, 1))


def of(hours: int, unit: UUID = AUTHORITY, start: str = "2020-01-01", **more: object) -> Entitlement:
    given_now = Entitlement(unit, date.fromisoformat(start), Decimal(hours), Decimal(10 * hours))
    return replace(given_now, **more)  # type: ignore[arg-type] # fields of an entitlement


@pytest.mark.parametrize(
    ("entitlements", "hours"),
    [
        pytest.param([], None, id="nothing is granted"),
        pytest.param([of(10)], 10, id="to everyone"),
        pytest.param([of(10), of(20, TEAM)], 20, id="the nearer unit decides"),
        pytest.param([of(10), of(20, ELSEWHERE)], 10, id="another unit's is no concern"),
        pytest.param([of(10), of(20, start="2026-03-03")], 10, id="a later one is not in force yet"),
        pytest.param([of(10), of(20, start="2026-03-02")], 20, id="it is from its first day"),
        pytest.param([of(10), of(20, career_stage="practitioner", start="2019-01-01")], 20, id="a stage goes first"),
        pytest.param([of(20, career_stage="practitioner"), of(30, job_role="social worker")], 30, id="a role before"),
        pytest.param([of(10), of(20, career_stage="asye")], 10, id="another stage's is no concern"),
    ],
)
def test_the_nearest_and_most_exact_entitlement_in_force_decides(
    entitlements: list[Entitlement], hours: int | None
) -> None:
    found = in_force(entitlements, SOMEONE, date(2026, 3, 2))
    assert (found and found.hours_per_year) == hours


@pytest.mark.parametrize(
    ("entitlements", "person", "hours"),
    [
        pytest.param([of(365)], SOMEONE, 365, id="a whole year"),
        pytest.param([of(365)], replace(SOMEONE, started_on=date(2026, 11, 30)), 1, id="started on its last day"),
        pytest.param([of(365)], replace(SOMEONE, ended_on=date(2025, 12, 2)), 2, id="left on its second day"),
        pytest.param([of(365)], replace(SOMEONE, started_on=date(2027, 1, 1)), 0, id="not here yet"),
        pytest.param([of(365), of(730, start="2026-11-30")], SOMEONE, 366, id="twice as much for one day"),
        pytest.param([of(365, pro_rata=True)], replace(SOMEONE, contracted_hours=Decimal("18.5")), 182.5, id="half"),
        pytest.param([of(365, pro_rata=True)], replace(SOMEONE, contracted_hours=Decimal(40)), 365, id="never more"),
    ],
)
def test_a_year_grants_each_day_at_its_rate(entitlements: list[Entitlement], person: Person, hours: float) -> None:
    found = granted(entitlements, person, FIRST, LAST)
    assert (found.hours, found.budget) == (Fraction(hours), 10 * Fraction(hours))


@given(st.dates(FIRST, LAST), st.integers(0, 500), st.integers(0, 500))
def test_what_is_granted_before_and_after_a_change_adds_up(turn: date, before: int, after: int) -> None:
    entitlements = [of(before), of(after, start=turn.isoformat())]
    days_after = (LAST - turn).days + 1
    assert granted(entitlements, SOMEONE, FIRST, LAST).hours == Fraction(
        before * (365 - days_after) + after * days_after, 365
    )


@given(st.dates(FIRST, LAST - timedelta(days=1)))
def test_leaving_and_coming_back_the_next_day_loses_nothing(left_on: date) -> None:
    first = granted([of(100)], replace(SOMEONE, ended_on=left_on), FIRST, LAST)
    second = granted([of(100)], replace(SOMEONE, started_on=left_on + timedelta(days=1)), FIRST, LAST)
    assert first.hours + second.hours == 100


def test_weekly_hours_spread_the_year() -> None:
    assert weekly_hours(of(52), SOMEONE) == 1
    assert weekly_hours(None, SOMEONE) == 0


def asked(status: Status, cause: Cause | None = None, hours: int = 1, minute: int = 0) -> Request:
    closed = datetime(2026, 1, 1, 9, minute, tzinfo=UTC) if status in ("taken", "refused", "cancelled") else None
    return Request(status, Decimal(hours), Decimal(hours), cause, closed)


def test_the_balance_counts_what_was_withheld_for_the_work_apart_from_other_refusals() -> None:
    requests = [
        asked("taken", hours=8),
        asked("requested", hours=4),
        asked("agreed", hours=2),
        asked("refused", "workload", hours=16),
        asked("cancelled", "cover", hours=1),
        asked("cancelled", "own_wish", hours=32),
        asked("refused", "budget", hours=64),
    ]
    found = balance(granted([of(365)], SOMEONE, FIRST, LAST), requests)
    assert (found.taken_hours, found.wanted_hours, found.withheld_hours) == tuple(map(Decimal, (8, 6, 17)))


@pytest.mark.parametrize(
    ("story", "row"),
    [
        pytest.param([], 0, id="nothing happened"),
        pytest.param([("refused", "workload"), ("cancelled", "cover"), ("refused", "workload")], 3, id="three times"),
        pytest.param([("refused", "workload"), ("taken", None), ("refused", "cover")], 1, id="taken ends the row"),
        pytest.param(
            [("refused", "workload"), ("refused", "budget"), ("refused", "workload")], 2, id="budget does not"
        ),
        pytest.param([("refused", "workload"), ("agreed", None)], 1, id="agreeing alone gives nothing"),
    ],
)
def test_refusals_in_a_row_are_counted_since_time_was_last_taken(
    story: list[tuple[Status, Cause | None]], row: int
) -> None:
    requests = [asked(status, cause, minute=n) for n, (status, cause) in enumerate(story)]
    assert refused_in_a_row(reversed(requests)) == row


@pytest.mark.parametrize(
    ("status", "decision", "after"),
    [
        pytest.param("requested", "agree", "agreed", id="agree"),
        pytest.param("requested", "take", "taken", id="taken without asking twice"),
        pytest.param("agreed", "cancel", "cancelled", id="what was agreed is taken back"),
        pytest.param("agreed", "refuse", None, id="what was agreed is not refused any more"),
        pytest.param("taken", "cancel", None, id="what was taken stays taken"),
        pytest.param("refused", "agree", None, id="a refusal stands: ask again"),
    ],
)
def test_a_request_goes_one_way(status: Status, decision: Decision, after: Status | None) -> None:
    assert step(status, decision) == after
