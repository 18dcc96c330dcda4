"""Who works in the authority: teams with their managers, stages of a career, hours, comings and goings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from plumbline.simulate.chance import stream, weighted
from plumbline.simulate.names import AUTHORITIES, full_names, mailbox
from plumbline.simulate.plan import Person, Unit, Vacancy
from plumbline.simulate.shape import Size

FULL_TIME = Decimal(37)
HOURS = {FULL_TIME: 72.0, Decimal("29.6"): 10.0, Decimal("22.2"): 11.0, Decimal("18.5"): 7.0}
DIRECTOR_STARTED_DAYS_AGO = 2557
"""The director's first day tells on which day a plan was made: a second run on another day makes the same plan."""
NOT_MONITORED = date(2100, 1, 1)
"""The director is supervised by nobody whom the authority employs."""


@dataclass(frozen=True, slots=True)
class Staff:
    """The people and units of a plan."""

    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    vacancies: tuple[Vacancy, ...]


def plan_staff(size: Size, seed: int, code: str, today: date) -> Staff:
    """Units from the top down, and people with managers before those whom they manage."""
    chance = stream(seed, size.name, "staff")
    name = AUTHORITIES[seed % len(AUTHORITIES)]
    recruits = _Recruits(code, name, full_names(chance, size.workers), chance, today, size.history_days)
    units, people = _leadership(size, code, name, recruits)
    teams = [(unit, team) for unit in units if unit.kind == "team" for team in size.teams if team.name == unit.name]
    for unit, team in teams:
        manager = next(person for person in people if person.ref == unit.accountable)
        people += [recruits.practitioner(unit, manager) for _ in range(team.staff)]
    people = _with_special_terms(people, size, chance, today)
    return Staff(tuple(units), tuple(people), tuple(_vacancies(people, size, code, chance)))


class _Recruits:
    """Takes on one person after the other."""

    def __init__(self, code: str, authority: str, names: list[str], chance: Random, today: date, history: int) -> None:
        self._code, self._authority, self._chance = code, authority, chance
        self._names, self._numbers = iter(names), count(1)
        self._today, self._history_from = today, today - timedelta(days=history)

    def _person(self, unit: str, manager: str | None, role: str, stage: str, started_on: date) -> Person:
        number, name = next(self._numbers), next(self._names)
        return Person(
            ref=f"{self._code}-{number:03d}",
            name=name,
            email=mailbox(name, self._authority),
            unit=unit,
            manager=manager,
            job_role=role,
            career_stage=stage,
            newly_qualified=False,
            is_social_worker=True,
            registration_number=f"SW{self._chance.randrange(10_000, 160_000)}",
            is_agency=False,
            hours=FULL_TIME,
            started_on=started_on,
            ended_on=None,
            monitored_from=max(started_on, self._history_from),
        )

    def director(self, unit: str) -> Person:
        """The head of it all."""
        started_on = self._today - timedelta(days=DIRECTOR_STARTED_DAYS_AGO)
        person = self._person(unit, None, "director of social services", "manager", started_on)
        return replace(person, monitored_from=NOT_MONITORED)

    def leader(self, unit: str, manager: str, role: str) -> Person:
        """The principal social worker, a head of service or a team manager."""
        return self._person(unit, manager, role, "manager", self._long_ago(700, 5200))

    def practitioner(self, unit: Unit, manager: Person) -> Person:
        """Someone who does the work of a team."""
        stage = weighted(self._chance, {"practitioner": 70.0, "senior_practitioner": 30.0})
        role = "senior social worker" if stage == "senior_practitioner" else "social worker"
        started_on = self._long_ago(820 if stage == "senior_practitioner" else 410, 4800)
        person = self._person(unit.ref, manager.ref, role, stage, started_on)
        return replace(person, hours=weighted(self._chance, HOURS))

    def _long_ago(self, least: int, most: int) -> date:
        return self._today - timedelta(days=self._chance.randint(least, most))


def _leadership(size: Size, code: str, name: str, recruits: _Recruits) -> tuple[list[Unit], list[Person]]:
    top = f"{code}-U00"
    director = recruits.director(top)
    people = [director, recruits.leader(top, director.ref, "principal social worker")]
    units = [Unit(top, f"{name} Council", "authority", None, director.ref)]
    numbers = count(1)
    for service in size.services:
        unit = f"{code}-U{next(numbers):02d}"
        head = recruits.leader(unit, director.ref, "head of service")
        people.append(head)
        units.append(Unit(unit, service.name, "service", top, head.ref))
        for team in service.teams:
            ref = f"{code}-U{next(numbers):02d}"
            manager = recruits.leader(ref, head.ref, "team manager")
            people.append(manager if team.manager_is_social_worker else _therapist(manager))
            units.append(Unit(ref, team.name, "team", unit, manager.ref))
    return units, people


def _therapist(person: Person) -> Person:
    role = "team manager, occupational therapist"
    return replace(person, job_role=role, is_social_worker=False, registration_number=None)


def _with_special_terms(people: list[Person], size: Size, chance: Random, today: date) -> list[Person]:
    """Some of the staff have left, some are newly qualified, some come from an agency: nobody is two of these."""
    staff = [person.ref for person in people if person.career_stage != "manager"]
    wanted = size.leavers + size.newly_qualified + size.agency
    chosen = iter(chance.sample(staff, wanted))
    changed: dict[str, Person] = {}
    by_ref = {person.ref: person for person in people}
    for person in (by_ref[next(chosen)] for _ in range(size.leavers)):
        changed[person.ref] = _leaver(person, chance, today, size.history_days)
    for n in range(size.newly_qualified):
        changed_person = _newly_qualified(by_ref[next(chosen)], chance, today, n / size.newly_qualified)
        changed[changed_person.ref] = changed_person
    for person in (by_ref[next(chosen)] for _ in range(size.agency)):
        changed[person.ref] = _agency(person, chance, today)
    return [changed.get(person.ref, person) for person in people]


def _leaver(person: Person, chance: Random, today: date, history: int) -> Person:
    return replace(person, ended_on=today - timedelta(days=chance.randint(5, history - 20)))


def _newly_qualified(person: Person, chance: Random, today: date, share: float) -> Person:
    """Cohorts begin all through the year, so that some are in their weeks, some in their fortnights, some past both."""
    started_on = today - timedelta(days=20 + int(share * 300) + chance.randint(0, 14))
    return replace(
        person,
        job_role="social worker, assessed and supported year",
        career_stage="asye",
        newly_qualified=True,
        hours=FULL_TIME,
        started_on=started_on,
        monitored_from=max(started_on, person.monitored_from),
    )


def _agency(person: Person, chance: Random, today: date) -> Person:
    started_on = today - timedelta(days=chance.randint(25, 300))
    return replace(
        person,
        job_role="agency social worker",
        career_stage="practitioner",
        is_agency=True,
        hours=FULL_TIME,
        started_on=started_on,
        monitored_from=max(started_on, person.monitored_from),
    )


def _vacancies(people: list[Person], size: Size, code: str, chance: Random) -> Iterator[Vacancy]:
    """The posts of those who left come first; the rest were never filled."""
    leavers = [person for person in people if person.ended_on]
    others = [person for person in people if person.career_stage == "practitioner" and not person.ended_on]
    for n, person in enumerate((leavers + chance.sample(others, size.vacancies))[: size.vacancies], 1):
        since = person.ended_on + timedelta(days=1) if person.ended_on else person.monitored_from
        fte = (person.hours / FULL_TIME).quantize(Decimal("0.01"))
        yield Vacancy(f"{code}-P{n:02d}", person.unit, "social worker", fte, since)
