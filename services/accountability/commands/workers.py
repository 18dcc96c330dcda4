"""Remembers who the principal social workers are (clause 1.5); where they work is in the directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from chassis.database import Tx
from services.accountability.arrays import texts
from services.accountability.rules.facts import Fact
from services.accountability.rules.line import is_principal_social_worker

RECORDED = "workforce.worker.recorded.v1"

_ADD: LiteralString = """
insert into principal_social_workers select unnest(%(ids)s::uuid[]) on conflict do nothing
"""
_REMOVE: LiteralString = "delete from principal_social_workers where worker_id = any(%(ids)s::uuid[])"


async def remember_roles(tx: Tx, facts: Sequence[Fact]) -> None:
    """Take note of who became, or is no longer, a principal social worker."""
    roles = {fact.data["worker_id"]: fact.data["job_role"] for fact in facts if fact.type == RECORDED}
    if roles:
        named = [worker_id for worker_id, role in roles.items() if is_principal_social_worker(role)]
        await tx.execute(_REMOVE, {"ids": texts(roles.keys() - set(named))})
        await tx.execute(_ADD, {"ids": texts(named)})
