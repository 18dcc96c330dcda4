"""Judging the reviews of assessed years, whenever anything moves that they depend on (clause 6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.problems import NotFound
from contracts.cpd import ReviewJudgedV1
from services.cpd.queries.assessed_years import AssessedYear, find_year, read_year
from services.cpd.queries.workers import Known
from services.cpd.rules.assessed_year import Review, ReviewOutcome, next_look_on, overdue, retold, review_outcome

_TOLD: LiteralString = """
update assessed_year_reviews set told_outcome = %(outcome)s, told_due_on = %(due_on)s
where assessed_year_id = %(year)s and month = %(month)s
"""
_NEXT: LiteralString = "update assessed_years set next_look_on = %(next)s where assessed_year_id = %(year)s"


async def settle_reviews(tx: Tx, known: Known, assessed_year_id: UUID) -> AssessedYear:
    """Judge every review as of today, and tell of each that stands differently from what was told; the year as it is."""
    row = await find_year(tx, assessed_year_id)
    if row is None:
        raise NotFound("no-such-assessed-year", "No assessed year has this id.")
    found = await read_year(tx, row)
    behind = overdue(found.year, found.planned, tx.today, found.ended_on)
    for one in found.reviews:
        await _settle(tx, known, found, one, behind)
    running = found.ended_on is None
    following = next_look_on(found.year, found.planned, tx.today) if running else None
    await tx.queue(_NEXT, {"year": assessed_year_id, "next": following})
    return found


async def _settle(tx: Tx, known: Known, found: AssessedYear, one: Mapping[str, Any], behind: int) -> None:
    review = Review(one["month"], one["required"], one["held_on"])
    told: ReviewOutcome | None = one["told_outcome"]
    outcome = retold(review_outcome(found.year, review, tx.today, found.ended_on), told)
    if outcome is None:
        return
    due_on = found.year.due_on(review.month, review.held_on or found.ended_on or tx.today)
    if outcome == "withdrawn" and told == "withdrawn":
        return
    settled = (outcome, due_on) == (told, one["told_due_on"])
    if settled and not (found.ended_on and outcome == "missed"):
        return
    await tx.queue(
        _TOLD, {"year": one["assessed_year_id"], "month": review.month, "outcome": outcome, "due_on": due_on}
    )
    tx.emit(_judged(known, one, outcome, due_on, behind))


def _judged(known: Known, one: Mapping[str, Any], outcome: ReviewOutcome, due_on: date, behind: int) -> ReviewJudgedV1:
    return ReviewJudgedV1(
        assessed_year_id=one["assessed_year_id"],
        worker_id=known.worker_id,
        org_unit_id=known.org_unit_id,
        month=one["month"],
        due_on=due_on,
        held_on=one["held_on"],
        outcome=outcome,
        overdue_reviews=behind,
    )
