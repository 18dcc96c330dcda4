"""Programmes of the assessed year: data that an employer may add to (clause 6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from chassis.database import Tx

_SET: LiteralString = """
insert into programmes (programme, title, agreements_from, agreements_to, provisional, length_months, limit_months,
    reviews, evidence, protected_pct, workload_pct, set_at, set_by)
values (%(programme)s, %(title)s, %(agreements_from)s, %(agreements_to)s, %(provisional)s, %(length_months)s,
    %(limit_months)s, %(reviews)s, %(evidence)s, %(protected_pct)s, %(workload_pct)s, %(now)s, %(actor)s)
on conflict (programme) do update set title = excluded.title, agreements_from = excluded.agreements_from,
    agreements_to = excluded.agreements_to, provisional = excluded.provisional, length_months = excluded.length_months,
    limit_months = excluded.limit_months, reviews = excluded.reviews, evidence = excluded.evidence,
    protected_pct = excluded.protected_pct, workload_pct = excluded.workload_pct, set_at = excluded.set_at,
    set_by = excluded.set_by
"""


async def set_programme(tx: Tx, programme: str, terms: Mapping[str, Any]) -> None:
    """Set a programme; years that were agreed before keep the terms under which they were."""
    lists = {"reviews": Jsonb(terms["reviews"]), "evidence": Jsonb(terms["evidence"])}
    await tx.queue(_SET, {**terms, **lists, "programme": programme, "now": tx.now, "actor": tx.actor})
