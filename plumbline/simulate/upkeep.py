"""What an authority keeps beside cases and supervision: registration, learning, safety, and what its teams are provided with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from plumbline.simulate.chance import stream, weighted
from plumbline.simulate.plan import Concern, Entry, Incident, Learning, Person, Provision, Unit, Upkeep, Year
from plumbline.simulate.shape import Size

RENEWED, FILED, UNFINISHED = "renewed", "filed", "unfinished"
_RENEWALS = {RENEWED: 92.0, FILED: 5.0, UNFINISHED: 3.0}
_LEARNED = (
    ("Trauma-informed conversations with parents", "I ask about strengths first now, and families say more."),
    ("Court report writing", "My last statement was filed without a question from the court."),
    ("Group supervision on neglect", "A colleague's genogram showed me what I had missed in my own case."),
    ("Shadowing the approved mental health team", "I know whom to ring before a crisis and not after it."),
    ("Reading about professional curiosity", "I went back to one home and looked at the kitchen myself."),
    ("Motivational interviewing, second day", "I talk less in the first ten minutes."),
)
_PEERS = ("My manager asked what I would do differently, and I had an answer.", "We compared how we record it.")
_CONCERNS = (
    ("workload", "Two of us cover the work of four since the summer."),
    ("resources", "There is one car for eleven visits a day."),
    ("operations", "Duty calls are passed on by paper again since the system changed."),
)
_HAPPENED = (
    ("verbal_abuse", "telephone", "A father shouted and said that he knew where I park."),
    ("threat", "home_visit", "A dog was let out of its room while I stood in the hall."),
    ("physical_violence", "office", "A chair was thrown; it hit my arm."),
    ("harassment", "online", "My photograph was posted with a caption."),
)
_ITEMS = ("quiet_room", "confidential_room", "room_safety", "equipment", "mobile_phone", "transport")
_STATES = {"met": 78.0, "partly": 15.0, "missing": 7.0}


def plan_upkeep(units: Sequence[Unit], people: Sequence[Person], size: Size, seed: int, today: date) -> Upkeep:
    """The upkeep of an authority on a day."""
    chance = stream(seed, size.name, "upkeep")
    here = [person for person in people if not person.left]
    staff = [person for person in here if person.career_stage != "manager"]
    entries = tuple(_entries(here, chance, today))
    return Upkeep(
        entries=entries,
        learnings=tuple(_learnings(staff, chance, today)),
        years=tuple(_years(staff, units, today)),
        incidents=tuple(_incidents(chance.sample(staff, max(3, len(staff) // 10)), chance, today)),
        concerns=tuple(_concerns(chance.sample(staff, max(3, len(staff) // 20)))),
        provision=tuple(_provision(units, chance)),
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """The renewal window around a day: registration runs to 30 November, and can be renewed from September on."""

    year_end: date
    open: bool


def _window(today: date) -> _Window:
    year_end = date(today.year + (today > date(today.year, 11, 30)), 11, 30)
    return _Window(year_end, today >= date(year_end.year, 9, 1))


def _entries(people: Sequence[Person], chance: Random, today: date) -> Iterator[Entry]:
    window = _window(today)
    for person in people:
        if not person.registration_number:
            continue
        stands = weighted(chance, _RENEWALS) if window.open else UNFINISHED
        until = window.year_end.replace(year=window.year_end.year + (stands == RENEWED))
        status = "conditions" if chance.random() < 0.01 else "registered"
        yield Entry(person.ref, person.registration_number, status, until, filed=stands == FILED)


def _learnings(staff: Sequence[Person], chance: Random, today: date) -> Iterator[Learning]:
    for person in staff:
        for what, learned in chance.sample(_LEARNED, weighted(chance, {0: 20.0, 1: 50.0, 2: 30.0})):
            day = max(person.started_on, today - timedelta(days=chance.randint(3, 200)))
            yield Learning(person.ref, day, what, learned, chance.choice(_PEERS) if chance.random() < 0.5 else None)


def _years(staff: Sequence[Person], units: Sequence[Unit], today: date) -> Iterator[Year]:
    """The assessed and supported year of everyone newly qualified, with the reviews that are behind them."""
    adults = {unit.ref for unit in units if "dult" in unit.name or unit.name in ("Hospital", "Mental Health")}
    for person in staff:
        if person.newly_qualified:
            months = [month for month in (3, 6, 9) if person.started_on + timedelta(days=31 * month) < today]
            held = tuple((month, person.started_on + timedelta(days=30 * month - 4)) for month in months)
            programme = "asye-adults" if person.unit in adults else "asye-child-and-family"
            yield Year(person.ref, person.manager or "", programme, held)


def _incidents(chosen: Sequence[Person], chance: Random, today: date) -> Iterator[Incident]:
    for n, person in enumerate(chosen):
        kind, place, words = _HAPPENED[n % len(_HAPPENED)]
        day = max(person.started_on, today - timedelta(days=chance.randint(2, 90)))
        yield Incident(person.ref, kind, place, day, words)


def _concerns(chosen: Sequence[Person]) -> Iterator[Concern]:
    for n, person in enumerate(chosen):
        topic, words = _CONCERNS[n % len(_CONCERNS)]
        yield Concern(person.ref, "named" if n % 2 else "confidential", topic, words)


def _provision(units: Sequence[Unit], chance: Random) -> Iterator[Provision]:
    for unit in units:
        for item in _ITEMS if unit.kind == "team" else ():
            yield Provision(unit.ref, item, weighted(chance, _STATES))
