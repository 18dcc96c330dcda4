"""How a worker's required periods read on a day: their statuses and the figures of them (clauses 5.6, 5.9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise, takewhile
from typing import Literal
from uuid import UUID

from services.supervision.rules.judgement import Evidence, is_excused
from services.supervision.rules.periods import Period
from services.supervision.rules.record import WorkerRecord
from services.supervision.rules.sessions import Stream, qualifies

Status = Literal["met", "missed", "excused", "open"]


@dataclass(frozen=True, slots=True)
class PeriodReading:
    """One period: its status, the sessions that qualified for it and the others held in it.

    A period in progress is ``met`` as soon as a session met it, and ``open`` until then.
    """

    period: Period
    status: Status
    session_ids: tuple[UUID, ...]
    other_session_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The periods that started while the worker was monitored, and their figures.

    ``met``, ``missed`` and ``excused`` count ended periods only. ``longest_gap_days`` lies between two qualifying
    sessions. ``next_due_by`` is the last day of the period in progress, or of the one after when that is met already.
    """

    periods: tuple[PeriodReading, ...]
    met: int
    missed: int
    excused: int
    on_time_pct: Decimal | None
    longest_gap_days: int | None
    next_due_by: date | None


def read_periods(worker: WorkerRecord, stream: Stream, evidence: Evidence, as_of: date) -> Reading:
    """The reading of a stream on ``as_of``, from the sessions held by then."""
    evidence = evidence.until(as_of)
    begun = takewhile(lambda p: p.start <= as_of, worker.periods(stream, since=worker.monitored_from))
    required = [p for p in begun if p.start >= worker.monitored_from and not (p.cut_short and p.end <= as_of)]
    periods = tuple(_read(stream, period, evidence, as_of) for period in required)
    ended = [reading.status for reading in periods if reading.period.end <= as_of]
    met, missed = ended.count("met"), ended.count("missed")
    return Reading(
        periods=periods,
        met=met,
        missed=missed,
        excused=ended.count("excused"),
        on_time_pct=on_time_pct(met, missed),
        longest_gap_days=longest_gap_days(stream, required, evidence),
        next_due_by=next_due_by(worker, stream, evidence, as_of),
    )


def _read(stream: Stream, period: Period, evidence: Evidence, as_of: date) -> PeriodReading:
    held = evidence.held_in(stream, period)
    qualifying = tuple(s.session_id for s in held if qualifies(s, period))
    others = tuple(s.session_id for s in held if s.session_id not in qualifying)
    if qualifying:
        return PeriodReading(period, "met", qualifying, others)
    if period.end > as_of:
        return PeriodReading(period, "open", (), others)
    excused = is_excused(period, evidence.absences, evidence.bank_holidays)
    return PeriodReading(period, "excused" if excused else "missed", (), others)


def on_time_pct(met: int, missed: int) -> Decimal | None:
    """met / (met + missed) as a percentage to one decimal, half up; None when there is nothing to divide."""
    if not met + missed:
        return None
    return (Decimal(100 * met) / Decimal(met + missed)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def longest_gap_days(stream: Stream, periods: Iterable[Period], evidence: Evidence) -> int | None:
    """The most days between a qualifying session and the next; None with fewer than two."""
    days = [s.held_on for p in periods for s in evidence.held_in(stream, p) if qualifies(s, p)]
    return max(((later - earlier).days for earlier, later in pairwise(days)), default=None)


def next_due_by(worker: WorkerRecord, stream: Stream, evidence: Evidence, as_of: date) -> date | None:
    """The last day on which the next session can be held in time; None when none is required any more."""
    for period in worker.periods(stream, since=as_of):
        if not any(qualifies(session, period) for session in evidence.held_in(stream, period)):
            return period.last_day
    return None
