"""Reductions, responsibilities and contests of a worker, with the status that follows from their dates."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound
from services.allocation.rules.dated import status_on

_REDUCTIONS: LiteralString = """
select r.*, n.words as reason from reductions r
left join notes n on n.about_id = r.reduction_id and n.kind = 'reason'
where r.worker_id = %(worker)s and coalesce(r.reduction_id = %(id)s, true) order by r.from_on, r.reduction_id
"""
_RESPONSIBILITIES: LiteralString = """
select r.*, n.words as description from responsibilities r
left join notes n on n.about_id = r.responsibility_id and n.kind = 'description'
where r.worker_id = %(worker)s and coalesce(r.responsibility_id = %(id)s, true) order by r.from_on, r.responsibility_id
"""
_CONTESTS: LiteralString = """
select c.*, t.words as text, a.words as answer from contests c
left join directory_workers d using (worker_id)
left join directory_units u using (org_unit_id)
left join notes t on t.about_id = c.contest_id and t.kind = 'text'
left join notes a on a.about_id = c.contest_id and a.kind = 'answer'
where coalesce(c.worker_id = %(worker)s, true) and coalesce(%(bound)s = any(u.path), %(bound)s::uuid is null)
  and (%(open)s is not true or c.answered_on is null)
order by c.contest_id
"""


async def list_reductions(tx: Tx, worker_id: UUID, reduction_id: UUID | None = None) -> list[dict[str, Any]]:
    """The reductions of a worker, deleted ones included, each with its status today."""
    rows = await tx.fetch_all(_REDUCTIONS, {"worker": worker_id, "id": reduction_id})
    return [row | {"status": _status(tx, row, deleted=row["deleted_at"] is not None)} for row in rows]


async def list_responsibilities(tx: Tx, worker_id: UUID, responsibility_id: UUID | None = None) -> list[dict[str, Any]]:
    """The responsibilities of a worker, each with its status today."""
    rows = await tx.fetch_all(_RESPONSIBILITIES, {"worker": worker_id, "id": responsibility_id})
    return [row | {"status": _status(tx, row, deleted=False)} for row in rows]


def _status(tx: Tx, row: dict[str, Any], *, deleted: bool) -> str:
    return status_on(row["from_on"], row["to_on"], tx.today, deleted=deleted)


async def get_reduction(tx: Tx, worker_id: UUID, reduction_id: UUID) -> dict[str, Any]:
    """One reduction of a worker."""
    return _only(await list_reductions(tx, worker_id, reduction_id), "reduction")


async def get_responsibility(tx: Tx, worker_id: UUID, responsibility_id: UUID) -> dict[str, Any]:
    """One responsibility of a worker."""
    return _only(await list_responsibilities(tx, worker_id, responsibility_id), "responsibility")


def _only(rows: list[dict[str, Any]], thing: str) -> dict[str, Any]:
    if not rows:
        raise NotFound(f"{thing}-not-known", f"The worker has no such {thing}. List them to see which there are.")
    return rows[0]


async def list_contests(
    tx: Tx, worker_id: UUID | None = None, bound: UUID | None = None, *, open_only: bool = False
) -> list[dict[str, Any]]:
    """Contests of one worker or of everyone within a bound, oldest first."""
    return await tx.fetch_all(_CONTESTS, {"worker": worker_id, "bound": bound, "open": open_only})
