"""Refusing, overriding, recommending, and telling of overload, sentence by sentence (clauses 3.1 to 3.3)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.allocation.rules.capacity import Reduction
from services.allocation.rules.load import Cases, Responsibility
from services.allocation.rules.offer import (
    Refusal,
    Standing,
    Terms,
    answer_to,
    refusals_of_limit,
    refusals_of_policy,
    refusals_of_terms,
    refusals_of_worker,
)
from services.allocation.rules.overload import (
    Run,
    after_reading,
    after_relief,
    crossing,
    next_reading_after,
    reading_day,
)
from services.allocation.rules.recommendation import Candidate, Ranked, is_demanding, recommend
from services.allocation.rules.workload import workload_of
from services.allocation.tests.builders import CHILD_IN_NEED, CHILD_PROTECTION, TODAY, a_policy, a_worker, cases

FINE = Terms("initial allocation", discussed_with_worker=True)


def carrying(points: str) -> list[Responsibility]:
    return [Responsibility("lead", Decimal(points), date(2020, 1, 1))]


@pytest.mark.parametrize(
    ("codes", "standing"),
    [
        pytest.param([], Standing(), id="an employed registered social worker"),
        pytest.param(["not-registered"], Standing(registration_refused=True), id="registration said not registered"),
        pytest.param(
            [],
            Standing(is_social_worker=False, registration_refused=True),
            id="not a social worker, so no designated post",
        ),
        pytest.param(["not-employed"], Standing(employed=False), id="someone who left or has not begun"),
        pytest.param(
            ["not-employed", "not-registered"],
            Standing(employed=False, registration_refused=True),
            id="every reason is named",
        ),
    ],
)
def test_what_speaks_against_a_worker(codes: list[str], standing: Standing) -> None:
    assert [refusal.code for refusal in refusals_of_worker(standing)] == codes


@pytest.mark.parametrize(
    ("codes", "terms"),
    [
        pytest.param([], FINE, id="a reason, and discussed"),
        pytest.param(["reason-missing"], Terms("", discussed_with_worker=True), id="no reason"),
        pytest.param(["reason-missing"], Terms("  \n", discussed_with_worker=True), id="blanks are no reason"),
        pytest.param(["discussion-missing"], Terms("initial", discussed_with_worker=False), id="not discussed before"),
        pytest.param(["reason-missing", "discussion-missing"], Terms("", discussed_with_worker=False), id="neither"),
    ],
)
def test_what_an_allocation_needs(codes: list[str], terms: Terms) -> None:
    assert [refusal.code for refusal in refusals_of_terms(terms)] == codes


@pytest.mark.parametrize(
    ("codes", "points"),
    [
        pytest.param([], "70", id="below the limit"),
        pytest.param([], "85", id="exactly at the limit"),
        pytest.param(["workload-limit"], "85.0000000001", id="a hair above the limit"),
        pytest.param(["workload-limit"], "95", id="well above the limit"),
    ],
)
def test_limit(codes: list[str], points: str) -> None:
    after = workload_of(a_policy(), a_worker(), [], [], carrying(points), on=TODAY)
    assert [refusal.code for refusal in refusals_of_limit(a_policy(), after)] == codes


@pytest.mark.parametrize(
    ("words", "points", "reductions"),
    [
        pytest.param("105 %", "90", [], id="the share is told"),
        pytest.param("a little more than 100 %", "85.0000000001", [], id="a hair above is not told as 100.0 %"),
        pytest.param("no capacity", "0", [Reduction(Decimal(37), "away", date(2020, 1, 1))], id="no capacity is told"),
    ],
)
def test_limit_is_explained(words: str, points: str, reductions: list[Reduction]) -> None:
    after = workload_of(a_policy(), a_worker(), [], reductions, carrying(points), on=TODAY)
    assert words in refusals_of_limit(a_policy(), after)[0].sentence


def test_missing_weight_is_named() -> None:
    refusal = refusals_of_policy(a_policy(), Cases("adoption", "complex", ("sibling_group",)))[0]
    assert refusal.code == "weight-missing"
    assert "adoption, complex; modifier sibling_group" in refusal.sentence
    assert [r.code for r in refusals_of_policy(None, CHILD_IN_NEED)] == ["policy-missing"]


LIMIT, OTHER = Refusal("workload-limit", "."), Refusal("not-registered", ".")


@pytest.mark.parametrize(
    ("answer", "refusals", "override"),
    [
        pytest.param("allocate", [], "", id="nothing against it"),
        pytest.param("allocate", [], "just in case", id="an override that is not needed overrides nothing"),
        pytest.param("refuse", [LIMIT], "", id="the limit holds"),
        pytest.param("refuse", [LIMIT], "   ", id="an override needs a reason"),
        pytest.param("override", [LIMIT], "speaks the family's language", id="a manager may override the limit"),
        pytest.param("refuse", [OTHER], "because", id="registration cannot be overridden"),
        pytest.param("refuse", [OTHER, LIMIT], "because", id="an override sets aside the limit alone"),
    ],
)
def test_answer_to_an_offer(answer: str, refusals: list[Refusal], override: str) -> None:
    assert answer_to(refusals, Terms("reason", discussed_with_worker=True, override_reason=override)) == answer


@pytest.mark.parametrize(
    ("told", "before", "after"),
    [
        (None, False, False),
        ("overloaded", False, True),
        (None, True, True),
        ("relieved", True, False),
    ],
)
def test_crossing_the_limit_is_told_once(told: str | None, before: bool, after: bool) -> None:
    assert crossing(before, after) == told


def read_weekly(pattern: str, weeks: int = 4) -> str:
    """x above, . not above, r relief in between; the answer has ! where sustained overload is told."""
    run, on, told = Run(), date(2026, 3, 2), ""
    for mark in pattern:
        if mark == "r":
            run = after_relief(run)
            told += "r"
            continue
        run, sustained = after_reading(run, on, mark == "x", weeks)
        on, told = on + timedelta(days=7), told + ("!" if sustained else mark)
    return told


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        pytest.param("xxx", "xxx", id="three weeks are not four"),
        pytest.param("xxxx", "xxx!", id="four weeks running are sustained"),
        pytest.param("xxxxxxxx", "xxx!xxxx", id="exactly one further alert"),
        pytest.param("xxx.xxxx", "xxx.xxx!", id="one reading at the limit begins anew"),
        pytest.param("xxxx.xxxx", "xxx!.xxx!", id="a new run is a new alert"),
        pytest.param("xxrxx", "xxrx!", id="relief between readings does not break a run of readings"),
        pytest.param("xxxxrxxxx", "xxx!rxxx!", id="after the alert was resolved four more are needed"),
    ],
)
def test_sustained_overload(pattern: str, told: str) -> None:
    assert read_weekly(pattern) == told


def test_late_readings_of_a_worker_relieved_meanwhile_tell_nobody() -> None:
    run = Run(3, date(2026, 3, 2))
    assert after_reading(run, date(2026, 3, 23), True, 4, still=False) == (Run(), False)


def test_policy_decides_how_many_weeks_are_sustained() -> None:
    assert (read_weekly("xx", 2), read_weekly("x", 1)) == ("x!", "!")


def test_sustained_overload_knows_since_when() -> None:
    run, _ = after_reading(Run(), date(2026, 3, 2), True, 4)
    run, _ = after_reading(run, date(2026, 3, 9), True, 4)
    assert run.since == date(2026, 3, 2)


@given(st.text("x.r", max_size=40), st.integers(1, 6))
def test_one_alert_a_run(pattern: str, weeks: int) -> None:
    told = read_weekly(pattern, weeks)
    for run in told.replace("r", ".").split("."):
        assert run.count("!") <= 1


@given(st.dates(max_value=date(9999, 12, 1)))
def test_readings_are_on_mondays_a_week_apart(on: date) -> None:
    monday = reading_day(on) if on >= date(1, 1, 8) else date(1, 1, 8)
    assert monday.weekday() == 0
    assert next_reading_after(monday) == monday + timedelta(days=7)


def a_candidate(n: int, held: int = 5, **given: Any) -> Candidate:
    usual: dict[str, Any] = {
        "worker_id": UUID(int=n),
        "standing": Standing(),
        "career_stage": "practitioner",
        "newly_qualified": False,
        "policy": a_policy(),
        "before": workload_of(a_policy(), a_worker(), cases(held), [], [], on=TODAY),
    }
    return Candidate(**{**usual, **given})


def order(*candidates: Candidate, case: Cases = CHILD_IN_NEED, skills: frozenset[str] = frozenset()) -> list[int]:
    return [ranked.worker_id.int for ranked in recommend(case, skills, candidates)[0]]


def effects(ranked: Ranked) -> dict[str, Decimal]:
    return {reason.code: reason.effect for reason in ranked.reasons}


@pytest.mark.parametrize(
    ("expected", "candidates", "case"),
    [
        pytest.param([1, 2], [a_candidate(2, 8), a_candidate(1, 2)], CHILD_IN_NEED, id="more room comes first"),
        pytest.param(
            [2, 1], [a_candidate(1), a_candidate(2, held_before=True)], CHILD_IN_NEED, id="who held the case before"
        ),
        pytest.param([2, 1], [a_candidate(1), a_candidate(2, in_team=True)], CHILD_IN_NEED, id="the team of the case"),
        pytest.param(
            [2, 1],
            [a_candidate(1, newly_qualified=True), a_candidate(2)],
            CHILD_PROTECTION,
            id="caution for demanding cases",
        ),
        pytest.param(
            [1, 2],
            [a_candidate(1, newly_qualified=True), a_candidate(2)],
            CHILD_IN_NEED,
            id="no caution for lighter cases",
        ),
        pytest.param(
            [1, 2, 3], [a_candidate(3), a_candidate(1), a_candidate(2)], CHILD_IN_NEED, id="ties in a stable order"
        ),
    ],
)
def test_ranking(expected: list[int], candidates: list[Candidate], case: Cases) -> None:
    assert order(*candidates, case=case) == expected


def test_skills_asked_for_count() -> None:
    speaks = a_candidate(2, skills=frozenset({"bsl", "court"}))
    assert order(a_candidate(1), speaks, skills=frozenset({"bsl"})) == [2, 1]
    ranked = recommend(CHILD_IN_NEED, frozenset({"bsl", "polish"}), [speaks])[0][0]
    assert effects(ranked)["skills_match"] == Decimal("7.5")


@pytest.mark.parametrize(
    ("code", "candidate", "case"),
    [
        ("workload-limit", a_candidate(1, 12), CHILD_IN_NEED),
        ("not-registered", a_candidate(1, standing=Standing(registration_refused=True)), CHILD_IN_NEED),
        ("not-employed", a_candidate(1, standing=Standing(employed=False)), CHILD_IN_NEED),
        ("not-a-case-holder", a_candidate(1, career_stage="student"), CHILD_IN_NEED),
        ("not-a-case-holder", a_candidate(1, career_stage="manager"), CHILD_IN_NEED),
        ("not-a-case-holder", a_candidate(1, standing=Standing(is_social_worker=False)), CHILD_IN_NEED),
        ("absent", a_candidate(1, absent=True), CHILD_IN_NEED),
        ("already-holds", a_candidate(1, holds_now=True), CHILD_IN_NEED),
        ("policy-missing", a_candidate(1, policy=None), CHILD_IN_NEED),
        ("weight-missing", a_candidate(1), Cases("adoption", "standard")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_exclusion_has_a_reason(code: str, candidate: Candidate, case: Cases) -> None:
    ranked, excluded = recommend(case, frozenset(), [candidate])
    assert ranked == []
    assert [refusal.code for refusal in excluded[0].reasons] == [code]


def test_score_is_the_sum_of_its_reasons() -> None:
    ranked, _ = recommend(
        CHILD_PROTECTION, frozenset({"bsl"}), [a_candidate(1, 9, newly_qualified=True), a_candidate(2)]
    )
    for one in ranked:
        assert one.score == sum(effects(one).values())
        assert all(reason.text for reason in one.reasons)


@given(st.lists(st.integers(0, 14), max_size=12))
def test_everyone_is_ranked_or_excluded_and_no_ranked_one_is_above_the_limit(held: list[int]) -> None:
    candidates = [a_candidate(n, count) for n, count in enumerate(held)]
    ranked, excluded = recommend(CHILD_IN_NEED, frozenset(), candidates)
    assert sorted([r.worker_id for r in ranked] + [e.worker_id for e in excluded]) == [c.worker_id for c in candidates]
    assert [r.rank for r in ranked] == list(range(1, len(ranked) + 1))
    assert not any(r.after.overloaded for r in ranked)
    assert [r.score for r in ranked] == sorted((r.score for r in ranked), reverse=True)


def test_demanding_is_above_the_mean_weight() -> None:
    assert is_demanding(CHILD_PROTECTION, a_policy())
    assert not is_demanding(CHILD_IN_NEED, a_policy())
    assert not is_demanding(Cases("adoption", "standard"), a_policy())
