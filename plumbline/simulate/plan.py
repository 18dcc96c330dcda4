"""What a demonstration authority consists of, as plain values: nothing here knows how any of it is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from plumbline.simulate.shape import Kind

UnitKind = Literal["authority", "service", "team"]


@dataclass(frozen=True, slots=True)
class Unit:
    """An org unit; ``parent`` and ``accountable`` are references within the plan."""

    ref: str
    name: str
    kind: UnitKind
    parent: str | None
    accountable: str


@dataclass(frozen=True, slots=True)
class Person:
    """Someone employed by the authority, now or until ``ended_on``."""

    ref: str
    name: str
    email: str
    unit: str
    manager: str | None
    job_role: str
    career_stage: str
    newly_qualified: bool
    is_social_worker: bool
    registration_number: str | None
    is_agency: bool
    hours: Decimal
    started_on: date
    ended_on: date | None
    monitored_from: date

    @property
    def left(self) -> bool:
        """Whether employment has ended; nobody in a plan has an end in the future."""
        return self.ended_on is not None


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which someone was away, both included."""

    person: str
    first: date
    last: date
    reason: str

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Why a session that was in the diary did not count after all, and when it is made up."""

    reason: str
    rebooked_for: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A supervision session as its supervisor records it."""

    ref: str
    person: str
    supervisor: str
    held_at: datetime
    minutes: int
    stream: Literal["line", "professional"] = "line"
    kind: Literal["individual", "group", "case", "peer"] = "individual"
    uninterrupted: bool = True
    reflective: bool = False
    quality_by_worker: int | None = None
    quality_by_supervisor: int | None = None
    agreed_actions: tuple[str, ...] = ()
    cancelled: Cancellation | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case, who holds it if anyone, and with which words it was given to them."""

    source: str
    reference: str
    kind: Kind
    unit: str
    priority: Literal["urgent", "high", "medium", "low"]
    received_on: date
    skills: tuple[str, ...] = ()
    holder: str | None = None
    reason: str = ""
    override_reason: str | None = None
    closed: str | None = None
    """Why work on it has ended."""


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Work beside cases that carries points."""

    person: str
    description: str
    points: Decimal
    first: date


@dataclass(frozen=True, slots=True)
class Reduction:
    """Hours a week that someone cannot give to cases."""

    person: str
    hours: Decimal
    reason: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Contest:
    """A worker's objection to a workload figure, and the answer if there is one yet."""

    person: str
    text: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A post that nobody holds."""

    ref: str
    unit: str
    job_role: str
    fte: Decimal
    opened_on: date


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of someone; ``filed`` = form and fee are in, and the register has not said so yet."""

    person: str
    number: str
    status: str
    valid_to: date
    filed: bool


@dataclass(frozen=True, slots=True)
class Learning:
    """A piece of learning, with what a peer added if one did."""

    person: str
    on: date
    description: str
    learned: str
    peer_added: str | None


@dataclass(frozen=True, slots=True)
class Year:
    """An assessed and supported year from the first day of employment, and the reviews that were held in it."""

    person: str
    assessor: str
    programme: str
    reviews: tuple[tuple[int, date], ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """What happened to someone at work."""

    person: str
    kind: str
    place: str
    on: date
    words: str


@dataclass(frozen=True, slots=True)
class Concern:
    """What someone raises, by name or in confidence."""

    person: str
    mode: Literal["named", "confidential"]
    topic: str
    words: str


@dataclass(frozen=True, slots=True)
class Provision:
    """Whether a team has one of the things that the work needs."""

    unit: str
    item: str
    state: str


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What an authority keeps beside cases and supervision."""

    entries: tuple[Entry, ...]
    learnings: tuple[Learning, ...]
    years: tuple[Year, ...]
    incidents: tuple[Incident, ...]
    concerns: tuple[Concern, ...]
    provision: tuple[Provision, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole authority on a day; the same size, seed and day give the same plan."""

    code: str
    size: str
    seed: int
    today: date
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    policy: dict[str, Any]
    vacancies: tuple[Vacancy, ...]
    absences: tuple[Absence, ...]
    sessions: tuple[Session, ...]
    responsibilities: tuple[Responsibility, ...]
    reductions: tuple[Reduction, ...]
    cases: tuple[Case, ...]
    contests: tuple[Contest, ...]
    upkeep: Upkeep

    @property
    def director(self) -> Person:
        """The person accountable for the authority: the first to be recorded."""
        return self.people[0]

    def caseloads(self) -> Counter[str]:
        """How many open cases each person holds."""
        return Counter(case.holder for case in self.cases if case.holder and not case.closed)
