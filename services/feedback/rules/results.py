"""What the answers of a campaign come to: tables by team with small numbers hidden, made once when it has closed (clause 1.3).

A team whose number of answers is hidden is hidden in every other table, too; a figure that too few of a team answered is hidden
on top of that. What everyone sees hides all that managers do not see, and more: both together tell what managers see anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, TypeAlias

from services.feedback.rules.answers import score, value_of
from services.feedback.rules.chance import Spread
from services.feedback.rules.questionnaires import Question, Questionnaire
from services.feedback.rules.scores import band, shown
from services.feedback.rules.suppression import INSIDE, OUTSIDE, TOTAL, Cell, hidden, rounded, with_margins

Table: TypeAlias = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Answered:
    """One person's answers that are no words, and the team that they are about."""

    unit: str
    closed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tally:
    """A figure of which each answer has one value, or none: a score, a question on a scale, a number."""

    name: str
    value: Callable[[Mapping[str, Any]], Fraction | None]
    scored: bool = True


@dataclass(frozen=True, slots=True)
class Results:
    """What managers see, what everyone sees, and the spreads that comparisons need and nobody sees."""

    inside: dict[str, Any]
    outside: dict[str, Any]
    spreads: dict[str, dict[str, list[float]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Counted:
    """The tables of a campaign before anything is hidden: answers by team, and by team and option of each choice."""

    units: list[str]
    figures: Mapping[str, Mapping[str, list[Fraction]]]
    answers: Mapping[Cell, int]
    choices: Mapping[str, Mapping[Cell, int]]


def results(questionnaire: Questionnaire, units: Sequence[str], answered: Sequence[Answered]) -> Results:
    """The tables of a closed campaign, for those who manage and for everyone."""
    counted = _count(questionnaire, sorted(set(units)), answered)
    inside = _Hidden.of(counted, INSIDE, None)
    outside = _Hidden.of(counted, OUTSIDE, inside)
    spreads = {name: _spreads(by_unit) for name, by_unit in counted.figures.items()}
    return Results(_tables(questionnaire, counted, inside), _tables(questionnaire, counted, outside), spreads)


def tallies(questionnaire: Questionnaire) -> list[Tally]:
    """Every figure that a questionnaire has: a score of each standard, each question on a scale, each number."""
    scores = [Tally(f"standard_{number}", partial(score, questionnaire, number)) for number in questionnaire.standards]
    items = [Tally(one.key, partial(value_of, questionnaire, one)) for one in questionnaire.of_kind("scale")]
    numbers = [Tally(one.key, partial(_number, one), scored=False) for one in questionnaire.of_kind("number")]
    return [*scores, *items, *numbers]


def _number(question: Question, closed: Mapping[str, Any]) -> Fraction | None:
    value = closed.get(question.key)
    return None if value is None else Fraction(value)


def _count(questionnaire: Questionnaire, units: list[str], answered: Sequence[Answered]) -> _Counted:
    of = {unit: [one.closed for one in answered if one.unit == unit] for unit in units}
    figures = {
        tally.name: {unit: [v for closed in of[unit] if (v := tally.value(closed)) is not None] for unit in units}
        for tally in tallies(questionnaire)
    }
    everyone = {(unit, "answers"): len(of[unit]) for unit in units}
    choices = {
        question.key: {
            (unit, key): sum(closed.get(question.key) == key for closed in of[unit])
            for unit in units
            for key, _ in question.options
        }
        for question in questionnaire.of_kind("choice")
    }
    return _Counted(units, figures, everyone, choices)


@dataclass(frozen=True, slots=True)
class _Hidden:
    """What one readership does not see: teams, teams in a figure, and cells of choices. ``TOTAL`` = all teams together."""

    rows: set[str]
    figures: Mapping[str, set[str]]
    cells: Mapping[str, set[Cell]]

    @classmethod
    def of(cls, counted: _Counted, limit: int, before: _Hidden | None) -> _Hidden:
        """What to hide below a limit, and what is hidden already at a lower one."""
        rows = _hidden_rows(counted.answers, limit, before.rows if before else set())
        figures = {}
        for name, by_unit in counted.figures.items():
            counts = {(unit, name): len(found) for unit, found in by_unit.items()}
            figures[name] = _hidden_rows(counts, limit, rows | (before.figures[name] if before else set()))
        cells = {
            name: _of_choice(table, limit, rows, before.cells[name] if before else set())
            for name, table in counted.choices.items()
        }
        return cls(rows, figures, cells)


def _hidden_rows(counts: Mapping[Cell, int], limit: int, already: set[str]) -> set[str]:
    """The rows of a table of one column that must not be shown."""
    table = with_margins(counts)
    rows = {row for row, _ in hidden(table, limit, [cell for cell in table if cell[0] in already])}
    return rows | already


def _of_choice(counts: Mapping[Cell, int], limit: int, rows: set[str], before: set[Cell]) -> set[Cell]:
    table = with_margins(counts)
    already = {cell for cell in table if cell[0] in rows} | before
    return hidden(table, limit, already)


def _tables(questionnaire: Questionnaire, counted: _Counted, unseen: _Hidden) -> dict[str, Any]:
    whole = with_margins(counted.answers)
    scored = {tally.name: tally.scored for tally in tallies(questionnaire)}

    def row(unit: str) -> dict[str, Any]:
        figures = {
            name: None if unit in unseen.figures[name] else _figure(_scores(by_unit, unit), scored=scored[name])
            for name, by_unit in counted.figures.items()
        }
        return {"answers": None if unit in unseen.rows else rounded(whole[unit, TOTAL]), "figures": figures}

    choices = {name: _choice(counted.choices[name], unseen.cells[name]) for name in counted.choices}
    return {"rows": {unit: row(unit) for unit in (*counted.units, TOTAL)}, "choices": choices}


def _choice(counts: Mapping[Cell, int], unseen: set[Cell]) -> Table:
    table = with_margins(counts)
    shown_table: Table = {}
    for (row, column), count in sorted(table.items(), key=str):
        shown_table.setdefault(str(row), {})[str(column)] = None if (row, column) in unseen else rounded(count)
    return shown_table


def _scores(by_unit: Mapping[str, list[Fraction]], unit: str) -> list[Fraction]:
    return [value for values in by_unit.values() for value in values] if unit == TOTAL else by_unit[unit]


def _figure(scores: list[Fraction], *, scored: bool) -> dict[str, Any] | None:
    if not scores:
        return None
    exact = sum(scores, Fraction(0)) / len(scores)
    return {"score": shown(exact), "band": band(exact)} if scored else {"mean": shown(exact)}


def _spreads(by_unit: Mapping[str, list[Fraction]]) -> dict[str, list[float]]:
    found = {unit: Spread.of(_scores(by_unit, unit)) for unit in (*by_unit, TOTAL)}
    return {unit: [spread.answers, spread.total, spread.squares] for unit, spread in found.items()}


def seen_rows(tables: Mapping[str, Any]) -> set[str]:
    """The teams whose number of answers is shown."""
    return {unit for unit, row in tables["rows"].items() if row["answers"] is not None}


def theme_table(units: Sequence[str], people: Mapping[str, int], inside: Mapping[str, Any]) -> dict[str, int | None]:
    """How many people wrote so, by team and altogether, for those who manage; hidden teams stay hidden."""
    counts: dict[Cell, int] = {(unit, "people"): people.get(unit, 0) for unit in units}
    whole = with_margins(counts)
    unseen = _hidden_rows(counts, INSIDE, set(inside["rows"]) - seen_rows(inside))
    return {unit: None if unit in unseen else rounded(whole[unit, TOTAL]) for unit in (*units, TOTAL)}
