"""What a register's answer says about the list that was asked (clause 7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.registration.rules.names import LIKELY_THE_SAME, name_score
from services.registration.rules.sources import Answer, Found, LineProblem
from services.registration.rules.status import Reading, read_on


@dataclass(frozen=True, slots=True)
class Compared:
    """One line about a number that was asked: what it proves on the day, and how far the name agrees, if it could be compared."""

    found: Found
    reading: Reading
    name_score: int | None

    @property
    def name_differs(self) -> bool:
        """Whether a person has to look before the line is believed."""
        return self.name_score is not None and self.name_score < LIKELY_THE_SAME


@dataclass(frozen=True, slots=True)
class Report:
    """An answer beside its question."""

    compared: Sequence[Compared]
    missing: Sequence[str]
    problems: Sequence[LineProblem]


def compare(asked: Sequence[str], answer: Answer, names: Mapping[str, str], on: date, lag_days: int) -> Report:
    """Hold an answer against the list. ``names`` are ours, by number; a number without one is not compared.

    A line that cannot be understood still counts as an answer about nobody: its number is reported as missing.
    """
    wanted = set(asked)
    compared = [_compared(found, names, on, lag_days) for found in answer.found if found.number in wanted]
    strays = [
        LineProblem(found.line, "number", "was not on the list; ask for it in a list of its own")
        for found in answer.found
        if found.number not in wanted
    ]
    answered = {one.found.number for one in compared}
    missing = [number for number in asked if number not in answered]
    return Report(compared, missing, sorted([*answer.problems, *strays], key=lambda problem: problem.line))


def _compared(found: Found, names: Mapping[str, str], on: date, lag_days: int) -> Compared:
    ours = names.get(found.number, "")
    score = name_score(ours, found.name) if ours and found.name else None
    return Compared(found, read_on(found.status, found.valid_until, on, lag_days), score)
