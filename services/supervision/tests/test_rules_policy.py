"""An authority may be stricter than the standard, with a date: a table of cases for each sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.supervision.rules.policy import (
    STANDARD,
    Policy,
    UnitPolicy,
    in_force,
    laxer_than_standard,
    policy_timeline,
    strictest,
)
from services.supervision.rules.timeline import ALWAYS, Timeline
from services.supervision.tests.builders import UNIT, day, worker

AUTHORITY, OTHER_TEAM = UUID(int=101), UUID(int=103)
TEAM = UNIT
PATH = (AUTHORITY, TEAM)


def test_the_standard_is_the_default() -> None:
    assert Policy(7, 6, 14, 6, None, 90, None) == STANDARD
    assert in_force(PATH, (), date(2026, 3, 1)) == STANDARD


@pytest.mark.parametrize(
    ("policy", "problems"),
    [
        pytest.param(Policy(), [], id="the standard itself"),
        pytest.param(Policy(6, 8, 10, 9, 28, 120, 24), [], id="stricter in everything"),
        pytest.param(Policy(weekly_days=8), ["weekly_days"], id="less often than weekly"),
        pytest.param(Policy(fortnightly_days=15), ["fortnightly_days"], id="less often than fortnightly"),
        pytest.param(Policy(monthly_days=29), ["monthly_days"], id="29 days are longer than a February"),
        pytest.param(Policy(monthly_days=28), [], id="every four weeks is at least monthly"),
        pytest.param(Policy(weekly_weeks=5), ["weekly_weeks"], id="weekly for five weeks only"),
        pytest.param(
            Policy(fortnightly_until_months=5), ["fortnightly_until_months"], id="fortnightly for five months"
        ),
        pytest.param(Policy(minimum_minutes=60), ["minimum_minutes"], id="an hour is too short"),
        pytest.param(
            Policy(minimum_minutes=89, weekly_days=9), ["weekly_days", "minimum_minutes"], id="both are named"
        ),
        pytest.param(Policy(training_valid_months=36), [], id="the standard names no validity of training"),
    ],
)
def test_a_policy_may_only_be_stricter(policy: Policy, problems: list[str]) -> None:
    assert laxer_than_standard(policy) == problems


def test_strictest_takes_each_number_from_whoever_asks_most() -> None:
    assert strictest(
        [Policy(weekly_days=5, minimum_minutes=100), Policy(monthly_days=28, minimum_minutes=95)]
    ) == Policy(weekly_days=5, monthly_days=28, minimum_minutes=100)


LONGER = UnitPolicy(AUTHORITY, date(2026, 2, 1), Policy(minimum_minutes=100))
LONGER_STILL = UnitPolicy(TEAM, date(2026, 3, 1), Policy(minimum_minutes=110))
BACK = UnitPolicy(AUTHORITY, date(2026, 4, 1), Policy(minimum_minutes=95))


@pytest.mark.parametrize(
    ("path", "on", "minutes"),
    [
        pytest.param(PATH, "2026-01-31", 90, id="the day before it begins"),
        pytest.param(PATH, "2026-02-01", 100, id="on the day it begins"),
        pytest.param(PATH, "2026-03-01", 110, id="a team may ask for more"),
        pytest.param((AUTHORITY,), "2026-03-01", 100, id="and others need not"),
        pytest.param((AUTHORITY,), "2026-04-01", 95, id="a later policy of the same unit replaces the earlier"),
        pytest.param((AUTHORITY, OTHER_TEAM), "2026-03-31", 100, id="the authority's holds for every team below"),
        pytest.param((OTHER_TEAM,), "2026-03-31", 90, id="and for nobody elsewhere"),
    ],
)
def test_the_policy_in_force_is_the_strictest_on_the_path_that_has_begun(
    path: tuple[UUID, ...], on: str, minutes: int
) -> None:
    assert in_force(path, (LONGER, LONGER_STILL, BACK), day(on)).minimum_minutes == minutes


def test_a_laxer_team_policy_never_undercuts_the_authority() -> None:
    lax = UnitPolicy(TEAM, date(2026, 3, 1), Policy(minimum_minutes=90))
    assert in_force(PATH, (LONGER, lax), date(2026, 3, 2)).minimum_minutes == 100


def test_policy_follows_a_worker_from_unit_to_unit() -> None:
    units = Timeline(((ALWAYS, OTHER_TEAM), (date(2026, 3, 15), TEAM)))
    paths = {TEAM: PATH, OTHER_TEAM: (AUTHORITY, OTHER_TEAM)}
    policy = policy_timeline(units, paths, (LONGER, LONGER_STILL))
    days = ("2026-01-31", "2026-02-01", "2026-03-10", "2026-03-15")
    assert [(found := policy.on(day(d))) and found.minimum_minutes for d in days] == [90, 100, 100, 110]


def test_a_policy_holds_for_the_periods_that_start_on_or_after_its_date() -> None:
    four_weekly = UnitPolicy(UNIT, date(2026, 2, 10), Policy(monthly_days=28, minimum_minutes=100))
    about = replace(worker("2026-01-31"), policies=(four_weekly,), paths={UNIT: (UNIT,)})
    periods = [p for p, _ in zip(about.periods("line"), range(4), strict=False)]
    assert [(p.start.isoformat(), p.minimum_minutes) for p in periods] == [
        ("2026-01-31", 90),
        ("2026-02-28", 100),
        ("2026-03-28", 100),
        ("2026-04-25", 100),
    ]


def test_current_cadence_names_length_and_first_day() -> None:
    new = worker("2026-01-05", newly_qualified=True)
    current = new.current(day("2026-02-20"))
    assert current is not None
    assert (current.cadence, current.minutes, current.from_on) == ("fortnightly", 90, day("2026-02-16"))
    assert new.current(day("2026-01-04")) is None
    assert worker("2026-01-05", ended_on="2026-02-01").current(day("2026-02-02")) is None
