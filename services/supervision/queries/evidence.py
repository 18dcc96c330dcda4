"""What workers' periods are judged by: sessions held, days absent, and the judgements that stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import LiteralString, TypeAlias
from uuid import UUID

from chassis.database import Row, Tx
from services.supervision.queries.bank_holidays import ENGLAND
from services.supervision.rules.judgement import Absence, Evidence, Judgement
from services.supervision.rules.periods import Period
from services.supervision.rules.sessions import Session, Stream

Standing: TypeAlias = dict[tuple[Stream, date], Judgement]

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
from judgements where worker_id = any(%(workers)s) and period_start >= %(first)s and period_start <= %(last)s
"""


async def load_evidence(
    tx: Tx, worker_ids: Iterable[UUID], first: date = date.min, last: date = date.max
) -> dict[UUID, Evidence]:
    """Each worker's sessions and absences from ``first`` to ``last``; cancelled sessions are no evidence."""
    wanted = {"workers": list(worker_ids), "first": first, "last": last}
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


async def load_judgements(
    tx: Tx, worker_ids: Iterable[UUID], first: date = date.min, last: date = date.max
) -> tuple[dict[UUID, Standing], dict[tuple[UUID, Stream, date], UUID]]:
    """Each worker's judgements of periods that start from ``first`` to ``last``, and the unit each was told for."""
    wanted = {"workers": list(worker_ids), "first": first, "last": last}
    standing: dict[UUID, Standing] = {worker: {} for worker in wanted["workers"]}
    units: dict[tuple[UUID, Stream, date], UUID] = {}
    for row in await tx.fetch_all(_JUDGEMENTS, wanted):
        period = Period(row["period_start"], row["period_end"], row["cadence"], row["minimum_minutes"])
        judgement = Judgement(row["stream"], period, row["outcome"], row["session_id"])
        standing[row["worker_id"]][row["stream"], row["period_start"]] = judgement
        units[row["worker_id"], row["stream"], row["period_start"]] = row["org_unit_id"]
    return standing, units
