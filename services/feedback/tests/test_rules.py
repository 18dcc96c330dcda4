"""The rules of feedback, case by case."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.rules import actions, campaigns
from services.feedback.rules.answers import read_answers, score, unanswered
from services.feedback.rules.chance import Spread, compare, student_quantile
from services.feedback.rules.practitioner_survey import survey
from services.feedback.rules.questionnaires import best_language, in_language, problems, read
from services.feedback.rules.scores import band, even_values, mean, rate, scale_problem, shown
from services.feedback.rules.similarity import suggest

TODAY = date(2026, 3, 2)
SURVEY = read(survey())


@pytest.mark.parametrize(
    ("score_", "number", "wanted"),
    [
        pytest.param("0", 0, "low", id="nothing is low"),
        pytest.param("50", 50, "low", id="50 is low"),
        pytest.param("50.49", 50, "low", id="just below the half between 50 and 51 is shown as 50 and low"),
        pytest.param("50.5", 51, "moderate", id="the half between 50 and 51 goes up and is moderate"),
        pytest.param("51", 51, "moderate", id="51 is moderate"),
        pytest.param("74", 74, "moderate", id="74 is moderate"),
        pytest.param("74.49", 74, "moderate", id="just below the half between 74 and 75 stays moderate"),
        pytest.param("74.5", 75, "high", id="the half between 74 and 75 goes up and is high"),
        pytest.param("75", 75, "high", id="75 is high"),
        pytest.param("100", 100, "high", id="everything is high"),
    ],
)
def test_a_band_is_that_of_the_number_that_is_shown(score_: str, number: int, wanted: str) -> None:
    assert (shown(Fraction(score_)), band(Fraction(score_))) == (number, wanted)


@given(st.fractions(min_value=0, max_value=100), st.fractions(min_value=0, max_value=100))
def test_a_higher_score_is_never_in_a_lower_band(one: Fraction, other: Fraction) -> None:
    order = ["low", "moderate", "high"]
    low, high = sorted((one, other))
    assert order.index(band(low)) <= order.index(band(high))


@pytest.mark.parametrize(
    ("points", "values"),
    [
        pytest.param(5, [0, 25, 50, 75, 100], id="five points"),
        pytest.param(2, [0, 100], id="yes or no"),
        pytest.param(4, [0, Fraction(100, 3), Fraction(200, 3), 100], id="four points, exact"),
    ],
)
def test_points_of_a_scale_lie_evenly_between_0_and_100(points: int, values: list[Any]) -> None:
    assert list(even_values(points)) == values
    assert scale_problem(even_values(points)) is None


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([0], id="one point"),
        pytest.param([10, 100], id="not from 0"),
        pytest.param([0, 90], id="not to 100"),
        pytest.param([0, 60, 60, 100], id="two points alike"),
    ],
)
def test_a_scale_that_cannot_be_used_is_refused(values: list[int]) -> None:
    assert scale_problem([Fraction(value) for value in values])


@pytest.mark.parametrize(
    ("closed", "wanted"),
    [
        pytest.param({"s3_1": 4, "s3_2": 3}, Fraction(175, 2), id="both statements answered"),
        pytest.param({"s3_1": 0, "s3_2": 0}, Fraction(0), id="a zero that was meant"),
        pytest.param({"s3_1": 4}, None, id="one of two left out is incomplete"),
        pytest.param({}, None, id="nothing is incomplete, not zero"),
        pytest.param({"s4_1": 4, "s4_2": 4}, None, id="another standard says nothing of this one"),
    ],
)
def test_a_standard_is_scored_when_all_its_questions_are_answered(closed: dict[str, int], wanted: Fraction) -> None:
    assert score(SURVEY, 3, closed) == wanted


def test_a_mean_with_a_gap_is_no_mean() -> None:
    assert mean([]) is None
    assert mean([Fraction(1), None]) is None
    assert mean([Fraction(1), Fraction(2)]) == Fraction(3, 2)


@pytest.mark.parametrize(
    ("answered", "asked", "wanted"),
    [
        pytest.param(5, 20, Fraction(25), id="a quarter"),
        pytest.param(0, 20, Fraction(0), id="nobody"),
        pytest.param(5, None, None, id="nobody knows how many were asked"),
        pytest.param(0, 0, None, id="nobody was asked"),
        pytest.param(21, 20, None, id="more answers than people asked contradict one another"),
    ],
)
def test_a_rate_needs_to_know_how_many_were_asked(answered: int, asked: int | None, wanted: Fraction | None) -> None:
    assert rate(answered, asked) == wanted


def test_the_practitioner_survey_is_sound_and_covers_every_standard() -> None:
    assert problems(SURVEY) == []
    assert SURVEY.standards == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(len(SURVEY.of_standard(standard)) == 2 for standard in SURVEY.standards)
    assert {question.key for question in SURVEY.of_kind("number")} == {"hours_worked", "caseload", "new_cases"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"languages": []}, "languages", id="no language"),
        pytest.param({"languages": ["english!"]}, "languages", id="no language tag"),
        pytest.param({"languages": ["cy"]}, "title", id="nothing in the first language"),
        pytest.param({"title": {"en": "T", "fr": "T"}}, "title", id="a language that is not listed"),
        pytest.param({"scales": {}}, "questions.s1_1", id="a scale that is not there"),
        pytest.param(
            {"scales": {"agreement": {"labels": [{"en": "No"}, {"en": "Yes"}], "values": [0]}}},
            "scales.agreement",
            id="a label without a value",
        ),
        pytest.param(
            {"questions": [{"key": "A!", "kind": "text", "text": {"en": "?"}}]}, "questions.A!", id="a key that is none"
        ),
        pytest.param(
            {"questions": [{"key": "a", "kind": "text", "text": {"en": "?"}}] * 2}, "questions.a", id="a key twice"
        ),
        pytest.param(
            {"questions": [{"key": "a", "kind": "choice", "text": {"en": "?"}, "options": []}]},
            "questions.a",
            id="a choice of nothing",
        ),
        pytest.param(
            {"questions": [{"key": "a", "kind": "text", "text": {"en": "?"}, "standard": 3}]},
            "questions.a",
            id="words with a score",
        ),
        pytest.param(
            {"questions": [{"key": "a", "kind": "scale", "scale": "agreement", "text": {"en": "?"}, "standard": 9}]},
            "questions.a",
            id="a ninth standard",
        ),
    ],
)
def test_a_questionnaire_that_cannot_be_asked_is_refused_with_the_field(change: dict[str, Any], field: str) -> None:
    assert field in {where for where, _ in problems(read({**survey(), **change}))}


@pytest.mark.parametrize(
    ("given_", "closed", "words", "wrong"),
    [
        pytest.param({"s1_1": "3", "caseload": " 12 "}, {"s1_1": 3, "caseload": 12}, {}, [], id="as a form sends it"),
        pytest.param({"s1_1": 3}, {"s1_1": 3}, {}, [], id="as JSON sends it"),
        pytest.param({"s1_1": "", "s1_2": None, "change": "  "}, {}, {}, [], id="left out is not answered"),
        pytest.param({"s1_1": 5}, {}, {}, ["s1_1"], id="beyond the scale"),
        pytest.param({"s1_1": -1}, {}, {}, ["s1_1"], id="below the scale"),
        pytest.param({"s1_1": True}, {}, {}, ["s1_1"], id="no number"),
        pytest.param({"s1_1": "1e9"}, {}, {}, ["s1_1"], id="a number in disguise"),
        pytest.param({"caseload": 10_000}, {}, {}, ["caseload"], id="more cases than there can be"),
        pytest.param({"what": 1}, {}, {}, ["what"], id="an unknown question"),
        pytest.param({"change": "Less\r\npaper"}, {}, {"change": "Less\npaper"}, [], id="words"),
        pytest.param({"change": "<script>alert(1)</script>"}, {}, {}, ["change"], id="a script"),
        pytest.param({"change": "x" * 4001}, {}, {}, ["change"], id="too many words"),
        pytest.param({"change": "a\x00b"}, {}, {}, ["change"], id="a NUL"),
    ],
)
def test_answers_are_read_by_the_questionnaire(
    given_: dict[str, Any], closed: dict[str, Any], words: dict[str, str], wrong: list[str]
) -> None:
    answers = read_answers(SURVEY, given_)
    assert (answers.closed, answers.words, [key for key, _ in answers.problems]) == (closed, words, wrong)


def test_what_is_left_is_named_words_apart() -> None:
    closed = {question.key: 1 for question in SURVEY.questions if question.kind != "text"}
    assert unanswered(SURVEY, closed) == []
    del closed["s5_2"]
    assert unanswered(SURVEY, closed) == ["s5_2"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(["en-x-easy"], "en-x-easy", id="easy words"),
        pytest.param(["fr", "EN"], "en", id="the second wish, in capitals"),
        pytest.param(["en-GB"], "en", id="the main part of a tag"),
        pytest.param(["pl"], "en", id="none of the wishes"),
        pytest.param([], "en", id="no wish"),
    ],
)
def test_the_page_comes_in_the_best_language_there_is(wanted: list[str], found: str) -> None:
    assert best_language(wanted, SURVEY.languages) == found


def test_words_that_were_not_translated_fall_back_to_the_first_language() -> None:
    assert in_language({"en": "Yes", "cy": ""}, "cy", ["en", "cy"]) == "Yes"


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [pytest.param(9, 2.262, id="9"), pytest.param(20, 2.086, id="20"), pytest.param(120, 1.980, id="120")],
)
def test_quantiles_are_those_of_the_printed_table(freedom: float, quantile: float) -> None:
    assert student_quantile(freedom) == pytest.approx(quantile, abs=0.005)


def spread(*scores: int) -> Spread:
    return Spread.of([Fraction(score_) for score_ in scores])


def test_a_difference_of_two_small_samples_may_be_chance() -> None:
    found = compare(spread(*[50] * 6, *[75] * 6), spread(*[50] * 7, *[75] * 5))
    assert found is not None
    assert found.within_chance
    assert found.difference == pytest.approx(25 / 12)


def test_a_clear_difference_is_no_chance() -> None:
    found = compare(spread(*[75] * 10, *[100] * 10), spread(*[0] * 10, *[25] * 10))
    assert found is not None
    assert not found.within_chance


def test_groups_without_any_spread_differ_or_not() -> None:
    same, other = spread(*[50] * 10), spread(*[75] * 10)
    assert compare(same, same).within_chance  # type: ignore[union-attr] # both are large enough
    assert not compare(same, other).within_chance  # type: ignore[union-attr]


def test_a_group_that_is_too_small_is_not_compared() -> None:
    assert compare(spread(*[50] * 9), spread(*[75] * 50)) is None


@given(
    st.lists(st.sampled_from([0, 25, 50, 75, 100]), min_size=10, max_size=40),
    st.lists(st.sampled_from([0, 25, 50, 75, 100]), min_size=10, max_size=40),
)
def test_a_comparison_reads_the_same_from_both_sides(one: list[int], other: list[int]) -> None:
    there, back = compare(spread(*one), spread(*other)), compare(spread(*other), spread(*one))
    assert there is not None
    assert back is not None
    assert there.difference == pytest.approx(-back.difference)
    assert there.within_chance == back.within_chance
    assert there.least <= there.difference <= there.most


@pytest.mark.parametrize(
    ("opens", "closes", "closed", "wanted"),
    [
        pytest.param(0, 7, None, "open", id="on its first day"),
        pytest.param(-7, 0, None, "open", id="on its last day"),
        pytest.param(-8, -1, None, "closed", id="the day after"),
        pytest.param(1, 7, None, "planned", id="the day before"),
        pytest.param(-1, 7, 0, "closed", id="closed early"),
    ],
)
def test_answers_are_taken_from_the_first_day_to_the_last(
    opens: int, closes: int, closed: int | None, wanted: str
) -> None:
    closed_on = None if closed is None else TODAY + timedelta(days=closed)
    found = campaigns.state(TODAY + timedelta(days=opens), TODAY + timedelta(days=closes), closed_on, TODAY)
    assert found == wanted
    assert (campaigns.answer_problem(found) is None) == (wanted == "open")


@pytest.mark.parametrize(
    ("opens", "closes", "fine"),
    [
        pytest.param(0, 0, True, id="one day"),
        pytest.param(2, 1, False, id="closes before it opens"),
        pytest.param(-3, -1, False, id="over already"),
        pytest.param(0, 400, False, id="more than a year"),
    ],
)
def test_a_campaign_lasts_from_a_day_to_a_year(opens: int, closes: int, fine: bool) -> None:
    problem = campaigns.span_problem(TODAY + timedelta(days=opens), TODAY + timedelta(days=closes), TODAY)
    assert (problem is None) == fine


@pytest.mark.parametrize(
    ("due", "done", "dropped", "wanted"),
    [
        pytest.param(0, None, None, "agreed", id="on its last day"),
        pytest.param(-1, None, None, "overdue", id="the day after"),
        pytest.param(-1, -2, None, "done", id="done in time"),
        pytest.param(-5, 0, None, "done", id="done late"),
        pytest.param(-5, None, -1, "dropped", id="dropped"),
    ],
)
def test_an_action_is_overdue_from_the_day_after_its_last(
    due: int, done: int | None, dropped: int | None, wanted: str
) -> None:
    day = [None if n is None else TODAY + timedelta(days=n) for n in (due, done, dropped)]
    assert day[0] is not None
    assert actions.state(day[0], day[1], day[2], TODAY) == wanted
    assert (actions.change_problem(actions.state(day[0], day[1], day[2], TODAY)) is None) == (
        wanted in ("agreed", "overdue")
    )


THEMES = {
    "Waiting": ["I waited three weeks for a visit", "waiting for an answer takes too long"],
    "Kindness": ["the worker was kind and patient", "she listened and was very kind"],
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("We wait too long for visits", "Waiting", id="other forms of the words"),
        pytest.param("Such a kind worker", "Kindness", id="one rare word"),
        pytest.param("Parking is expensive", None, id="nothing alike"),
        pytest.param("", None, id="nothing at all"),
    ],
)
def test_a_text_is_suggested_to_the_theme_whose_words_it_shares(text: str, wanted: str | None) -> None:
    found = suggest(text, THEMES)
    assert (found[0][0] if found else None) == wanted
