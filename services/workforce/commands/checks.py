"""What every command asks before it writes: are the fields sound, and who is the employer of a unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import FieldProblem, RuleBroken
from services.workforce.queries.org_units import list_paths
from services.workforce.rules.findings import Finding
from services.workforce.rules.org_units import employer_of

# Who manages whom, and which reference is whose, is decided by one change at a time; recording one worker shares the lock.
_LINE_LOCK: LiteralString = "select pg_advisory_xact_lock(hashtext('workforce line of management'))"
_LINE_LOCK_SHARED: LiteralString = "select pg_advisory_xact_lock_shared(hashtext('workforce line of management'))"
_TREE_LOCK: LiteralString = "select pg_advisory_xact_lock(hashtext('workforce org tree'))"


async def lock_line(tx: Tx, *, shared: bool = False) -> None:
    """Keep others from changing the line of management until this transaction ends."""
    await tx.execute(_LINE_LOCK_SHARED if shared else _LINE_LOCK)


async def lock_tree(tx: Tx) -> None:
    """Keep others from changing the shape of the org tree until this transaction ends."""
    await tx.execute(_TREE_LOCK)


def refuse(findings: Sequence[Finding]) -> None:
    """Refuse the input when there is anything to correct, naming every field at once."""
    if findings:
        named = "; ".join(f"{finding.field} {finding.problem}" for finding in findings)
        fields = [FieldProblem(finding.field, finding.problem) for finding in findings]
        raise RuleBroken("invalid-input", f"Correct the input: {named}.", fields=fields)


async def employer_of_unit(tx: Tx, org_unit_id: UUID, field: str = "org_unit_id") -> UUID:
    """The employer of the people in a unit; refused when there is no such unit."""
    rows = await list_paths(tx, None, org_unit_id)
    if not rows:
        refuse([Finding(field, f"{org_unit_id} is not an org unit; create it first or correct the id")])
    return employer_of(list(zip(rows[0]["ids"], rows[0]["kinds"], strict=True)))
