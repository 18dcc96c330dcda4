"""Required periods over HTTP."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from chassis.numbers import Number
from chassis.routing import Caller, Read, Routes
from services.supervision.queries.readings import get_reading
from services.supervision.routes.shapes import READERS, Day
from services.supervision.rules.periods import Cadence
from services.supervision.rules.reading import Reading, Status
from services.supervision.rules.sessions import Stream

routes = Routes("supervision")


class PeriodReadingOut(BaseModel):
    """A required period ``[start, end)``: how it stands and the sessions in it, those that qualified first."""

    start: date
    end: date
    cadence: Cadence
    status: Status
    minimum_minutes: int
    session_ids: list[UUID]
    other_session_ids: list[UUID]


class ReadingOut(BaseModel):
    """A worker's required periods and what they add up to.

    A period in progress is ``met`` as soon as a session met it; ``met``, ``missed``, ``excused`` and ``on_time_pct`` are of
    ended periods. ``longest_gap_days`` lies between two qualifying sessions. ``next_due_by``: the last day for the next one.
    """

    worker_id: UUID
    stream: Stream
    periods: list[PeriodReadingOut]
    met: int
    missed: int
    excused: int
    on_time_pct: Number | None
    longest_gap_days: int | None
    next_due_by: date | None


@routes.get("/workers/{worker_id}/periods", allow=READERS)
async def get_periods(
    worker_id: UUID, tx: Read, caller: Caller, as_of: Day | None = None, stream: Stream = "line"
) -> ReadingOut:
    """The required periods that started while the worker was monitored, as they stood on ``as_of`` (clauses 5.5 to 5.9)."""
    await caller.reach_worker(tx, worker_id)
    return _reading_out(worker_id, stream, await get_reading(tx, worker_id, stream, as_of))


def _reading_out(worker_id: UUID, stream: Stream, reading: Reading) -> ReadingOut:
    periods = [
        PeriodReadingOut(
            start=read.period.start,
            end=read.period.end,
            cadence=read.period.cadence,
            status=read.status,
            minimum_minutes=read.period.minimum_minutes,
            session_ids=list(read.session_ids),
            other_session_ids=list(read.other_session_ids),
        )
        for read in reading.periods
    ]
    return ReadingOut(
        worker_id=worker_id,
        stream=stream,
        periods=periods,
        met=reading.met,
        missed=reading.missed,
        excused=reading.excused,
        on_time_pct=reading.on_time_pct,
        longest_gap_days=reading.longest_gap_days,
        next_due_by=reading.next_due_by,
    )
