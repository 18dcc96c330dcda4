"""The best workers for each of many waiting cases: the ranking of one case at a time, without repeating what they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from heapq import nsmallest
from uuid import UUID

from services.allocation.rules.load import Cases
from services.allocation.rules.recommendation import (
    Candidate,
    Judged,
    Ranked,
    effect_of,
    judge,
    place_of,
    ranked,
    ties_of,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that nobody holds: what it weighs, what it asks for, where it lies, and who held it before."""

    case: Cases
    skills: frozenset[str]
    org_unit_id: UUID
    held_before: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Best:
    """The best few of all who could take a case."""

    eligible: int
    first: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class _Field:
    """Everyone who could take a case of one kind, best first, and by what ties a worker to a case."""

    by_id: Mapping[UUID, Judged]
    by_unit: Mapping[UUID, Sequence[Judged]]
    by_skills: Mapping[frozenset[str], Sequence[Judged]]


def recommend_each(
    waiting: Sequence[Waiting], candidates: Sequence[Candidate], units: Mapping[UUID, UUID], best: int
) -> list[Best]:
    """The best workers for each case, as if it were the only one. ``units`` says where each candidate works."""
    fields: dict[Cases, _Field] = {}
    found = []
    for one in waiting:
        kind = replace(one.case, name="")
        if kind not in fields:
            fields[kind] = _field(judge(kind, candidates)[0], units)
        found.append(_best(one, fields[kind], units, best))
    return found


def _field(judged: list[Judged], units: Mapping[UUID, UUID]) -> _Field:
    judged.sort(key=lambda who: place_of(who, Decimal(0)))
    by_unit: defaultdict[UUID, list[Judged]] = defaultdict(list)
    by_skills: defaultdict[frozenset[str], list[Judged]] = defaultdict(list)
    for who in judged:
        by_unit[units[who.candidate.worker_id]].append(who)
        by_skills[who.candidate.skills].append(who)
    return _Field({who.candidate.worker_id: who for who in judged}, by_unit, by_skills)


def _best(one: Waiting, field: _Field, units: Mapping[UUID, UUID], best: int) -> Best:
    contenders = list(_contenders(one, field, best))
    effects = _effects(one, contenders, units)
    first = nsmallest(best, zip(contenders, effects, strict=True), key=lambda both: place_of(*both))
    ties = [ties_of(one.skills, _tied(one, who.candidate, units)) for who, _ in first]
    places = zip(range(1, best + 1), first, ties, strict=False)
    return Best(len(field.by_id), tuple(ranked(who, binding, n) for n, (who, _), binding in places))


def _effects(one: Waiting, contenders: Iterable[Judged], units: Mapping[UUID, UUID]) -> list[Decimal]:
    """By how much each is tied to the case; few differ in that, so each difference is weighed once."""
    weighed: dict[tuple[int, bool, bool], Decimal] = {}
    effects = []
    for who in contenders:
        who_id = who.candidate.worker_id
        skills = len(one.skills & who.candidate.skills)
        difference = (skills, who_id in one.held_before, units[who_id] == one.org_unit_id)
        if difference not in weighed:
            weighed[difference] = effect_of(ties_of(one.skills, _tied(one, who.candidate, units)))
        effects.append(weighed[difference])
    return effects


def _contenders(one: Waiting, field: _Field, best: int) -> Iterable[Judged]:
    """Nobody else can be among the best: whoever has the same skills and neither works in the team of the case nor held it
    comes after the first few with those skills."""
    found = {who.candidate.worker_id: who for alike in field.by_skills.values() for who in alike[:best]}
    found |= {who.candidate.worker_id: who for who in field.by_unit.get(one.org_unit_id, ())}
    return (found | {who: field.by_id[who] for who in one.held_before if who in field.by_id}).values()


def _tied(one: Waiting, candidate: Candidate, units: Mapping[UUID, UUID]) -> Candidate:
    held, in_team = candidate.worker_id in one.held_before, units[candidate.worker_id] == one.org_unit_id
    return replace(candidate, in_team=in_team, held_before=held)
