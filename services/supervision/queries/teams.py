"""How a team stands: who is due or overdue, whose supervisor's training is current, how good sessions are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.supervision.queries.evidence import load_evidence
from services.supervision.queries.records import Known, load_known
from services.supervision.rules.due import Due, due_now
from services.supervision.rules.training import Currency, currency, current_until

# Longer than any required period and the one before it.
LOOK_BACK = timedelta(days=70)

_MEMBERS: LiteralString = """
select d.worker_id, d.org_unit_id from directory_workers d join directory_units u using (org_unit_id)
where %(unit)s = any(u.path) and (d.left_on is null or d.left_on >= %(today)s)
"""
_LAST_HELD: LiteralString = """
select worker_id, stream, max(held_on) as held_on from sessions
where worker_id = any(%(workers)s) and cancelled_at is null group by worker_id, stream
"""
_SUPERVISORS: LiteralString = """
with members as (
    select d.worker_id, d.line_manager_id from directory_workers d join directory_units u using (org_unit_id)
    where %(unit)s = any(u.path) and (d.left_on is null or d.left_on >= %(today)s)
), supervising as (
    select line_manager_id as supervisor_id, worker_id from members where line_manager_id is not null
    union
    select a.supervisor_id, a.worker_id from agreements a join members using (worker_id) where a.ended_on is null
)
select s.supervisor_id as worker_id, count(*) as supervises,
    (select max(completed_on) from trainings t where t.worker_id = s.supervisor_id) as completed_on
from supervising s group by s.supervisor_id order by s.supervisor_id
"""
_QUALITY: LiteralString = """
select count(*) as sessions, count(*) filter (where s.reflective) as reflective,
    count(*) filter (where not s.uninterrupted) as interrupted,
    count(s.quality_by_worker) as rated_by_worker, avg(s.quality_by_worker) as average_by_worker,
    count(s.quality_by_supervisor) as rated_by_supervisor, avg(s.quality_by_supervisor) as average_by_supervisor
from sessions s join directory_workers d using (worker_id) join directory_units u using (org_unit_id)
where %(unit)s = any(u.path) and s.held_on between %(first)s and %(last)s and s.cancelled_at is null
"""
_CANCELLED: LiteralString = """
select s.cancel_reason as reason, count(*) as sessions, count(s.rebooked_for) as rebooked
from sessions s join directory_workers d using (worker_id) join directory_units u using (org_unit_id)
where %(unit)s = any(u.path) and s.held_on between %(first)s and %(last)s and s.cancelled_at is not null
group by s.cancel_reason order by count(*) desc, s.cancel_reason
"""


@dataclass(frozen=True, slots=True)
class DueWorker:
    """One worker's stream in the team view."""

    worker_id: UUID
    org_unit_id: UUID
    due: Due
    last_session_on: date | None


DueStatus = Literal["overdue", "due", "met"]
_URGENCY: Mapping[DueStatus, int] = {"overdue": 0, "due": 1, "met": 2}


async def list_due_workers(tx: Tx, org_unit_id: UUID, status: DueStatus | None) -> list[DueWorker]:
    """Everyone below a unit who needs supervision now: the overdue first, then by the day it is due."""
    members = await tx.fetch_all(_MEMBERS, {"unit": org_unit_id, "today": tx.today})
    units = {row["worker_id"]: row["org_unit_id"] for row in members}
    known = await load_known(tx, units)
    evidence = await load_evidence(tx, known, tx.today - LOOK_BACK, tx.today)
    held = await tx.fetch_all(_LAST_HELD, {"workers": list(known)})
    last = {(row["worker_id"], row["stream"]): row["held_on"] for row in held}
    found = [
        DueWorker(worker_id, units[worker_id], due, last.get((worker_id, due.stream)))
        for worker_id, about in known.items()
        for due in due_now(about.worker, evidence[worker_id], tx.today)
        if status in (None, due.status)
    ]
    return sorted(found, key=lambda d: (_URGENCY[d.due.status], d.due.due_by, d.worker_id, d.due.stream))


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A supervisor and the currency of their training."""

    worker_id: UUID
    supervises: int
    completed_on: date | None
    current_until: date | None
    currency: Currency


async def list_supervisors(tx: Tx, org_unit_id: UUID) -> list[Supervisor]:
    """Whoever supervises someone below a unit, as line manager or by agreement (clause 5.3)."""
    rows = await tx.fetch_all(_SUPERVISORS, {"unit": org_unit_id, "today": tx.today})
    known = await load_known(tx, [row["worker_id"] for row in rows])
    return [_supervisor(row, known.get(row["worker_id"]), tx.today) for row in rows]


def _supervisor(row: Row, about: Known | None, today: date) -> Supervisor:
    months = about.worker.policy_on(today).training_valid_months if about else None
    completed: date | None = row["completed_on"]
    until = current_until(completed, months) if completed else None
    return Supervisor(row["worker_id"], row["supervises"], completed, until, currency(completed, months, today))


async def get_quality(tx: Tx, org_unit_id: UUID, first: date, last: date) -> dict[str, Any]:
    """How sessions held below a unit were: how many, how good both sides found them, and why others were cancelled."""
    wanted = {"unit": org_unit_id, "first": first, "last": last}
    figures = await tx.fetch_one(_QUALITY, wanted)
    return {**(figures or {}), "cancelled": await tx.fetch_all(_CANCELLED, wanted)}
