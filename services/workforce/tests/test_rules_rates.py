"""The rates of supply and demand, checked against the figures published for England."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workforce.rules.rates import Census, Rate, full_time_equivalent, rates_of

ENGLAND_2025 = Census(
    in_post=Decimal("36186.3"),
    agency=Decimal("5415.9"),
    vacant=Decimal("5965.4"),
    vacant_covered=Decimal("4390.8"),
    filled_posts=Decimal("36186.3"),
    leavers=Decimal("4276.3"),
    starters=Decimal("5837.8"),
    case_holders=Decimal("21105.4"),
    cases=321_661,
    cases_of_leavers=0,
    days_lost=Decimal("322786.3"),
    working_days=253,
)
ENGLAND_2023 = replace(
    ENGLAND_2025,
    in_post=Decimal("33119.1"),
    agency=Decimal("7173.5"),
    vacant=Decimal("7722.7"),
    filled_posts=Decimal("33119.1"),
    leavers=Decimal("5254.6"),
)
EMPTY = Census(
    in_post=Decimal(0),
    agency=Decimal(0),
    vacant=Decimal(0),
    vacant_covered=Decimal(0),
    filled_posts=Decimal(0),
    leavers=Decimal(0),
    starters=Decimal(0),
    case_holders=Decimal(0),
    cases=0,
    cases_of_leavers=0,
    days_lost=Decimal(0),
    working_days=0,
)


def rate(name: str, census: Census) -> Rate:
    return next(rate for rate in rates_of(census) if rate.name == name)


@pytest.mark.parametrize(
    ("census", "name", "shown"),
    [
        pytest.param(ENGLAND_2025, "vacancy", "14.2", id="vacancy in England in 2025 was 14.2 percent"),
        pytest.param(ENGLAND_2025, "vacancy_agency_cover", "73.6", id="agency cover of vacancies was 73.6"),
        pytest.param(ENGLAND_2025, "agency", "13.0", id="agency rate in England in 2025 was 13.0 percent"),
        pytest.param(ENGLAND_2025, "turnover", "11.8", id="turnover in England in 2025 was 11.8 percent"),
        pytest.param(ENGLAND_2025, "average_caseload", "15.2", id="average caseload in England in 2025 was 15.2"),
        pytest.param(ENGLAND_2025, "absence", "3.5", id="absence in England in 2025 was 3.5 percent"),
        pytest.param(ENGLAND_2023, "vacancy", "18.9", id="vacancy in England in 2023 was 18.9 percent"),
        pytest.param(ENGLAND_2023, "agency", "17.8", id="agency rate in England in 2023 was 17.8 percent"),
        pytest.param(ENGLAND_2023, "turnover", "15.9", id="turnover in England in 2023 was 15.9 percent"),
    ],
)
def test_published_figure_is_reproduced(census: Census, name: str, shown: str) -> None:
    assert rate(name, census).value == Decimal(shown)


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        pytest.param({"vacant": Decimal(0), "filled_posts": Decimal(0)}, "vacancy", "no-posts", id="no posts"),
        pytest.param({"filled_posts": Decimal(40_000)}, "vacancy", "posts-exceed-people", id="more posts than people"),
        pytest.param(
            {"vacant_covered": Decimal(5_500)},
            "vacancy_agency_cover",
            "cover-exceeds-agency",
            id="cover above agency",
        ),
        pytest.param(
            {"vacant_covered": Decimal(5_000), "vacant": Decimal(4_000)},
            "vacancy_agency_cover",
            "cover-exceeds-vacancies",
            id="more cover than vacancies",
        ),
        pytest.param({"cases_of_leavers": 1}, "average_caseload", "cases-of-leavers", id="a case of a leaver"),
        pytest.param(
            {"case_holders": Decimal(0)},
            "average_caseload",
            "holders-without-hours",
            id="cases but no hours",
        ),
        pytest.param({"days_lost": Decimal(10**8)}, "absence", "days-lost-exceed-days", id="too many days lost"),
        pytest.param({"leavers": Decimal(-1)}, "turnover", "negative-input", id="a count below zero"),
        pytest.param({"in_post": Decimal(0)}, "turnover", "nothing-to-compare", id="leavers but nobody in post"),
        pytest.param({"working_days": 0}, "absence", "nothing-to-compare", id="no working day in the year"),
    ],
)
def test_rate_with_contradicting_inputs_is_refused_with_the_reason(
    change: dict[str, Any], name: str, code: str
) -> None:
    refused = rate(name, replace(ENGLAND_2025, **change))
    assert refused.value is None
    assert refused.refused is not None
    assert refused.refused.code == code
    assert refused.refused.reason.endswith(".")


def test_an_empty_unit_has_no_rates_at_all() -> None:
    assert {rate.value for rate in rates_of(EMPTY)} == {None}


@pytest.mark.parametrize(
    ("hours", "fte"),
    [
        pytest.param("37", "1", id="full time is one"),
        pytest.param("18.5", "0.5", id="half the hours is a half"),
        pytest.param("45", "1", id="long hours are still one person"),
        pytest.param("0", "0", id="no fixed hours are none"),
    ],
)
def test_full_time_equivalent(hours: str, fte: str) -> None:
    assert full_time_equivalent(Decimal(hours), Decimal(37)) == Decimal(fte)


def test_halves_are_shown_upwards_from_unrounded_inputs() -> None:
    assert rate("turnover", replace(EMPTY, in_post=Decimal(2000), leavers=Decimal(1))).value == Decimal("0.1")
    assert rate("turnover", replace(EMPTY, in_post=Decimal(2001), leavers=Decimal(1))).value == Decimal("0.0")


amounts = st.decimals(min_value=-5, max_value=10_000, places=2)


@given(
    st.builds(
        Census,
        in_post=amounts,
        agency=amounts,
        vacant=amounts,
        vacant_covered=amounts,
        filled_posts=amounts,
        leavers=amounts,
        starters=amounts,
        case_holders=amounts,
        cases=st.integers(0, 10_000),
        cases_of_leavers=st.integers(0, 3),
        days_lost=amounts,
        working_days=st.integers(0, 260),
    )
)
def test_a_rate_is_either_shown_or_refused_and_a_share_never_exceeds_the_whole(census: Census) -> None:
    for shown in rates_of(census):
        assert (shown.value is None) is (shown.refused is not None)
        if shown.value is not None and shown.name not in {"turnover", "average_caseload"}:
            assert 0 <= shown.value <= 100
