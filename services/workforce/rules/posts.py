"""What must hold of a post: its size, its dates, and who may hold it (clauses 2.1 and 7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.workforce.rules.findings import Finding, date_finding, kept, order_finding, text_finding

LONGEST_ROLE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFacts:
    """The whole of what is kept of a post; designated posts are for registered social workers only."""

    org_unit_id: UUID
    job_role: str
    fte: Decimal
    designated: bool
    holder_id: UUID | None
    opened_on: date
    closed_on: date | None


def post_findings(facts: PostFacts) -> list[Finding]:
    """Everything that is wrong with a post's own facts."""
    return kept(
        (
            text_finding("job_role", facts.job_role, LONGEST_ROLE),
            size_finding(facts.fte),
            date_finding("opened_on", facts.opened_on),
            date_finding("closed_on", facts.closed_on),
            order_finding("opened_on", facts.opened_on, "closed_on", facts.closed_on),
            holder_of_closed_finding(facts.holder_id, facts.closed_on),
        )
    )


def size_finding(fte: Decimal) -> Finding | None:
    """A post is for one person: more than nothing, at most one full-time equivalent, to a hundredth."""
    if fte.is_finite() and 0 < fte <= 1 and fte == round(fte, 2):
        return None
    return Finding("fte", "must be above 0 and at most 1, with two decimals; record larger needs as several posts")


def holder_of_closed_finding(holder_id: UUID | None, closed_on: date | None) -> Finding | None:
    """A post that is closed is held by nobody."""
    if holder_id is None or closed_on is None:
        return None
    return Finding("holder_id", "holds a post that closes; set it to null, or leave the post open")
