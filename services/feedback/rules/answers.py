"""What somebody answered: read by the questionnaire, complete or not, and scored by standard (clause 1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from services.feedback.rules.questionnaires import MOST_NUMBER, Question, Questionnaire
from services.feedback.rules.scores import mean
from services.feedback.rules.words import words_problem

Closed: TypeAlias = dict[str, int | str]
"""Answers that are no words: the place on a scale (0 = least), the key of an option, a number."""

MOST_WORDS = 4000
NOT_THERE = "There is no such question here."


@dataclass(frozen=True, slots=True)
class Answers:
    """What was given, and what could not be taken: the question and why."""

    closed: Closed = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)


def read_answers(questionnaire: Questionnaire, given: Mapping[str, Any]) -> Answers:
    """Answers by question; what is left empty is not answered, and no default is put in its place."""
    answers = Answers()
    known = {question.key: question for question in questionnaire.questions}
    for key, value in given.items():
        if key not in known:
            answers.problems.append((key[:60], NOT_THERE))
        elif value is not None and value != "":
            _take(answers, questionnaire, known[key], value)
    return answers


def _take(answers: Answers, questionnaire: Questionnaire, question: Question, value: Any) -> None:
    if question.kind == "text":
        words = str(value).replace("\r\n", "\n").strip()
        problem = _words_problem(words)
        if problem is None and words:
            answers.words[question.key] = words
    else:
        taken, problem = _closed(questionnaire, question, value)
        if taken is not None:
            answers.closed[question.key] = taken
    if problem:
        answers.problems.append((question.key, problem))


def _words_problem(words: str) -> str | None:
    if len(words) > MOST_WORDS:
        return f"Write at most {MOST_WORDS:,} characters."
    return words_problem(words)


def _closed(questionnaire: Questionnaire, question: Question, value: Any) -> tuple[int | str | None, str | None]:
    if question.kind == "choice":
        keys = [key for key, _ in question.options]
        return (value, None) if value in keys else (None, "Choose one of the options.")
    last = MOST_NUMBER if question.kind == "number" else len(questionnaire.scales[question.scale or ""].values) - 1
    number = _whole(value)
    if number is not None and 0 <= number <= last:
        return number, None
    return None, f"Answer with a whole number from 0 to {last}."


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, int):
        return value
    text = value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def anything(answers: Answers) -> bool:
    """Whether anything was answered at all."""
    return bool(answers.closed or answers.words)


def unanswered(questionnaire: Questionnaire, closed: Mapping[str, Any]) -> list[str]:
    """The questions that are left, those for words apart."""
    return [
        question.key for question in questionnaire.questions if question.kind != "text" and question.key not in closed
    ]


def value_of(questionnaire: Questionnaire, question: Question, closed: Mapping[str, Any]) -> Fraction | None:
    """What the answer to a question on a scale is worth; None without one."""
    place = closed.get(question.key)
    return None if place is None else questionnaire.scales[question.scale or ""].values[int(place)]


def score(questionnaire: Questionnaire, standard: int, closed: Mapping[str, Any]) -> Fraction | None:
    """One person's score of a standard; None while any of its questions is unanswered: incomplete is never a zero."""
    questions: Iterable[Question] = questionnaire.of_standard(standard)
    return mean(value_of(questionnaire, question, closed) for question in questions)
