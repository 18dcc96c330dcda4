"""The tree of org units: who may stand below whom, and who the employer is (clauses 1.4 and 2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.workforce.rules.findings import Finding

KINDS = ("region", "authority", "directorate", "service", "team")


def ranks_above(upper: str, lower: str) -> bool:
    """True when a unit of the first kind may hold one of the second, directly or with others between."""
    return KINDS.index(upper) < KINDS.index(lower)


def parent_finding(kind: str, parent_kind: str | None) -> Finding | None:
    """A unit's parent must rank above it: region, authority, directorate, service, team. So no unit lies below itself."""
    if parent_kind is None or ranks_above(parent_kind, kind):
        return None
    above = ", ".join(KINDS[: KINDS.index(kind)])
    remedy = f"choose a parent of kind {above}" if above else f"leave it out: a {kind} has no parent"
    return Finding("parent_id", f"is of kind {parent_kind}, which does not rank above {kind}; {remedy}")


def employer_of(path: Sequence[tuple[UUID, str]]) -> UUID:
    """The employer of the people in a unit, given the (id, kind) of the units from the top of the tree down to it.

    The topmost unit that is not a region: several authorities of a region are employers each of their own. Employee
    references are unique within an employer.
    """
    return next((unit_id for unit_id, kind in path if kind != "region"), path[-1][0])
