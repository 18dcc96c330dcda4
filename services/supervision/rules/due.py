"""Who is due for supervision now, and who is overdue: the last period missed and this one not yet met (clause 5.9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.supervision.rules.judgement import Evidence, judge
from services.supervision.rules.periods import Period
from services.supervision.rules.record import STREAMS, WorkerRecord
from services.supervision.rules.sessions import Stream, qualifies


@dataclass(frozen=True, slots=True)
class Due:
    """How a stream stands in the period in progress. ``due_by`` is that period's last day."""

    stream: Stream
    period: Period
    status: Literal["overdue", "due", "met"]

    @property
    def due_by(self) -> date:
        """The last day on which a session meets the period."""
        return self.period.last_day


def due_now(worker: WorkerRecord, evidence: Evidence, today: date) -> Iterator[Due]:
    """Each stream's period in progress and whether it is met, due, or overdue because the one before was missed too."""
    for stream in STREAMS:
        period = worker.period_on(stream, today)
        if period is None:
            continue
        if any(qualifies(session, period) for session in evidence.held_in(stream, period)):
            yield Due(stream, period, "met")
        else:
            missed = _missed_before(worker, stream, period, evidence)
            yield Due(stream, period, "overdue" if missed else "due")


def _missed_before(worker: WorkerRecord, stream: Stream, period: Period, evidence: Evidence) -> bool:
    before = worker.period_before(stream, period)
    if before is None or before.cut_short or before.start < worker.monitored_from:
        return False
    return judge(stream, before, evidence).outcome == "missed"
