"""Questionnaires as data: questions, scales, choices and their words in several languages (clause 1.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from services.feedback.rules.scores import even_values, scale_problem

Kind: TypeAlias = Literal["scale", "choice", "text", "number"]
Texts: TypeAlias = Mapping[str, str]
"""The same words by language, such as ``en``, ``cy`` or, in easy words, ``en-x-easy``."""

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
STANDARDS = range(1, 9)
MOST_NUMBER = 1000


@dataclass(frozen=True, slots=True)
class Scale:
    """The points of a scale, from the least to the most agreement, each worth 0 to 100."""

    labels: tuple[Texts, ...]
    values: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``options`` are the keys of a choice with their words, ``standard`` the one that it asks about."""

    key: str
    kind: Kind
    text: Texts
    standard: int | None = None
    scale: str | None = None
    options: tuple[tuple[str, Texts], ...] = ()

    @property
    def scored(self) -> bool:
        """Whether it counts towards the score of a standard."""
        return self.kind == "scale" and self.standard is not None


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of a questionnaire; the first language is the one that everything falls back to."""

    title: Texts
    introduction: Texts
    languages: tuple[str, ...]
    scales: Mapping[str, Scale]
    questions: tuple[Question, ...]

    @property
    def standards(self) -> list[int]:
        """The standards that it scores."""
        return sorted({question.standard for question in self.questions if question.scored and question.standard})

    def of_standard(self, standard: int) -> list[Question]:
        """The questions that make the score of a standard."""
        return [question for question in self.questions if question.scored and question.standard == standard]

    def of_kind(self, kind: Kind) -> list[Question]:
        """The questions of a kind, in their order."""
        return [question for question in self.questions if question.kind == kind]


def read(content: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire that a document describes; a scale without values has its points evenly between 0 and 100."""
    return Questionnaire(
        title=content["title"],
        introduction=content.get("introduction") or {},
        languages=tuple(content["languages"]),
        scales={name: _scale(scale) for name, scale in content.get("scales", {}).items()},
        questions=tuple(_question(question) for question in content["questions"]),
    )


def _scale(content: Mapping[str, Any]) -> Scale:
    labels = tuple(content["labels"])
    given = content.get("values")
    even = even_values(len(labels)) if len(labels) > 1 else (Fraction(0),)
    return Scale(labels, tuple(Fraction(str(value)) for value in given) if given else even)


def _question(content: Mapping[str, Any]) -> Question:
    options = tuple((option["key"], option["text"]) for option in content.get("options") or ())
    standard, scale = content.get("standard"), content.get("scale")
    return Question(content["key"], content["kind"], content["text"], standard, scale, options)


def in_language(texts: Texts, language: str, languages: Sequence[str]) -> str:
    """Words in a language; in the first language of the questionnaire where they were not put into that one."""
    return texts.get(language) or texts.get(languages[0]) or next(iter(texts.values()), "")


def best_language(wanted: Sequence[str], languages: Sequence[str]) -> str:
    """The first language wanted that there is, exactly or in its main part; else the questionnaire's first."""
    for one in wanted:
        for there_is in languages:
            if there_is.lower() == one.lower():
                return there_is
    mains = {there_is.lower(): there_is for there_is in languages}
    return next((mains[main] for one in wanted if (main := one.lower().split("-")[0]) in mains), languages[0])


def problems(content: Questionnaire) -> list[tuple[str, str]]:
    """What is wrong with a questionnaire: the field, and what to do."""
    return [*_language_problems(content), *_scale_problems(content), *_question_problems(content)]


def _language_problems(content: Questionnaire) -> Iterator[tuple[str, str]]:
    if not content.languages or len(set(content.languages)) < len(content.languages):
        yield "languages", "Name at least one language, each once."
        return
    for language in content.languages:
        if not LANGUAGE.fullmatch(language):
            yield "languages", f"{language} is no language tag such as en, cy or en-x-easy."
    first = content.languages[0]
    for field, texts in _all_texts(content):
        if not texts.get(first, "").strip():
            yield field, f"Write it in {first}, the first language: every other falls back to that."
        if unknown := sorted(set(texts) - set(content.languages)):
            yield field, f"{', '.join(unknown)} is not among the languages."


def _all_texts(content: Questionnaire) -> Iterator[tuple[str, Texts]]:
    yield "title", content.title
    if content.introduction:
        yield "introduction", content.introduction
    for name, scale in content.scales.items():
        yield from ((f"scales.{name}.labels.{place}", label) for place, label in enumerate(scale.labels))
    for question in content.questions:
        yield f"questions.{question.key}.text", question.text
        yield from ((f"questions.{question.key}.options.{key}", text) for key, text in question.options)


def _scale_problems(content: Questionnaire) -> Iterator[tuple[str, str]]:
    for name, scale in content.scales.items():
        if len(scale.labels) != len(scale.values):
            yield f"scales.{name}", "Give each point of the scale one label and one value."
        elif problem := scale_problem(scale.values):
            yield f"scales.{name}", problem


def _question_problems(content: Questionnaire) -> Iterator[tuple[str, str]]:
    keys = [question.key for question in content.questions]
    for question in content.questions:
        field = f"questions.{question.key}"
        if not KEY.fullmatch(question.key) or keys.count(question.key) > 1:
            yield field, "A key is a short word in lower case, and stands for one question."
        if question.standard is not None and question.standard not in STANDARDS:
            yield field, "There are eight standards."
        yield from ((field, problem) for problem in _kind_problems(content, question))


def _kind_problems(content: Questionnaire, question: Question) -> Iterator[str]:
    if question.kind == "scale" and question.scale not in content.scales:
        yield "Name one of the scales of this questionnaire."
    if question.kind == "choice":
        keys = [key for key, _ in question.options]
        if len(set(keys)) < max(2, len(keys)) or not all(KEY.fullmatch(key) for key in keys):
            yield "A choice has at least two options, each with a key of its own."
    if question.standard is not None and question.kind != "scale":
        yield "Only questions with a scale count towards a standard."
