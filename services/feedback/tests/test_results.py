"""Results of a campaign: complete answers make scores, small teams stay hidden, and no published table gives one away."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

import pytest

from services.feedback.rules.answers import score
from services.feedback.rules.practitioner_survey import survey
from services.feedback.rules.questionnaires import Questionnaire, read
from services.feedback.rules.results import Answered, Results, results, tallies
from services.feedback.rules.suppression import INSIDE, OUTSIDE, TOTAL

ROLES = [{"key": key, "text": {"en": key}} for key in ("child", "adult", "both")]
CONTENT = {
    **survey(),
    "questions": [
        *survey()["questions"],
        {"key": "work_with", "kind": "choice", "text": {"en": "With whom do you work?"}, "options": ROLES},
    ],
}
SURVEY = read(CONTENT)


def person(unit: str, place: int = 3, **more: Any) -> Answered:
    closed: dict[str, Any] = {one.key: place for one in SURVEY.of_kind("scale")}
    return Answered(unit, {**closed, "hours_worked": 40, "work_with": "child", **more})


def team(unit: str, size: int, place: int = 3, **more: Any) -> list[Answered]:
    return [person(unit, place, **more) for _ in range(size)]


def of(*people: Answered, units: tuple[str, ...] = ("a", "b", "c")) -> Results:
    return results(SURVEY, units, people)


def test_a_team_has_its_score_and_band_and_the_whole_has_its_own() -> None:
    found = of(*team("a", 12, 4), *team("b", 20, 2), *team("c", 28, 2)).outside["rows"]
    assert found["a"]["figures"]["standard_3"] == {"score": 100, "band": "high"}
    assert found["b"]["figures"]["standard_3"] == {"score": 50, "band": "low"}
    assert found[TOTAL]["figures"]["standard_3"] == {"score": 60, "band": "moderate"}
    assert [found[unit]["answers"] for unit in ("a", "b", "c", TOTAL)] == [10, 20, 30, 60]
    assert found["a"]["figures"]["hours_worked"] == {"mean": 40}


def test_a_small_team_is_hidden_and_a_second_one_with_it() -> None:
    found = of(*team("a", 4), *team("b", 12), *team("c", 30)).outside["rows"]
    assert [found[unit]["answers"] for unit in ("a", "b", "c", TOTAL)] == [None, None, 30, 45]
    assert found["a"]["figures"]["standard_1"] is None
    assert found["b"]["figures"]["standard_1"] is None


def test_those_who_manage_see_from_five_on_and_everyone_from_ten_on() -> None:
    found = of(*team("a", 6), *team("b", 12), *team("c", 30))
    assert found.inside["rows"]["a"]["answers"] == 5
    assert found.outside["rows"]["a"]["answers"] is None


def test_with_few_answers_altogether_nothing_is_shown() -> None:
    found = of(*team("a", 4)).inside
    assert [found["rows"][unit]["answers"] for unit in ("a", "b", "c", TOTAL)] == [None, 0, 0, None]
    assert all(figure is None for row in found["rows"].values() for figure in row["figures"].values())


def test_with_no_answers_nothing_is_shown_but_that_there_are_none() -> None:
    assert of().inside["rows"][TOTAL]["answers"] == 0


def test_incomplete_answers_count_towards_no_score_and_are_no_zeros() -> None:
    half = [Answered("a", {"s3_1": 0}) for _ in range(10)]
    found = of(*team("a", 20, 4), *half, *team("b", 20), *team("c", 20)).outside["rows"]["a"]
    assert found["figures"]["standard_3"] == {"score": 100, "band": "high"}
    assert found["figures"]["s3_1"]["score"] == 67


def test_a_question_that_few_answered_hides_itself_and_nothing_else() -> None:
    few = [person("a", caseload=15) for _ in range(3)]
    found = of(*few, *team("a", 20), *team("b", 20), *team("c", 20)).outside["rows"]
    assert all(row["figures"]["caseload"] is None for row in found.values())
    assert found["a"]["figures"]["standard_3"] is not None


def test_cells_of_a_choice_are_hidden_with_second_cells() -> None:
    people = [*team("a", 12), *team("a", 3, work_with="adult"), *team("b", 20), *team("b", 15, work_with="adult")]
    found = of(*people, *team("c", 25), *team("c", 14, work_with="adult")).outside["choices"]["work_with"]
    assert found["a"]["adult"] is None
    assert sum(value is None for value in found["a"].values()) >= 2
    assert sum(found[unit]["adult"] is None for unit in found) >= 2


def mixed(random: Random) -> list[Answered]:
    people = []
    for unit in ("a", "b", "c", "d"):
        for _ in range(random.choice((0, 2, 4, 7, 9, 11, 16, 25))):
            closed = dict(person(unit, random.randrange(5), work_with=random.choice(("child", "adult", "both"))).closed)
            for question in random.sample(sorted(closed), random.choice((0, 0, 0, 2, 5))):
                del closed[question]
            people.append(Answered(unit, closed))
    return people


def groups_given_away(shown: list[set[int]], everyone: int, limit: int) -> list[set[int]]:
    """Groups of people under the limit whose sum follows from sums over the groups shown: all pairs, unions and differences."""
    reached = {frozenset(group) for group in shown}
    for _ in range(2):
        more = set()
        for one, other in combinations(reached, 2):
            if other <= one:
                more.add(one - other)
            if one <= other:
                more.add(other - one)
            if not one & other:
                more.add(one | other)
        reached |= more
    return [set(group) for group in reached if 0 < len(group) < limit and len(group) <= everyone]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("readers", "limit"), [("inside", INSIDE), ("outside", OUTSIDE)])
def test_no_difference_of_published_scores_is_about_a_group_under_the_limit(
    seed: int, readers: str, limit: int
) -> None:
    people = mixed(Random(seed))
    rows = getattr(of(*people, units=("a", "b", "c", "d")), readers)["rows"]
    for tally in tallies(SURVEY):
        counted = {n for n, one in enumerate(people) if tally.value(one.closed) is not None}
        shown = [
            {n for n in counted if unit in (TOTAL, people[n].unit)}
            for unit, row in rows.items()
            if row["figures"][tally.name] is not None
        ]
        assert groups_given_away(shown, len(people), limit) == [], tally.name


def test_a_score_is_exact_until_it_is_shown() -> None:
    thirds: Questionnaire = read(
        {
            "title": {"en": "T"},
            "languages": ["en"],
            "scales": {"four": {"labels": [{"en": str(n)} for n in range(4)]}},
            "questions": [
                {"key": f"q{n}", "kind": "scale", "scale": "four", "standard": 1, "text": {"en": "?"}} for n in (1, 2)
            ],
        }
    )
    assert score(thirds, 1, {"q1": 1, "q2": 2}) == Fraction(50)
