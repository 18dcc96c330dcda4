"""What supervision looked like: mostly kept, sometimes late, cut short, interrupted, cancelled or forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from random import Random
from typing import Literal

from chassis.clock import LONDON
from plumbline.simulate.chance import WorkingDays, stream, weighted
from plumbline.simulate.plan import Absence, Cancellation, Person, Session
from plumbline.simulate.shape import Size
from services.supervision.rules.periods import Period, Terms, constant, required_periods
from services.supervision.rules.timeline import Span

Course = Literal["kept", "kept after a cancellation", "cut short", "interrupted", "late", "cancelled", "forgotten"]
Stream = Literal["line", "professional"]

FAILINGS: Mapping[Course, float] = {
    "cut short": 2.2,
    "interrupted": 1.6,
    "late": 2.6,
    "cancelled": 2.0,
    "forgotten": 1.6,
}
LAPSED = 0.06
"""The share of workers whose supervision has stopped in the last weeks."""
REASONS = (
    "emergency protection hearing the same morning",
    "supervisor unwell",
    "strategy meeting called at short notice",
    "worker covering duty",
    "no private room free",
)
ACTIONS = (
    "Finish the chronology before the next review",
    "Book the two days of direct work training",
    "Bring the risk assessment to the next session",
    "Take the time owed for the late visits",
    "Talk to the family support team about joint visits",
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A worker and the supervisor of one of the worker's streams, and how well the two keep to it."""

    worker: Person
    supervisor: str
    stream: Stream
    keeps: float
    lapsed_since: date | None


def plan_sessions(
    people: Sequence[Person],
    absences: Sequence[Absence],
    keeps: Mapping[str, float],
    size: Size,
    seed: int,
    today: date,
) -> tuple[Session, ...]:
    """Every session from the day someone's supervision counts until yesterday; ``keeps`` by unit, 0 to 1."""
    working = WorkingDays(today - timedelta(days=size.history_days), today)
    found: list[Session] = []
    for pair in _pairs(people, keeps, size, seed, today):
        away = [absence for absence in absences if absence.person == pair.worker.ref]
        diary = _Diary(pair, away, working, stream(seed, size.name, "diary", pair.worker.ref, pair.stream), today)
        found += diary.sessions()
    return tuple(sorted(found, key=lambda session: (session.held_at, session.ref)))


def _pairs(people: Sequence[Person], keeps: Mapping[str, float], size: Size, seed: int, today: date) -> Iterator[Pair]:
    by_ref = {person.ref: person for person in people}
    chance = stream(seed, size.name, "pairs")
    for person in people:
        if person.manager is None:
            continue
        kept = min(0.99, keeps.get(person.unit, 0.94) + chance.uniform(-0.06, 0.06))
        lapsed = today - timedelta(days=chance.randint(60, 100)) if chance.random() < LAPSED else None
        yield Pair(person, person.manager, "line", kept, lapsed)
        if person.is_social_worker and not by_ref[person.manager].is_social_worker:
            yield Pair(person, _professional_supervisor(person, people), "professional", kept, None)


def _professional_supervisor(person: Person, people: Sequence[Person]) -> str:
    """The longest-serving registered senior of the team; a senior's own is the principal social worker."""
    seniors = [p for p in people if p.unit == person.unit and p.career_stage == "senior_practitioner" and not p.left]
    first = min(seniors, key=lambda senior: (senior.started_on, senior.ref), default=None)
    if first is None or person.career_stage == "senior_practitioner":
        return people[1].ref
    return first.ref


