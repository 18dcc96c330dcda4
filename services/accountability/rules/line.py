"""The line of accountability: who answers first, and to whom a thing moves when time runs out (clause 1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["line_manager", "head_of_service", "principal_social_worker", "director"]
Post: TypeAlias = Literal[
    "line_manager", "team", "service", "directorate", "principal_social_worker", "authority", "region"
]

LEVELS: tuple[Level, ...] = ("line_manager", "head_of_service", "principal_social_worker", "director")

_LEVEL_OF: dict[Post, Level] = {
    "line_manager": "line_manager",
    "team": "line_manager",
    "service": "head_of_service",
    "directorate": "head_of_service",
    "principal_social_worker": "principal_social_worker",
    "authority": "director",
    "region": "director",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Someone who holds a post on the way up: the worker's line manager, or whoever answers for a unit above.

    ``distance`` counts units upwards from where the matter lies (0 = that unit itself); ``left_on`` is the last day of
    employment, None while there is none.
    """

    post: Post
    distance: int
    worker_id: str
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Answerable:
    """A person who answers, and at which level."""

    role: Level
    worker_id: str


def line_of(candidates: Iterable[Candidate], about: str | None, today: date) -> tuple[Answerable, ...]:
    """The people who answer, from the nearest to the last; at most one a level, and nobody twice.

    Nobody who has left is on it, and nobody answers for a matter about themselves. The line manager comes first; where there
    is none at work, whoever answers for the unit stands in.
    """
    line: dict[Level, Answerable] = {}
    named: set[str] = set()
    for candidate in sorted(candidates, key=_nearest_first):
        level = _level(candidate)
        if level in line or candidate.worker_id in named or candidate.worker_id == about or _left(candidate, today):
            continue
        line[level] = Answerable(level, candidate.worker_id)
        named.add(candidate.worker_id)
    return tuple(line[level] for level in LEVELS if level in line)


def _nearest_first(candidate: Candidate) -> tuple[int, int]:
    return LEVELS.index(_level(candidate)), candidate.distance if candidate.post != "line_manager" else -1


def _level(candidate: Candidate) -> Level:
    """Whoever answers for the unit of the matter itself stands in for a line manager, whatever kind of unit it is."""
    return "line_manager" if candidate.distance == 0 and candidate.post in _UNITS else _LEVEL_OF[candidate.post]


_UNITS: frozenset[Post] = frozenset({"team", "service", "directorate", "authority", "region"})


def _left(candidate: Candidate, today: date) -> bool:
    return candidate.left_on is not None and candidate.left_on < today


def next_after(line: Sequence[Answerable], level: Level, worker_id: str | None) -> Answerable | None:
    """Who answers when time has run out at ``level``: the nearest above, never the same person; None at the end."""
    above = [one for one in line if LEVELS.index(one.role) > LEVELS.index(level) and one.worker_id != worker_id]
    return above[0] if above else None


def replacement(line: Sequence[Answerable], level: Level, worker_id: str | None) -> Answerable | None:
    """Who answers at ``level`` today: the same person while on the line, else the holder of the level, the nearest above
    or, failing that, the highest below; None when the line is empty.
    """
    for one in line:
        if one.role == level and one.worker_id == worker_id:
            return one
    at_or_above = [one for one in line if LEVELS.index(one.role) >= LEVELS.index(level)]
    if at_or_above:
        return at_or_above[0]
    return line[-1] if line else None


def is_principal_social_worker(job_role: str) -> bool:
    """Whether a job role, however it is written, is that of the principal social worker (clause 1.5)."""
    return " ".join(job_role.replace("-", " ").casefold().split()) == "principal social worker"
