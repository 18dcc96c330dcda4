"""Career plans, the library, induction and attestations as they are read."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from services.cpd.queries.workers import Known

_TEXTS: LiteralString = "coalesce((select jsonb_object_agg(about, text) from notes where about_id = p.plan_id), '{}')"
_PLAN: LiteralString = f"select p.*, {_TEXTS} as texts from career_plans p where p.worker_id = %(worker)s"
_STEPS: LiteralString = """
select s.step_id, s.due_on, s.done_on, n.text from career_steps s
left join notes n on n.about_id = s.step_id and n.about = 'step'
where s.worker_id = %(worker)s order by s.added_at, s.step_id
"""
_LIBRARY: LiteralString = """
select e.* from library_entries e join directory_units u using (org_unit_id)
where e.removed_at is null and (%(limit)s::uuid is null or %(limit)s = any(u.path))
    and (%(kind)s::text is null or e.kind = %(kind)s) and (%(topic)s::text is null or %(topic)s = any(e.topics))
    and (%(words)s::text is null or strpos(lower(concat_ws(' ', e.title, e.summary)), lower(%(words)s)) > 0)
order by e.entry_id desc limit 500
"""
_ENTRY: LiteralString = "select * from library_entries where entry_id = %(entry)s and removed_at is null"
_INDUCTION: LiteralString = """
select i.item_id, i.code, i.title, i.within_days, m.done_on from induction_items i
left join induction_marks m on m.item_id = i.item_id and m.worker_id = %(worker)s
where i.org_unit_id = any(%(path)s) order by i.within_days, i.code
"""
_ATTESTATIONS: LiteralString = """
select a.* from attestations a
where a.org_unit_id = any((select path from directory_units where org_unit_id = %(unit)s)::uuid[])
order by a.stated_on desc, a.attestation_id desc limit 500
"""


async def find_plan(tx: Tx, worker_id: UUID) -> Row | None:
    """A worker's career plan with its texts."""
    return await tx.fetch_one(_PLAN, {"worker": worker_id})


async def list_steps(tx: Tx, worker_id: UUID) -> list[Row]:
    """The steps of a plan in the order in which they were added."""
    return await tx.fetch_all(_STEPS, {"worker": worker_id})


async def list_library(tx: Tx, limit: UUID | None, kind: str | None, topic: str | None, words: str | None) -> list[Row]:
    """The library of an authority, the latest first."""
    return await tx.fetch_all(_LIBRARY, {"limit": limit, "kind": kind, "topic": topic, "words": words})


async def find_entry(tx: Tx, entry_id: UUID) -> Row | None:
    """An entry of the library."""
    return await tx.fetch_one(_ENTRY, {"entry": entry_id})


async def list_induction(tx: Tx, known: Known) -> list[Row]:
    """The items of a worker's induction, the first due first."""
    return await tx.fetch_all(_INDUCTION, {"worker": known.worker_id, "path": list(known.person.path)})


async def list_attestations(tx: Tx, org_unit_id: UUID) -> list[Row]:
    """The attestations that hold for a unit: its own and those of the units above, the latest first."""
    return await tx.fetch_all(_ATTESTATIONS, {"unit": org_unit_id})
