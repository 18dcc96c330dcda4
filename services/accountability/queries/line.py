"""Who stands on the line of accountability for a matter, as the directory knows it today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, LiteralString, NamedTuple

from chassis.database import Asked, Row, Tx
from services.accountability.arrays import texts
from services.accountability.rules.line import Answerable, Candidate, line_of


class Matter(NamedTuple):
    """Where something lies: the org unit and, if it is about one, the worker."""

    org_unit_id: str | None
    worker_id: str | None


# A principal social worker stands for the authority in which they work; `path` runs from the root to the unit itself.
_CANDIDATES: LiteralString = """
with matters as (
    select n, org_unit_id, worker_id from unnest(%(units)s::uuid[], %(workers)s::uuid[])
        with ordinality as m (org_unit_id, worker_id, n)
), steps as (
    select m.n, a.kind, a.org_unit_id, cardinality(u.path) - s.place as distance
    from matters m join directory_units u using (org_unit_id)
    cross join lateral unnest(u.path) with ordinality as s (id, place)
    join directory_units a on a.org_unit_id = s.id
), posts as (
    select m.n, 'line_manager' as post, 0 as distance, w.line_manager_id as holder_id
    from matters m join directory_workers w on w.worker_id = m.worker_id where w.line_manager_id is not null
    union all
    select s.n, s.kind, s.distance, h.worker_id from steps s
    cross join lateral (
        select d.worker_id from directory_accountable d
        where d.org_unit_id = s.org_unit_id and d.from_on <= %(today)s order by d.from_on desc limit 1
    ) h
    union all
    select s.n, 'principal_social_worker', s.distance, p.worker_id from steps s
    cross join principal_social_workers p
    join directory_workers w on w.worker_id = p.worker_id
    join directory_units u on u.org_unit_id = w.org_unit_id
    where s.kind = 'authority' and s.org_unit_id = any(u.path)
)
select posts.n::int as n, post, distance::int as distance, holder_id::text as holder_id, left_on
from posts left join directory_workers h on h.worker_id = holder_id
order by posts.n, post, distance, holder_id
"""
_GONE: LiteralString = """
select worker_id::text as worker_id from directory_workers
where worker_id = any(%(workers)s::uuid[]) and left_on < %(today)s
"""


def asking_gone(worker_ids: Collection[str], today: date) -> Asked[set[str]]:
    """Which of some workers' last day has passed?"""
    return Asked(_GONE, {"workers": texts(worker_ids), "today": today}, lambda rows: {row["worker_id"] for row in rows})


def asking_lines(matters: Sequence[Matter], today: date) -> Asked[dict[Matter, tuple[Answerable, ...]]]:
    """What is the line of each matter, nearest first? It is empty where nobody answers."""
    distinct = list(dict.fromkeys(matters))

    def lines(rows: Sequence[Row]) -> dict[Matter, tuple[Answerable, ...]]:
        found: list[list[Candidate]] = [[] for _ in distinct]
        for row in rows:
            found[row["n"] - 1].append(_candidate(row))
        return {
            matter: line_of(candidates, matter.worker_id, today)
            for matter, candidates in zip(distinct, found, strict=True)
        }

    units = texts([matter.org_unit_id for matter in distinct])
    workers = texts([matter.worker_id for matter in distinct])
    return Asked(_CANDIDATES, {"units": units, "workers": workers, "today": today}, lines)


async def list_lines(tx: Tx, matters: Sequence[Matter]) -> dict[Matter, tuple[Answerable, ...]]:
    """The line of each matter, nearest first; empty where nobody answers."""
    if not matters:
        return {}
    (lines,) = await tx.answers(asking_lines(matters, tx.today))
    return lines


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(row["post"], row["distance"], row["holder_id"], row["left_on"])
