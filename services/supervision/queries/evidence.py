"""What workers' periods are judged by: sessions held, days absent, and the judgements that stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.supervision.queries.bank_holidays import ENGLAND
from services.supervision.rules.judgement import Absence, Evidence, Judgement
from services.supervision.rules.periods import Period
from services.supervision.rules.sessions import Session, Stream

_SESSIONS: LiteralString = """
select worker_id, session_id, stream, held_at, minutes, uninterrupted, kind, supervisor_registered
from sessions where worker_id = any(%(workers)s) and held_on >= %(first)s and held_on <= %(last)s
    and cancelled_at is null
"""
_ABSENCES: LiteralString = """
select worker_id, from_on, to_on from absences
where worker_id = any(%(workers)s) and to_on >= %(first)s and from_on <= %(last)s
"""
_JUDGEMENTS: LiteralString = """
select worker_id, stream, period_start, period_end, cadence, minimum_minutes, outcome, session_id, org_unit_id
from judgements where worker_id = any(%(workers)s)
    and (%(stream)s::text is null or (stream = %(stream)s and period_start = %(period_start)s))
"""


@dataclass(frozen=True)
class Judged:
    """A worker's judgements that stand, by stream and first day of the period, and the org unit each was told for."""

    standing: dict[tuple[Stream, date], Judgement] = field(default_factory=dict)
    units: dict[tuple[Stream, date], UUID] = field(default_factory=dict)


async def load_evidence(
    tx: Tx, worker_ids: Iterable[UUID], first: date = date.min, last: date = date.max
) -> dict[UUID, Evidence]:
    """Each worker's sessions and absences from ``first`` to ``last``; cancelled sessions are no evidence."""
    wanted: dict[str, Any] = {"workers": list(worker_ids), "first": first, "last": last}
    sessions: defaultdict[UUID, list[Session]] = defaultdict(list)
    absences: defaultdict[UUID, list[Absence]] = defaultdict(list)
    for row in await tx.fetch_all(_SESSIONS, wanted):
        sessions[row["worker_id"]].append(session_of(row))
    for row in await tx.fetch_all(_ABSENCES, wanted):
        absences[row["worker_id"]].append(Absence(row["from_on"], row["to_on"]))
    return {worker: Evidence(sessions[worker], absences[worker], ENGLAND) for worker in wanted["workers"]}


def session_of(row: Row) -> Session:
    """A session from its row."""
    return Session(
        session_id=row["session_id"],
        stream=row["stream"],
        held_at=row["held_at"],
        minutes=row["minutes"],
        uninterrupted=row["uninterrupted"],
        kind=row["kind"],
        supervisor_registered=row["supervisor_registered"],
    )


async def load_judged(
    tx: Tx, worker_ids: Iterable[UUID], stream: Stream | None = None, period_start: date | None = None
) -> dict[UUID, Judged]:
    """Each worker's judgements; those of one stream's period alone when it is named."""
    wanted: dict[str, Any] = {"workers": list(worker_ids), "stream": stream, "period_start": period_start}
    found: dict[UUID, Judged] = {worker: Judged() for worker in wanted["workers"]}
    for row in await tx.fetch_all(_JUDGEMENTS, wanted):
        period = Period(row["period_start"], row["period_end"], row["cadence"], row["minimum_minutes"])
        key = (row["stream"], period.start)
        judged = found[row["worker_id"]]
        judged.standing[key] = Judgement(row["stream"], period, row["outcome"], row["session_id"])
        judged.units[key] = row["org_unit_id"]
    return found
