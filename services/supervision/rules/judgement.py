"""Whether an ended period was met, missed or excused, and what changes when that is judged again (clauses 5.6, 5.9)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from services.supervision.rules.periods import Period
from services.supervision.rules.record import STREAMS, WorkerRecord
from services.supervision.rules.sessions import Session, Stream, qualifies

Outcome = Literal["met", "missed", "excused", "withdrawn"]
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a worker is absent, the first and the last included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an ended period came to. ``session_id``: the session that met it.

    ``withdrawn``: no longer a required period, because what was known of the worker or the policy was corrected.
    """

    stream: Stream
    period: Period
    outcome: Outcome
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A judgement to write down and tell of; ``restates`` when another stood before it."""

    judgement: Judgement
    restates: bool


def working_days(period: Period, bank_holidays: Container[date]) -> Iterator[date]:
    """The days of a period that are neither at a weekend nor bank holidays."""
    days = (period.start + timedelta(days=n) for n in range((period.end - period.start).days))
    return (day for day in days if day.weekday() < SATURDAY and day not in bank_holidays)


def is_excused(period: Period, absences: Sequence[Absence], bank_holidays: Container[date]) -> bool:
    """Whether the worker was absent on every working day of the period."""
    relevant = [absence for absence in absences if absence.first < period.end and absence.last >= period.start]
    return all(any(day in absence for absence in relevant) for day in working_days(period, bank_holidays))


class Evidence:
    """What a worker's periods are judged by: sessions held, days absent, and the bank holidays."""

    def __init__(
        self, sessions: Iterable[Session], absences: Sequence[Absence] = (), bank_holidays: Container[date] = ()
    ) -> None:
        self.absences = absences
        self.bank_holidays = bank_holidays
        self._held = sorted(sessions, key=lambda s: (s.stream, s.held_at, s.session_id))
        self._keys = [(session.stream, session.held_on) for session in self._held]

    def until(self, day: date) -> Evidence:
        """The same without the sessions held after ``day``."""
        return Evidence((s for s in self._held if s.held_on <= day), self.absences, self.bank_holidays)

    def held_in(self, stream: Stream, period: Period) -> list[Session]:
        """The sessions of a stream whose London date falls into a period, in the order in which they were held."""
        first, after = (bisect_left(self._keys, (stream, day)) for day in (period.start, period.end))
        return self._held[first:after]


def judge(stream: Stream, period: Period, evidence: Evidence) -> Judgement:
    """Judge an ended period: met by its first qualifying session, else excused by absence, else missed."""
    for session in evidence.held_in(stream, period):
        if qualifies(session, period):
            return Judgement(stream, period, "met", session.session_id)
    excused = is_excused(period, evidence.absences, evidence.bank_holidays)
    return Judgement(stream, period, "excused" if excused else "missed")


def due_for_judgement(periods: Iterable[Period], monitored_from: date, today: date) -> Iterator[Period]:
    """Of periods in order, those that have ended, were not cut short, and started while the worker was monitored."""
    for period in periods:
        if period.end > today:
            return
        if period.start >= monitored_from and not period.cut_short:
            yield period


def judge_all(worker: WorkerRecord, evidence: Evidence, today: date) -> list[Judgement]:
    """Every period of a worker that is due for judgement, judged."""
    return [
        judge(stream, period, evidence)
        for stream in STREAMS
        for period in due_for_judgement(
            worker.periods(stream, since=worker.monitored_from), worker.monitored_from, today
        )
    ]


def judge_one(worker: WorkerRecord, stream: Stream, period: Period, evidence: Evidence, today: date) -> list[Judgement]:
    """One period judged, when it is due for judgement."""
    return [judge(stream, due, evidence) for due in due_for_judgement([period], worker.monitored_from, today)]


def rulings(judged: Mapping[tuple[Stream, date], Judgement], judgements: Sequence[Judgement]) -> list[Ruling]:
    """What differs between the judgements that stand and those that should, oldest period first.

    A period judged for the first time is ruled on once; one whose outcome changed is restated; one that is no longer
    required is withdrawn.
    """
    wanted = {(judgement.stream, judgement.period.start): judgement for judgement in judgements}
    found = [
        Ruling(judgement, restates=key in judged)
        for key, judgement in wanted.items()
        if not _stands(judged.get(key), judgement)
    ]
    gone = [
        Ruling(Judgement(old.stream, old.period, "withdrawn"), restates=True)
        for key, old in judged.items()
        if key not in wanted and old.outcome != "withdrawn"
    ]
    return sorted(found + gone, key=lambda r: (r.judgement.period.end, r.judgement.stream))


def _stands(old: Judgement | None, new: Judgement) -> bool:
    if old is None:
        return False
    same_period = (old.period.end, old.period.cadence) == (new.period.end, new.period.cadence)
    return same_period and (old.outcome, old.session_id) == (new.outcome, new.session_id)
