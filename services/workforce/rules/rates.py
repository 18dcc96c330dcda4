"""The rates of supply and demand, as the Department for Education defines them for the workforce census (clause 2.1).

Everything is in full-time equivalents from unrounded inputs and shown to one decimal, halves up. A rate whose inputs
contradict one another, or for which there is nothing to divide by, is refused with the reason.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

FULL_TIME_HOURS = Decimal(37)
PERCENT, CASES_PER_FTE = "percent", "cases_per_fte"

Name = Literal["vacancy", "vacancy_agency_cover", "agency", "turnover", "average_caseload", "absence"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rate is not shown: a stable code and a sentence that says what to put right."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with the figures that make it; `value` is None when it is refused."""

    name: Name
    unit: str
    numerator: Decimal
    denominator: Decimal
    value: Decimal | None
    refused: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """What a unit and everything below it has on a date, in full-time equivalents, and in the year that ends on it."""

    in_post: Decimal
    agency: Decimal
    vacant: Decimal
    vacant_covered: Decimal
    filled_posts: Decimal
    leavers: Decimal
    starters: Decimal
    case_holders: Decimal
    cases: int
    cases_of_leavers: int
    days_lost: Decimal
    working_days: int


def full_time_equivalent(contracted_hours: Decimal, full_time_hours: Decimal) -> Decimal:
    """Contracted hours over the standard hours of the grade; one person is never more than one."""
    return min(contracted_hours / full_time_hours, Decimal(1))


def rates_of(census: Census) -> tuple[Rate, ...]:
    """All the rates of a census."""
    rates = (
        vacancy_rate(census),
        vacancy_agency_cover_rate(census),
        agency_rate(census),
        turnover_rate(census),
        average_caseload(census),
        absence_rate(census),
    )
    if min(asdict(census).values()) >= 0:
        return rates
    impossible = Refusal("negative-input", "A count below zero cannot be; correct the records behind this rate.")
    return tuple(replace(rate, value=None, refused=impossible) for rate in rates)


def vacancy_rate(census: Census) -> Rate:
    """Vacant posts over everyone in post and the vacant posts."""
    refused = None
    if census.filled_posts + census.vacant == 0:
        refused = Refusal("no-posts", "No designated post is recorded here; record the posts of the establishment.")
    elif census.filled_posts > census.in_post:
        refused = Refusal(
            "posts-exceed-people",
            f"Posts of {_shown(census.filled_posts)} FTE are held by {_shown(census.in_post)} FTE of people in post; "
            "correct the size of the posts or the contracted hours of their holders.",
        )
    return _percentage("vacancy", census.vacant, census.in_post + census.vacant, refused)


def vacancy_agency_cover_rate(census: Census) -> Rate:
    """The part of the vacant posts that agency workers cover."""
    refused = None
    if census.vacant_covered > census.agency:
        refused = Refusal(
            "cover-exceeds-agency",
            f"Agency workers cover {_shown(census.vacant_covered)} FTE of posts but are {_shown(census.agency)} FTE "
            "themselves; correct who holds which post, or their hours.",
        )
    elif census.vacant_covered > census.vacant:
        refused = Refusal(
            "cover-exceeds-vacancies",
            f"Agency workers cover {_shown(census.vacant_covered)} FTE but only {_shown(census.vacant)} FTE is vacant; "
            "correct the posts.",
        )
    return _percentage("vacancy_agency_cover", census.vacant_covered, census.vacant, refused)


def agency_rate(census: Census) -> Rate:
    """Agency workers over everyone in post and the agency workers."""
    return _percentage("agency", census.agency, census.in_post + census.agency, None)


def turnover_rate(census: Census) -> Rate:
    """Leavers in the year over everyone in post at its end."""
    return _percentage("turnover", census.leavers, census.in_post, None)


def average_caseload(census: Census) -> Rate:
    """Open cases over the full-time equivalent of the people who hold at least one."""
    refused = None
    if census.cases_of_leavers:
        refused = Refusal(
            "cases-of-leavers",
            f"{census.cases_of_leavers} open cases are held by people who have left; allocate them to others.",
        )
    elif census.cases and not census.case_holders:
        refused = Refusal(
            "holders-without-hours",
            f"{census.cases} cases are held by people without contracted hours; correct their hours.",
        )
    cases, holders = Decimal(census.cases), census.case_holders
    refused = refused or _nothing_to_divide_by(holders)
    return Rate(
        "average_caseload", CASES_PER_FTE, cases, holders, None if refused else one_decimal(cases / holders), refused
    )


def absence_rate(census: Census) -> Rate:
    """Working days lost in the year over the working days of everyone in post."""
    possible = census.in_post * census.working_days
    refused = None
    if census.days_lost > possible > 0:
        refused = Refusal(
            "days-lost-exceed-days",
            f"{_shown(census.days_lost)} working days were lost of {_shown(possible)} that people in post could work; "
            "correct the absences.",
        )
    return _percentage("absence", census.days_lost, possible, refused)


def _percentage(name: Name, numerator: Decimal, denominator: Decimal, refused: Refusal | None) -> Rate:
    refused = refused or _nothing_to_divide_by(denominator)
    value = None if refused else one_decimal(100 * numerator / denominator)
    return Rate(name, PERCENT, numerator, denominator, value, refused)


def _nothing_to_divide_by(denominator: Decimal) -> Refusal | None:
    if denominator > 0:
        return None
    return Refusal("nothing-to-compare", "There is nobody and nothing here to measure against on this date.")


def one_decimal(value: Decimal) -> Decimal:
    """A figure as it is shown: one decimal, halves up."""
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _shown(value: Decimal) -> str:
    return f"{one_decimal(value):,}"
