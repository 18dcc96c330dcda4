"""What a register is to this service: something that is asked in lists and answers with a file (clause 7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from services.registration.rules.status import Status


@dataclass(frozen=True, slots=True)
class Found:
    """What a register's answer says in one line. ``name`` is compared and forgotten; ``extra`` are the columns not known here."""

    line: int
    number: str
    status: Status
    valid_until: date | None
    name: str
    annotations: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line that was not taken, and what to do about it. The header is line 1."""

    line: int
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A register's answer, line by line."""

    found: Sequence[Found]
    problems: Sequence[LineProblem]


class UnreadableAnswerError(Exception):
    """The file as a whole is no answer of this register; the message says what to do."""


class RegisterSource(Protocol):
    """One register: how many numbers it takes at once, how to ask it, how to read what it answers.

    Another register is plugged in as another value of this shape, in ``registers``.
    """

    @property
    def name(self) -> str:
        """What the source is called in this deployment."""
        ...

    @property
    def most_at_once(self) -> int:
        """How many numbers one search takes."""
        ...

    def question(self, numbers: Sequence[str]) -> str:
        """What a person enters into the register's search."""
        ...

    def read(self, content: bytes) -> Answer:
        """The register's download; raises UnreadableAnswerError when it is none."""
        ...


def lists_of(numbers: Sequence[str], most_at_once: int) -> list[list[str]]:
    """Numbers in lists that a register takes at once, in order."""
    ordered = sorted(set(numbers))
    return [ordered[start : start + most_at_once] for start in range(0, len(ordered), most_at_once)]
