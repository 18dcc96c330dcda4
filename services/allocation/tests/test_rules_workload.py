"""The workload sum, sentence by sentence (clauses 3.1, 3.2)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.allocation.rules.capacity import Reduction, available_lines, supervision_hours_per_week
from services.allocation.rules.dated import counts_on, last_day_after_ending, status_on
from services.allocation.rules.exact import as_decimal, plain, shown_percent
from services.allocation.rules.lines import total
from services.allocation.rules.load import Cases, Responsibility, case_points, missing_weights
from services.allocation.rules.policy import Policy, contradictions, policy_in_force
from services.allocation.rules.workload import band_of, is_above, team_workload, with_case, workload_of
from services.allocation.tests.builders import CHILD_IN_NEED, CHILD_PROTECTION, TODAY, UNIT, a_policy, a_worker, cases

LONG_AGO = date(2020, 1, 1)


def reduced(hours: str, from_on: date = LONG_AGO, to_on: date | None = None) -> Reduction:
    return Reduction(Decimal(hours), "mentor", from_on, to_on)


def carrying(points: str, from_on: date = LONG_AGO, to_on: date | None = None) -> Responsibility:
    return Responsibility("practice educator", Decimal(points), from_on, to_on)


def available(policy: Policy, reductions: list[Reduction] | None = None, **worker: object) -> Fraction:
    return workload_of(policy, a_worker(**worker), [], reductions or [], [], on=TODAY).available


@pytest.mark.parametrize(
    ("expected", "policy", "worker", "reductions"),
    [
        pytest.param(Fraction(100), {}, {}, [], id="a full-time worker has full_time_points"),
        pytest.param(
            Fraction(90),
            {},
            {"career_stage": "asye"},
            [],
            id="the stage factor scales what a newly qualified worker has",
        ),
        pytest.param(
            Fraction(80),
            {},
            {"career_stage": "asye", "assessed_year_pct": Decimal(80)},
            [],
            id="less agreed for the assessed year than the policy says counts instead",
        ),
        pytest.param(
            Fraction(90),
            {},
            {"career_stage": "asye", "assessed_year_pct": Decimal(95)},
            [],
            id="the two are never taken off twice",
        ),
        pytest.param(Fraction(100), {}, {"career_stage": "manager"}, [], id="a stage without a factor counts in full"),
        pytest.param(
            Fraction(50), {}, {"contracted_hours": Decimal("18.5")}, [], id="half the hours give half the points"
        ),
        pytest.param(
            Fraction(3000, 37), {}, {"contracted_hours": Decimal(30)}, [], id="part of the hours gives an exact part"
        ),
        pytest.param(Fraction(90), {}, {}, [reduced("3.7")], id="reduction hours are taken off contracted hours"),
        pytest.param(Fraction(80), {}, {}, [reduced("3.7"), reduced("3.7")], id="two reductions add up"),
        pytest.param(
            Fraction(81),
            {},
            {"career_stage": "asye"},
            [reduced("3.7")],
            id="the factor applies to hours after reductions",
        ),
        pytest.param(
            Fraction(90),
            {"cpd_hours_per_week": Decimal("3.7")},
            {},
            [],
            id="professional development time is protected",
        ),
        pytest.param(
            100 - Fraction(150, 37),
            {"protect_supervision": True},
            {"cadence": "weekly", "minutes_per_session": 90},
            [],
            id="weekly supervision of 90 minutes protects one and a half hours",
        ),
        pytest.param(
            Fraction(100),
            {"protect_supervision": False},
            {"cadence": "weekly", "minutes_per_session": 90},
            [],
            id="supervision is not protected unless the policy says so",
        ),
        pytest.param(Fraction(100), {"protect_supervision": True}, {}, [], id="no known cadence protects nothing yet"),
        pytest.param(
            Fraction(100) * (37 - Fraction(3, 2) * Fraction(12, 52) - 2) / 37,
            {"protect_supervision": True, "cpd_hours_per_week": Decimal(2)},
            {"cadence": "monthly", "minutes_per_session": 90},
            [],
            id="supervision and professional development time are protected together",
        ),
        pytest.param(
            Fraction(90),
            {"cpd_hours_per_week": Decimal(1)},
            {"development_hours_per_week": Decimal("3.7")},
            [],
            id="more development time promised to the worker than the policy protects counts instead",
        ),
        pytest.param(
            Fraction(90),
            {"cpd_hours_per_week": Decimal("3.7")},
            {"development_hours_per_week": Decimal(1)},
            [],
            id="less development time promised than the policy protects does not",
        ),
        pytest.param(Fraction(0), {}, {}, [reduced("37")], id="a full reduction leaves nothing"),
        pytest.param(
            Fraction(0), {}, {}, [reduced("40")], id="more hours taken than contracted leave nothing, not less"
        ),
        pytest.param(Fraction(0), {}, {"contracted_hours": Decimal(0)}, [], id="no contracted hours give nothing"),
        pytest.param(
            Fraction(100),
            {"full_time_hours": Decimal("37.5")},
            {"contracted_hours": Decimal("37.5")},
            [],
            id="full time is what the policy says",
        ),
    ],
)
def test_available_points(
    expected: Fraction, policy: dict[str, object], worker: dict[str, object], reductions: list[Reduction]
) -> None:
    assert available(a_policy(**policy), reductions, **worker) == expected


@pytest.mark.parametrize(
    ("cadence", "minutes", "hours"),
    [
        pytest.param("weekly", 90, Fraction(3, 2), id="weekly takes its minutes each week"),
        pytest.param("fortnightly", 90, Fraction(3, 4), id="fortnightly takes half of that"),
        pytest.param("monthly", 90, Fraction(9, 26), id="monthly takes twelve sessions in 52 weeks"),
        pytest.param("weekly", 120, Fraction(2), id="a stricter authority's minutes count"),
        pytest.param(None, 90, Fraction(0), id="no cadence takes nothing"),
    ],
)
def test_supervision_hours_per_week(cadence: object, minutes: int, hours: Fraction) -> None:
    assert supervision_hours_per_week(cadence, minutes) == hours  # type: ignore[arg-type] # a table of plain values


@pytest.mark.parametrize(
    ("expected", "worker", "held", "responsibilities"),
    [
        pytest.param(Fraction(15), {}, [], [], id="stable work alone"),
        pytest.param(
            Fraction(15, 2), {"contracted_hours": Decimal("18.5")}, [], [], id="stable work follows contracted hours"
        ),
        pytest.param(Fraction(15), {"career_stage": "asye"}, [], [], id="the stage factor does not touch stable work"),
        pytest.param(Fraction(85), {}, cases(10), [], id="ten cases of seven points"),
        pytest.param(Fraction(95), {}, cases(10), [carrying("10")], id="15 + 70 + 10 is 95"),
        pytest.param(
            Fraction(32), {}, [CHILD_IN_NEED, CHILD_PROTECTION], [], id="each case has the weight of its type"
        ),
        pytest.param(Fraction(22), {}, [Cases("child_in_need", "standard", count=1)], [], id="a counted kind of one"),
        pytest.param(Fraction(36), {}, [Cases("child_in_need", "standard", count=3)], [], id="a counted kind of three"),
        pytest.param(
            Fraction(24), {}, [Cases("child_in_need", "standard", ("court",))], [], id="a modifier adds its points"
        ),
        pytest.param(
            Fraction(20), {}, [Cases("child_in_need", "standard", ("joint",))], [], id="a modifier may take points off"
        ),
        pytest.param(
            Fraction(22), {}, [Cases("child_in_need", "standard", ("court", "joint"))], [], id="modifiers add up"
        ),
        pytest.param(
            Fraction(15),
            {},
            [Cases("child_in_need", "standard", ("relief",))],
            [],
            id="no case weighs less than nothing",
        ),
        pytest.param(
            Fraction(15),
            {},
            [Cases("unknown", "standard")],
            [],
            id="a case without a weight adds nothing and stays visible",
        ),
    ],
)
def test_load_points(
    expected: Fraction, worker: dict[str, object], held: list[Cases], responsibilities: list[Responsibility]
) -> None:
    policy = a_policy(modifiers={"court": Decimal(2), "joint": Decimal(-2), "relief": Decimal(-50)})
    seen = workload_of(policy, a_worker(**worker), held, [], responsibilities, on=TODAY)
    assert seen.load == expected


def test_case_without_a_weight_is_shown_in_words() -> None:
    seen = workload_of(a_policy(), a_worker(), [Cases("unknown", "standard", name="mosaic 7")], [], [], on=TODAY)
    assert [(line.kind, line.points) for line in seen.lines if line.kind.startswith("case")] == [
        ("case_without_weight", Fraction(0))
    ]


@pytest.mark.parametrize(
    ("case", "missing"),
    [
        pytest.param(CHILD_IN_NEED, [], id="everything weighed"),
        pytest.param(Cases("child_in_need", "complex"), ["child_in_need, complex"], id="a complexity without a weight"),
        pytest.param(Cases("court", "standard"), ["court, standard"], id="a type without a weight"),
        pytest.param(
            Cases("child_in_need", "standard", ("court",)), ["modifier court"], id="a modifier without points"
        ),
    ],
)
def test_missing_weights_are_named(case: Cases, missing: list[str]) -> None:
    assert missing_weights(a_policy(), case) == missing
    assert (case_points(a_policy(), case) is None) is bool(missing)


@pytest.mark.parametrize(
    ("band", "load", "capacity"),
    [
        pytest.param("ok", "0", "100", id="no load is ok"),
        pytest.param("ok", "90", "100", id="exactly 90 % is not amber"),
        pytest.param("amber", "90.0000000001", "100", id="a hair above 90 % is amber"),
        pytest.param("amber", "100", "100", id="exactly 100 % is not over"),
        pytest.param("over", "100.0000000001", "100", id="a hair above 100 % is over"),
        pytest.param("over", "105", "100", id="105 % is over"),
        pytest.param("no_capacity", "15", "0", id="no availability and some load is no capacity"),
        pytest.param("none", "0", "0", id="no availability and no load is none"),
    ],
)
def test_band(band: str, load: str, capacity: str) -> None:
    assert band_of(a_policy(), Fraction(load), Fraction(capacity)) == band


def test_exactly_full_in_thirds_is_not_over() -> None:
    """Thirds never come out in decimals: 30 of 37 hours, filled exactly."""
    policy = a_policy(weights={("a", "b"): Decimal(1)}, stable_points=Decimal(0))
    part_time = a_worker(contracted_hours=Decimal(30))
    full = workload_of(policy, part_time, [], [], [carrying("81.0810810810810810810")], on=TODAY)
    assert (full.band, full.overloaded) == ("amber", False)
    assert band_of(policy, Fraction(3000, 37), full.available) == "amber"
    assert band_of(policy, Fraction(3000, 37) + Fraction(1, 10**30), full.available) == "over"


@pytest.mark.parametrize(
    ("limit", "amber", "load", "band", "overloaded"),
    [
        pytest.param(
            "110", "95", "110", "amber", False, id="an authority may set its own limit, and exactly at it is not over"
        ),
        pytest.param("110", "95", "110.01", "over", True, id="above the authority's own limit is over"),
        pytest.param("85", "80", "86", "over", True, id="a stricter limit counts"),
        pytest.param("100", "95", "95", "ok", False, id="an authority may set its own amber"),
    ],
)
def test_bands_follow_the_policy(limit: str, amber: str, load: str, band: str, overloaded: bool) -> None:
    policy = a_policy(limit_pct=Decimal(limit), amber_above_pct=Decimal(amber), stable_points=Decimal(0))
    seen = workload_of(policy, a_worker(), [], [], [carrying(load)], on=TODAY)
    assert (seen.band, seen.overloaded) == (band, overloaded)


def test_no_capacity_is_never_zero_percent() -> None:
    seen = workload_of(a_policy(), a_worker(), cases(2), [reduced("37")], [], on=TODAY)
    assert (seen.utilisation_pct, seen.band, seen.overloaded) == (None, "no_capacity", True)


def test_without_a_policy_there_is_no_figure() -> None:
    seen = workload_of(None, a_worker(), cases(2), [], [], on=TODAY)
    assert (seen.utilisation_pct, seen.band, seen.overloaded, seen.lines) == (None, "none", False, ())


def test_one_more_case_is_one_more_line() -> None:
    before = workload_of(a_policy(), a_worker(), cases(10), [], [carrying("10")], on=TODAY)
    after = with_case(a_policy(), before, CHILD_PROTECTION)
    assert (before.utilisation_pct, after.utilisation_pct) == (Decimal("95.0"), Decimal("105.0"))
    assert (before.band, after.band, after.overloaded) == ("amber", "over", True)
    assert after.lines[:-1] == before.lines


SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("on", "counts", "status"),
    [
        pytest.param(date(2026, 3, 27), False, "scheduled", id="the day before the first is scheduled"),
        pytest.param(date(2026, 3, 28), True, "active", id="the first day counts"),
        pytest.param(SPRING, True, "active", id="the day the clocks go forward counts"),
        pytest.param(AUTUMN, True, "active", id="the day the clocks go back counts"),
        pytest.param(date(2026, 10, 26), True, "active", id="the last day counts"),
        pytest.param(date(2026, 10, 27), False, "ended", id="the day after the last has ended"),
    ],
)
def test_reduction_follows_its_dates_across_clock_changes(on: date, counts: bool, status: str) -> None:
    first, last = date(2026, 3, 28), date(2026, 10, 26)
    seen = workload_of(a_policy(), a_worker(), [], [reduced("3.7", first, last)], [carrying("5", first, last)], on=on)
    assert (seen.available, seen.load) == ((Fraction(90), Fraction(20)) if counts else (Fraction(100), Fraction(15)))
    assert status_on(first, last, on) == status
    assert counts_on(first, last, on) is counts


@pytest.mark.parametrize("on", [date(2026, 3, 1), date(2026, 4, 1), date(2026, 11, 1)])
def test_deleted_reduction_never_revives(on: date) -> None:
    assert status_on(date(2026, 3, 28), date(2026, 10, 26), on, deleted=True) == "deleted"


@pytest.mark.parametrize(
    ("expected", "ends_on", "to_on"),
    [
        pytest.param(date(2026, 4, 10), date(2026, 4, 10), None, id="an open one ends on the day given"),
        pytest.param(date(2026, 4, 10), date(2026, 4, 10), date(2026, 5, 1), id="an earlier day than agreed wins"),
        pytest.param(date(2026, 4, 5), date(2026, 4, 10), date(2026, 4, 5), id="ending never prolongs"),
        pytest.param(date(2026, 4, 1), date(2026, 3, 1), None, id="ending before it began leaves its first day"),
    ],
)
def test_ending_something_dated(expected: date, ends_on: date, to_on: date | None) -> None:
    assert last_day_after_ending(date(2026, 4, 1), to_on, ends_on) == expected


@pytest.mark.parametrize(
    ("expected", "on", "held"),
    [
        pytest.param(None, "2026-01-01", [], id="no policy anywhere"),
        pytest.param(None, "2026-01-01", [("authority", "2026-01-02")], id="a policy of tomorrow is not in force"),
        pytest.param(
            ("authority", "2026-01-01"), "2026-01-01", [("authority", "2026-01-01")], id="in force on its first day"
        ),
        pytest.param(
            ("team", "2026-01-01"),
            "2026-03-01",
            [("authority", "2026-02-01"), ("team", "2026-01-01")],
            id="a nearer unit wins over a later date",
        ),
        pytest.param(
            ("authority", "2026-01-01"),
            "2026-01-31",
            [("authority", "2026-01-01"), ("team", "2026-02-01")],
            id="the unit above decides until the nearer one takes effect",
        ),
        pytest.param(
            ("service", "2026-02-01"),
            "2026-03-01",
            [
                ("service", "2026-01-01"),
                ("service", "2026-02-01"),
                ("service", "2026-04-01"),
                ("authority", "2026-02-15"),
            ],
            id="of one unit the latest in force decides",
        ),
        pytest.param(None, "2026-03-01", [("other", "2026-01-01")], id="a unit elsewhere does not decide"),
    ],
)
def test_policy_in_force(expected: tuple[str, str] | None, on: str, held: list[tuple[str, str]]) -> None:
    units = {name: UUID(int=n) for n, name in enumerate(("team", "service", "authority", "other"), 1)}
    policies = [a_policy(org_unit_id=units[unit], effective_from=date.fromisoformat(day)) for unit, day in held]
    path = [units["team"], units["service"], units["authority"]]
    found = policy_in_force(policies, path, date.fromisoformat(on))
    wanted = expected and (units[expected[0]], date.fromisoformat(expected[1]))
    assert (found and (found.org_unit_id, found.effective_from)) == wanted


def test_weights_take_effect_on_their_date() -> None:
    old = a_policy()
    new = a_policy(effective_from=date(2026, 4, 1), weights={("child_in_need", "standard"): Decimal(9)})
    loads = []
    for on in (date(2026, 3, 31), date(2026, 4, 1)):
        policy = policy_in_force([new, old], [UNIT], on)
        loads.append(workload_of(policy, a_worker(), cases(10), [], [], on=on).load)
    assert loads == [85, 105]


def test_team_is_a_ratio_of_sums() -> None:
    half = a_worker(contracted_hours=Decimal("18.5"))
    full = workload_of(a_policy(), a_worker(), cases(5), [], [], on=TODAY)
    part = workload_of(a_policy(), half, cases(6), [], [], on=TODAY)
    assert (full.utilisation_pct, part.utilisation_pct) == (Decimal("50.0"), Decimal("99.0"))
    team = team_workload(a_policy(), [full, part])
    assert (team.load, team.available, team.utilisation_pct) == (Fraction(199, 2), Fraction(150), Decimal("66.3"))


def test_member_without_capacity_still_adds_load_to_the_team() -> None:
    full = workload_of(a_policy(), a_worker(), [], [], [], on=TODAY)
    away = workload_of(a_policy(), a_worker(), cases(2), [reduced("37")], [], on=TODAY)
    team = team_workload(a_policy(), [full, away])
    assert (team.load, team.available, team.utilisation_pct) == (Fraction(44), Fraction(100), Decimal("44.0"))


def test_team_of_nobody_has_no_percentage() -> None:
    team = team_workload(None, [])
    assert (team.utilisation_pct, team.band) == (None, "none")


@pytest.mark.parametrize(
    ("shown", "part", "whole"),
    [
        pytest.param("71.4", "5", "7", id="5 of 7"),
        pytest.param("0.1", "0.05", "100", id="half a tenth goes up"),
        pytest.param("0.0", "0.0499999999999", "100", id="less than half a tenth goes down"),
        pytest.param("100.0", "100.04", "100", id="a hair above is shown as 100.0 and still over"),
        pytest.param(None, "15", "0", id="nothing to take a part of"),
    ],
)
def test_shown_percent(shown: str | None, part: str, whole: str) -> None:
    assert shown_percent(Fraction(part), Fraction(whole)) == (None if shown is None else Decimal(shown))


@pytest.mark.parametrize(
    ("field", "policy"),
    [
        pytest.param(None, {}, id="the usual policy"),
        pytest.param("amber_above_pct", {"amber_above_pct": Decimal(101)}, id="amber above the limit"),
        pytest.param("stable_points", {"stable_points": Decimal(101)}, id="more stable work than points"),
        pytest.param("protected_hours", {"cpd_hours_per_week": Decimal(38)}, id="more protected time than a week"),
    ],
)
def test_contradictions_of_a_policy(field: str | None, policy: dict[str, object]) -> None:
    assert [name for name, _ in contradictions(a_policy(**policy))] == ([] if field is None else [field])


hours = st.decimals(min_value=0, max_value=60, places=2)
few_points = st.decimals(min_value=0, max_value=80, places=2)


@given(
    hours, st.lists(hours, max_size=4), hours, st.sampled_from(["weekly", "fortnightly", "monthly", None]), few_points
)
def test_lines_always_add_up_and_nobody_has_less_than_nothing(
    contracted: Decimal, taken: list[Decimal], cpd: Decimal, cadence: str | None, extra: Decimal
) -> None:
    policy = a_policy(protect_supervision=True, cpd_hours_per_week=cpd)
    worker = a_worker(contracted_hours=contracted, cadence=cadence, minutes_per_session=90, career_stage="asye")
    seen = workload_of(policy, worker, cases(3), [reduced(str(h)) for h in taken], [carrying(str(extra))], on=TODAY)
    assert (total(seen.lines, "available"), total(seen.lines, "load")) == (seen.available, seen.load)
    assert seen.available >= 0
    protected = supervision_hours_per_week(worker.cadence, 90) + Fraction(cpd)
    by_formula = 100 * Fraction(9, 10) * (Fraction(contracted) - sum(map(Fraction, taken), protected)) / 37
    assert seen.available == max(by_formula, 0)


@given(st.fractions(min_value=0, max_value=1000), st.fractions(min_value=0, max_value=1000))
def test_overloaded_is_the_over_band_or_load_without_capacity(load: Fraction, capacity: Fraction) -> None:
    policy = a_policy()
    over = is_above(policy.limit_pct, load, capacity)
    assert over == (band_of(policy, load, capacity) in {"over", "no_capacity"})
    if capacity > 0:
        assert over == (load / capacity > 1)


@given(st.dates(), st.integers(0, 400), st.integers(-30, 430))
def test_dated_things_are_scheduled_then_active_then_ended(start: date, length: int, offset: int) -> None:
    start = max(date(1900, 1, 1), min(start, date(9000, 1, 1)))
    on = start + timedelta(days=offset)
    expected = "scheduled" if offset < 0 else "active" if offset <= length else "ended"
    assert status_on(start, start + timedelta(days=length), on) == expected


@given(st.fractions(-(10**20), 10**20))
def test_stored_decimals_are_the_fraction_to_ten_places(value: Fraction) -> None:
    assert abs(Fraction(as_decimal(value)) - value) <= Fraction(1, 2 * 10**10)


@pytest.mark.parametrize(("text", "value"), [("37", "37.00"), ("0.35", "0.346153"), ("100", "1E+2"), ("7.5", "7.50")])
def test_plain_numbers(text: str, value: str) -> None:
    assert plain(Decimal(value)) == text


def test_lines_of_availability_name_what_takes_the_hours() -> None:
    policy = a_policy(protect_supervision=True, cpd_hours_per_week=Decimal(1))
    worker = a_worker(cadence="weekly", minutes_per_session=90, career_stage="asye")
    kinds = [line.kind for line in available_lines(policy, worker, [reduced("2")])]
    assert kinds == ["contracted_hours", "stage_factor", "reduction", "protected_supervision", "protected_cpd"]
