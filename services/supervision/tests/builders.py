"""Builders of rule values for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import takewhile
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from services.supervision.rules.judgement import Absence, Evidence
from services.supervision.rules.periods import Period, Terms, constant, required_periods
from services.supervision.rules.professional import Facts
from services.supervision.rules.record import WorkerRecord
from services.supervision.rules.sessions import Kind, Session, Stream
from services.supervision.rules.timeline import ALWAYS, Span, Timeline

LONDON = ZoneInfo("Europe/London")
UNIT, WORKER, MANAGER, OTHER_MANAGER = (UUID(int=n) for n in range(1, 5))
NEWLY_QUALIFIED = constant(Terms(newly_qualified=True))
EVERYONE_ELSE = constant(Terms())


def day(text: str) -> date:
    return date.fromisoformat(text)


def london(text: str, fold: int = 0) -> datetime:
    """The instant at which London clocks read ``text``."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold).astimezone(UTC)


def tiles(start: str, until: str, terms: Timeline[Terms] = NEWLY_QUALIFIED, end: str | None = None) -> list[Period]:
    """The periods from ``start`` that begin by ``until``."""
    span = Span(day(start), day(end) if end else None)
    return list(takewhile(lambda p: p.start <= day(until), required_periods(span, terms)))


def starts(periods: list[Period]) -> list[str]:
    return [period.start.isoformat() for period in periods]


def session(
    held_at: str | datetime,
    minutes: int = 90,
    uninterrupted: bool = True,
    kind: Kind = "individual",
    stream: Stream = "line",
    registered: bool = True,
) -> Session:
    instant = london(held_at) if isinstance(held_at, str) else held_at
    return Session(uuid4(), stream, instant, minutes, uninterrupted, kind, registered)


def facts(
    manager: UUID | None = MANAGER, social_worker: bool = True, registered: bool = True, new: bool = False
) -> Facts:
    return Facts(UNIT, manager, new, social_worker, registered)


def always(value: Facts) -> Timeline[Facts]:
    return Timeline(((ALWAYS, value),))


def worker(
    start: str,
    *,
    newly_qualified: bool = False,
    ended_on: str | None = None,
    monitored_from: str | None = None,
    known: Timeline[Facts] | None = None,
    managers: dict[UUID, Timeline[Facts]] | None = None,
) -> WorkerRecord:
    return WorkerRecord(
        worker_id=WORKER,
        started_on=day(start),
        ended_on=day(ended_on) if ended_on else None,
        monitored_from=day(monitored_from or start),
        facts=known or always(facts(new=newly_qualified)),
        managers=managers or {},
    )


def absent(first: str, last: str) -> Absence:
    return Absence(day(first), day(last))


def evidence(*sessions: Session, absences: tuple[Absence, ...] = (), bank_holidays: tuple[str, ...] = ()) -> Evidence:
    return Evidence(sessions, absences, frozenset(day(d) for d in bank_holidays))
