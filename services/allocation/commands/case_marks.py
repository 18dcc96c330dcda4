"""Keeping whether there is something to ask safety about before a visit for a case; never what it is."""

from __future__ import annotations

from typing import LiteralString

from chassis.database import Tx
from contracts.safety import CaseMarkedV1

_MARK: LiteralString = """
insert into case_marks (case_key, marked, sequence) values (%(case_key)s, %(marked)s, %(sequence)s)
on conflict (case_key) do update set marked = excluded.marked, sequence = excluded.sequence
where case_marks.sequence < excluded.sequence
"""


async def record_case_mark(tx: Tx, fact: CaseMarkedV1, sequence: int) -> None:
    """Keep the latest word about a case (clause 4.5)."""
    await tx.execute(_MARK, fact.model_dump() | {"sequence": sequence})
