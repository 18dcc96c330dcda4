"""Workers as registration sees them: employment, posts, entry and what was last told, for one or for many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.problems import NotFound

# Employed today; how many open posts and how many of them designated; no entry reads as an unknown status.
_STATES: LiteralString = """
select w.worker_id, d.org_unit_id, d.line_manager_id, coalesce(u.path, array[d.org_unit_id]) as path,
    w.is_social_worker, w.has_registration_number, s.told, s.settled_on,
    w.employment_started_on <= %(today)s and coalesce(w.employment_ended_on >= %(today)s, true) as employed,
    e.number, coalesce(e.status, 'unknown') as status, e.valid_to, coalesce(e.awaiting, false) as awaiting,
    e.checked_on, coalesce(p.held, 0)::int as posts, coalesce(p.designated, 0)::int as designated
from workers w
join directory_workers d using (worker_id)
join standings s using (worker_id)
left join directory_units u on u.org_unit_id = d.org_unit_id
left join entries e using (worker_id)
left join lateral (
    select count(*) as held, count(*) filter (where p.designated) as designated from posts p
    where p.holder_id = w.worker_id and coalesce(p.closed_on > %(today)s, true)
) p on true
"""
_OF_WORKERS: LiteralString = _STATES + "where w.worker_id = any(%(workers)s) order by w.worker_id"
_OF_UNIT: LiteralString = (
    _STATES
    + """
where (%(unit)s::uuid is null or %(unit)s = any(u.path)) and (%(bound)s::uuid is null or %(bound)s = any(u.path))
  and w.employment_started_on <= %(today)s and coalesce(w.employment_ended_on >= %(today)s, true)
  and (w.is_social_worker or coalesce(p.designated, 0) > 0)
  and (%(status)s::text is null or coalesce(e.status, 'unknown') = %(status)s)
  and (%(breach)s::boolean is null or coalesce((s.told ->> 'breach')::boolean, false) = %(breach)s)
  and (%(after)s::uuid is null or w.worker_id > %(after)s)
order by w.worker_id limit %(limit)s
"""
)
_KNOWN: LiteralString = "select 1 as known from standings where worker_id = %(worker)s"
_ENTRY: LiteralString = """
select e.*, n.words as conditions from entries e
left join notes n on n.about_id = e.worker_id and n.kind = 'conditions'
where e.worker_id = %(worker)s
"""
_HISTORY: LiteralString = "select * from entry_changes where worker_id = %(worker)s order by change_id desc"
_BY_NUMBER: LiteralString = "select number, worker_id from entries where number = any(%(numbers)s)"


async def list_states(tx: Tx, workers: Collection[UUID], today: date) -> list[Row]:
    """The state of each known worker of ``workers``, in the order of their ids."""
    return await tx.fetch_all(_OF_WORKERS, {"workers": list(workers), "today": today})


async def list_states_of_unit(
    tx: Tx,
    unit: UUID | None,
    bound: UUID | None,
    *,
    status: str | None = None,
    breach: bool | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[Row]:
    """Everyone employed in a unit and below of whom registration is asked, in the order of their ids."""
    values = {"unit": unit, "bound": bound, "status": status, "breach": breach, "after": after}
    return await tx.fetch_all(_OF_UNIT, {**values, "limit": limit, "today": tx.today})


async def must_be_known(tx: Tx, worker_id: UUID) -> None:
    """NotFound for a worker of whom workforce has not told."""
    if await tx.fetch_value(_KNOWN, {"worker": worker_id}) is None:
        raise NotFound("worker-not-known", "No such worker. Record the worker in workforce first.")


async def get_entry(tx: Tx, worker_id: UUID) -> Row | None:
    """A worker's entry with its conditions in words; None before the first."""
    await must_be_known(tx, worker_id)
    return await tx.fetch_one(_ENTRY, {"worker": worker_id})


async def list_history(tx: Tx, worker_id: UUID) -> list[Row]:
    """Every change of a worker's entry, latest first."""
    await must_be_known(tx, worker_id)
    return await tx.fetch_all(_HISTORY, {"worker": worker_id})


async def list_holders(tx: Tx, numbers: Sequence[str]) -> dict[str, UUID]:
    """Whose number is whose."""
    rows = await tx.fetch_all(_BY_NUMBER, {"numbers": list(numbers)})
    return {row["number"]: row["worker_id"] for row in rows}
