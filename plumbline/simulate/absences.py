"""When people are away: short illnesses, holidays, and the few long absences that supervision has to allow for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from plumbline.simulate.chance import stream
from plumbline.simulate.plan import Absence, Person
from plumbline.simulate.shape import Size


def plan_absences(people: Sequence[Person], size: Size, seed: int, today: date) -> tuple[Absence, ...]:
    """Every absence of the history: nobody is absent twice on a day, or outside of employment."""
    long_away = _long_absences(people, size, stream(seed, size.name, "long absence"), today)
    found = list(long_away.values())
    for person in people:
        chance = stream(seed, size.name, "absence", person.ref)
        taken = [long_away[person.ref]] if person.ref in long_away else []
        found += _others(person, chance, today, taken)
    return tuple(sorted(found, key=lambda absence: (absence.first, absence.person)))


def _long_absences(people: Sequence[Person], size: Size, chance: Random, today: date) -> dict[str, Absence]:
    """A few are away for months; the first of them still is."""
    settled = [p for p in people if not (p.left or p.is_agency or p.newly_qualified or p.career_stage == "manager")]
    away: dict[str, Absence] = {}
    for n, person in enumerate(chance.sample(settled, size.long_absences)):
        reason, weeks = chance.choice((("sickness", 9), ("sickness", 14), ("maternity leave", 34)))
        length = timedelta(weeks=min(weeks, size.history_days // 9))
        first = today - length + timedelta(weeks=2) if n == 0 else _start(person, chance, today - length)
        away[person.ref] = Absence(person.ref, first, first + length, reason)
    return away


def _others(person: Person, chance: Random, today: date, taken: list[Absence]) -> Iterator[Absence]:
    months = (today - _earliest(person)).days / 30
    for reason, a_month, longest in (("sickness", 0.16, 5), ("annual leave", 0.2, 14), ("training", 0.04, 2)):
        for _ in range(_how_many(chance, months * a_month)):
            first = _start(person, chance, today)
            absence = Absence(person.ref, first, first + timedelta(days=chance.randint(0, longest)), reason)
            if _fits(absence, person, taken):
                taken.append(absence)
                yield absence


def _how_many(chance: Random, mean: float) -> int:
    return int(mean) + (chance.random() < mean % 1)


def _earliest(person: Person) -> date:
    return min(max(person.started_on, person.monitored_from), person.ended_on or date.max)


def _start(person: Person, chance: Random, latest: date) -> date:
    first = _earliest(person)
    last = min(latest, person.ended_on or latest)
    return first + timedelta(days=chance.randint(0, max(0, (last - first).days)))


def _fits(absence: Absence, person: Person, taken: Sequence[Absence]) -> bool:
    apart = all(absence.last < other.first or other.last < absence.first for other in taken)
    return apart and (person.ended_on is None or absence.last <= person.ended_on)