class _Diary:
    """The sessions of one pair."""

    def __init__(self, pair: Pair, away: Sequence[Absence], working: WorkingDays, chance: Random, today: date) -> None:
        self._pair, self._away, self._working, self._chance, self._today = pair, away, working, chance, today
        self._taken: set[date] = set()

    def sessions(self) -> Iterator[Session]:
        """All of them, numbered in the order in which they were planned."""
        prefix = f"{self._pair.worker.ref}-{self._pair.stream[0].upper()}"
        planned = (session for period in self._periods() for session in self._course(period))
        return (replace(session, ref=f"{prefix}{n:03d}") for n, session in enumerate(planned, 1))

    def _periods(self) -> Iterator[Period]:
        worker = self._pair.worker
        employed = Span(worker.started_on, worker.ended_on + timedelta(days=1) if worker.ended_on else None)
        terms = constant(Terms(newly_qualified=worker.newly_qualified and self._pair.stream == "line"))
        every = required_periods(employed, terms, since=worker.monitored_from)
        return takewhile(lambda period: period.start < self._today, every)

    def _course(self, period: Period) -> Iterator[Session]:
        course = self._drawn(period)
        if course == "late":
            yield from self._held(period.end, period.end + timedelta(days=8))
            return
        if course in ("cut short", "interrupted", "cancelled"):
            yield from self._spoilt(period, course)
        if course == "kept after a cancellation":
            yield from self._cancelled_then_kept(period)
        elif course == "kept" and self._chance.random() < self._so_far(period):
            yield from self._held(period.start, period.last_day)
        if self._chance.random() < 0.05:
            yield from (replace(s, kind="group", reflective=True) for s in self._held(period.start, period.last_day))

    def _drawn(self, period: Period) -> Course:
        if self._pair.lapsed_since and period.end > self._pair.lapsed_since:
            return "forgotten"
        if self._chance.random() < self._pair.keeps:
            return "kept after a cancellation" if self._chance.random() < 0.05 else "kept"
        return weighted(self._chance, FAILINGS)

    def _so_far(self, period: Period) -> float:
        """How likely the session of a period that still runs was held by now."""
        return min(1.0, (self._today - period.start).days / (period.end - period.start).days)

    def _spoilt(self, period: Period, course: Course) -> Iterator[Session]:
        for session in self._held(period.start, period.last_day):
            if course == "cut short":
                yield replace(session, minutes=self._chance.choice((40, 45, 60, 60, 75)))
            elif course == "interrupted":
                yield replace(session, uninterrupted=False)
            else:
                yield replace(session, cancelled=Cancellation(self._chance.choice(REASONS), None))

    def _cancelled_then_kept(self, period: Period) -> Iterator[Session]:
        two = sorted(
            [*self._held(period.start, period.last_day), *self._held(period.start, period.last_day)], key=_when
        )
        if len(two) == 2:
            first, second = two
            yield replace(first, cancelled=Cancellation(self._chance.choice(REASONS), second.held_at))
            yield second

    def _held(self, first: date, last: date) -> list[Session]:
        """A good session on a free working day, or none where there is no such day."""
        worker = self._pair.worker
        latest = min(last, self._today - timedelta(days=1), worker.ended_on or last)
        earliest = max(first, worker.started_on, worker.monitored_from)
        free = [day for day in self._working.between(earliest, latest) if self._free(day)]
        if not free:
            return []
        day = self._chance.choice(free)
        self._taken.add(day)
        return [self._session(day)]

    def _free(self, day: date) -> bool:
        return day not in self._taken and not any(day in absence for absence in self._away)

    def _session(self, day: date) -> Session:
        chance = self._chance
        starts = time(chance.randint(9, 15), chance.choice((0, 15, 30)))
        return Session(
            ref="",
            person=self._pair.worker.ref,
            supervisor=self._pair.supervisor,
            held_at=datetime.combine(day, starts, LONDON),
            minutes=chance.choice((90, 90, 90, 95, 100, 105, 120)),
            stream=self._pair.stream,
            reflective=chance.random() < 0.6,
            quality_by_worker=chance.choice((2, 3, 4, 4, 4, 5, 5)) if chance.random() < 0.5 else None,
            quality_by_supervisor=chance.choice((3, 4, 4, 5)) if chance.random() < 0.4 else None,
            agreed_actions=tuple(chance.sample(ACTIONS, chance.choice((0, 0, 1, 2)))),
        )


def _when(session: Session) -> datetime:
    return session.held_at
