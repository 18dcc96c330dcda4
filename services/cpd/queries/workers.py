"""What is known of a worker: place, role, stage, hours and employment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.permissions import Caller, outside_reach
from chassis.problems import NotFound
from services.cpd.rules.entitlement import Person

_COLUMNS: LiteralString = """
select w.worker_id, d.org_unit_id, u.path, w.job_role, w.career_stage, w.contracted_hours, w.employment_started_on,
    w.employment_ended_on, w.is_social_worker
from workers w join directory_workers d using (worker_id) join directory_units u using (org_unit_id)
"""
_ONE: LiteralString = f"{_COLUMNS} where w.worker_id = %(worker)s for update of w"
_SOME: LiteralString = f"{_COLUMNS} where w.worker_id = any(%(workers)s) order by w.worker_id"
_BELOW: LiteralString = f"""{_COLUMNS}
where %(unit)s = any(u.path) and (d.left_on is null or d.left_on >= %(today)s) order by w.worker_id
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A worker as cpd knows them."""

    worker_id: UUID
    org_unit_id: UUID
    is_social_worker: bool
    person: Person


def _known(row: Mapping[str, Any]) -> Known:
    person = Person(
        path=tuple(row["path"]),
        job_role=row["job_role"],
        career_stage=row["career_stage"],
        contracted_hours=row["contracted_hours"],
        started_on=row["employment_started_on"],
        ended_on=row["employment_ended_on"],
    )
    return Known(row["worker_id"], row["org_unit_id"], row["is_social_worker"], person)


async def lock_worker(tx: Tx, worker_id: UUID) -> Known:
    """One worker, locked: what is written about a worker is written by one at a time."""
    row = await tx.fetch_one(_ONE, {"worker": worker_id})
    if row is None:
        raise NotFound("no-such-worker", "No worker has this id, or cpd has not heard of them yet. Try again shortly.")
    return _known(row)


async def get_worker(tx: Tx, worker_id: UUID) -> Known:
    """One worker."""
    found = await list_workers(tx, [worker_id])
    if worker_id not in found:
        raise NotFound("no-such-worker", "No worker has this id, or cpd has not heard of them yet. Try again shortly.")
    return found[worker_id]


async def list_workers(tx: Tx, worker_ids: Collection[UUID]) -> dict[UUID, Known]:
    """Those of some workers who are known, by id."""
    rows = await tx.fetch_all(_SOME, {"workers": list(worker_ids)})
    return {row["worker_id"]: _known(row) for row in rows}


async def list_members(tx: Tx, org_unit_id: UUID) -> list[Known]:
    """Everyone who works in an org unit or below."""
    return [_known(row) for row in await tx.fetch_all(_BELOW, {"unit": org_unit_id, "today": tx.today})]


async def reached(
    tx: Tx, caller: Caller, row: Mapping[str, Any] | None, what: str, *, also: UUID | None = None
) -> Mapping[str, Any]:
    """A row about a worker, when the caller may see that worker or is ``also`` the one it names; else a Problem."""
    if row is None:
        if not caller.unlimited:
            raise outside_reach()
        raise NotFound(f"no-such-{what.replace(' ', '-')}", f"No {what} has this id.")
    if also is not None and caller.worker_id == also:
        caller.nothing_to_reach()
    else:
        await caller.reach_worker(tx, row["worker_id"])
    return row
