"""What happens within an assessed year: reviews, evidence, pauses (clauses 6.4, 8.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, LiteralString
from uuid import UUID

from chassis.database import Tx
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound, RuleBroken
from contracts.cpd import AssessedYearPausedV1, AssessedYearResumedV1
from services.cpd.commands.assessed_years import running
from services.cpd.commands.balances import settle_balances
from services.cpd.commands.reviews import settle_reviews
from services.cpd.commands.texts import keep_texts
from services.cpd.queries.assessed_years import AssessedYear
from services.cpd.rules.assessed_year import Cause

_HOLD: LiteralString = """
update assessed_year_reviews set held_on = %(held_on)s, progress = %(progress)s
where assessed_year_id = %(year)s and month = %(month)s and held_on is null returning review_id
"""
_PIECE: LiteralString = """
insert into evidence_pieces (piece_id, assessed_year_id, item, done_on, recorded_at, recorded_by)
values (%(piece_id)s, %(year)s, %(item)s, %(done_on)s, %(now)s, %(actor)s)
"""
_PAUSE: LiteralString = """
insert into assessed_year_pauses (pause_id, assessed_year_id, from_on, cause)
values (%(pause_id)s, %(year)s, %(from_on)s, %(cause)s)
"""
_RESUME: LiteralString = """
update assessed_year_pauses set resumed_on = %(resumed_on)s where assessed_year_id = %(year)s and resumed_on is null
"""
_STATUS: LiteralString = "update assessed_years set status = %(status)s where assessed_year_id = %(year)s"


@dataclass(frozen=True, slots=True)
class HoldReview:
    """A review that took place."""

    month: int
    held_on: date
    progress: Literal["on_track", "concerns"]
    notes: str | None = None


async def hold_review(tx: Tx, assessed_year_id: UUID, wanted: HoldReview) -> AssessedYear:
    """Record a review that was held."""
    known, found = await running(tx, assessed_year_id)
    if not found.row["started_on"] <= wanted.held_on <= tx.today:
        raise RuleBroken("held-on-not-possible", "Give a day from its start until today.", "held_on")
    if wanted.month not in {review.month for review in found.planned}:
        raise NotFound("no-such-review", "The programme has no review in this month.")
    row = {"year": assessed_year_id, "month": wanted.month, "held_on": wanted.held_on, "progress": wanted.progress}
    review_id: UUID | None = await tx.fetch_value(_HOLD, row)
    if review_id is None:
        raise Conflict("review-held", "This review was recorded before.")
    await keep_texts(tx, known.worker_id, review_id, {"notes": wanted.notes})
    return await settle_reviews(tx, known, assessed_year_id)


async def add_evidence(tx: Tx, assessed_year_id: UUID, item: str, done_on: date, note: str | None) -> UUID:
    """Record a piece of evidence for an item of the checklist; its id."""
    known, found = await running(tx, assessed_year_id)
    if item not in {one["item"] for one in found.evidence}:
        raise RuleBroken("no-such-item", "Name an item of the evidence checklist.", "item")
    if not found.row["started_on"] <= done_on <= tx.today:
        raise RuleBroken("done-on-not-possible", "Give a day from its start until today.", "done_on")
    piece_id = new_id()
    row = {"piece_id": piece_id, "year": assessed_year_id, "item": item, "done_on": done_on}
    await tx.queue(_PIECE, {**row, "now": tx.now, "actor": tx.actor})
    await keep_texts(tx, known.worker_id, piece_id, {"note": note})
    return piece_id


async def pause_year(tx: Tx, assessed_year_id: UUID, from_on: date, cause: Cause, reason: str) -> AssessedYear:
    """Let it stand still from a day; what was not due by then is not due until it goes on."""
    known, found = await running(tx, assessed_year_id)
    if found.year.paused:
        raise Conflict("assessed-year-paused", "It stands still already.")
    earliest = max([found.row["started_on"], *(p.resumed_on for p in found.year.pauses if p.resumed_on)])
    if not earliest <= from_on <= tx.today:
        raise RuleBroken("from-not-possible", f"Give a day from {earliest} until today.", "from")
    pause_id = new_id()
    row = {"year": assessed_year_id, "pause_id": pause_id, "from_on": from_on, "cause": cause, "status": "paused"}
    await tx.queue(_PAUSE, row)
    await tx.queue(_STATUS, row)
    await keep_texts(tx, known.worker_id, pause_id, {"reason": reason})
    about = {"assessed_year_id": assessed_year_id, "worker_id": known.worker_id, "org_unit_id": known.org_unit_id}
    tx.emit(AssessedYearPausedV1(**about, from_on=from_on, cause=cause))
    await settle_balances(tx, [known.worker_id])
    return await settle_reviews(tx, known, assessed_year_id)


async def resume_year(tx: Tx, assessed_year_id: UUID, resumed_on: date) -> AssessedYear:
    """Let it go on from a day; everything that was still to come moves by the days of the pause."""
    known, found = await running(tx, assessed_year_id)
    if not found.year.paused:
        raise Conflict("assessed-year-active", "It does not stand still.")
    if not found.year.pauses[-1].from_on < resumed_on <= tx.today:
        raise RuleBroken("resumed-on-not-possible", "Give a day after it was paused, until today.", "resumed_on")
    row = {"year": assessed_year_id, "resumed_on": resumed_on, "status": "active"}
    await tx.queue(_RESUME, row)
    await tx.queue(_STATUS, row)
    after = await settle_reviews(tx, known, assessed_year_id)
    about = {"assessed_year_id": assessed_year_id, "worker_id": known.worker_id, "org_unit_id": known.org_unit_id}
    tx.emit(
        AssessedYearResumedV1(
            **about,
            resumed_on=resumed_on,
            ends_on=after.year.ends_on(tx.today),
            beyond_limit=after.year.beyond_limit(tx.today),
        )
    )
    await settle_balances(tx, [known.worker_id])
    return after
