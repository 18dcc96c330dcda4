"""The assessed year over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import In
from chassis.numbers import Number
from chassis.problems import Forbidden, RuleBroken
from chassis.routing import Caller, Read, Routes, Write
from services.cpd.commands.assessed_year_steps import HoldReview, add_evidence, hold_review, pause_year, resume_year
from services.cpd.commands.assessed_years import AgreeYear, EndYear, agree_year, change_assessor, end_year
from services.cpd.queries.assessed_years import AssessedYear, find_year, list_pieces, list_years, read_year
from services.cpd.queries.workers import reached
from services.cpd.routes.shapes import DECIDERS, LEARNERS, Code, Day, Percent, Words
from services.cpd.rules.assessed_year import Cause, Outcome, ReviewStatus, missing_for_panel, review_status

routes = Routes("cpd")


class AgreementIn(In):
    """The support and assessment agreement of an assessed year; percentages left out are the programme's."""

    worker_id: UUID
    programme: Code
    assessor_id: UUID
    started_on: Day
    agreed_on: Day
    protected_pct: Percent | None = None
    workload_pct: Percent | None = None
    terms: Words | None = None


class ReviewOut(BaseModel):
    """A review: when it is due, and how it stands."""

    month: int
    required: bool
    due_on: date
    held_on: date | None
    progress: Literal["on_track", "concerns"] | None
    notes: str | None
    status: ReviewStatus


class PauseOut(BaseModel):
    """A pause; it lasts while ``resumed_on`` is null."""

    from_on: date
    resumed_on: date | None
    cause: Cause
    reason: str | None


class EvidenceOut(BaseModel):
    """An item of the evidence checklist: how many pieces it needs, and how many there are."""

    item: str
    title: str
    needed: int
    had: int


class AssessedYearOut(BaseModel):
    """An assessed year as it stands; ``missing`` is what the panel still lacks."""

    assessed_year_id: UUID
    worker_id: UUID
    programme: str
    assessor_id: UUID
    status: Literal["active", "paused", "ended"]
    outcome: Outcome | None
    recommended: Literal["pass", "fail"] | None
    started_on: date
    agreed_on: date
    ended_on: date | None
    ends_on: date
    limit_on: date
    beyond_limit: bool
    protected_pct: Number
    workload_pct: Number
    reviews: list[ReviewOut]
    evidence: list[EvidenceOut]
    pauses: list[PauseOut]
    missing: list[str]


def _out(found: AssessedYear, today: date) -> AssessedYearOut:
    ended_on, year = found.ended_on, found.year
    needed = {one["item"]: one["needed"] for one in found.evidence}
    had = {one["item"]: one["had"] for one in found.evidence}
    reviews = [
        {
            **row,
            "due_on": year.due_on(review.month, ended_on or today),
            "status": review_status(year, review, today, ended_on),
        }
        for row, review in zip(found.reviews, found.planned, strict=True)
    ]
    shown: dict[str, Any] = {
        **found.row,
        "ends_on": year.ends_on(ended_on or today),
        "limit_on": year.limit_on,
        "beyond_limit": year.beyond_limit(ended_on or today),
        "reviews": reviews,
        "evidence": found.evidence,
        "pauses": found.pauses,
        "missing": missing_for_panel(found.planned, needed, had),
    }
    return AssessedYearOut.model_validate(shown)


async def _reach(tx: Write, caller: Caller, assessed_year_id: UUID) -> dict[str, Any]:
    row = await find_year(tx, assessed_year_id)
    return dict(await reached(tx, caller, row, "assessed year", also=row["assessor_id"] if row else None))


async def _reach_another(tx: Write, caller: Caller, assessed_year_id: UUID) -> None:
    row = await _reach(tx, caller, assessed_year_id)
    if caller.worker_id == row["worker_id"]:
        raise Forbidden("own-assessment", "Somebody else runs your assessed year: ask your assessor or manager.")


@routes.post("/assessed-years", status_code=201, allow=DECIDERS)
async def post_assessed_year(body: AgreementIn, tx: Write, caller: Caller) -> AssessedYearOut:
    """Record the agreement that begins an assessed year; its reviews fall due from its start (clause 6.4)."""
    await caller.reach_worker(tx, body.worker_id)
    return _out(await agree_year(tx, AgreeYear(**body.model_dump())), tx.today)


@routes.get("/assessed-years/{assessed_year_id}", allow=LEARNERS)
async def get_assessed_year(assessed_year_id: UUID, tx: Read, caller: Caller) -> AssessedYearOut:
    """An assessed year, for the worker, the assessor and the line."""
    return _out(await read_year(tx, await _reach(tx, caller, assessed_year_id)), tx.today)


class AssessedYears(BaseModel):
    """The latest first."""

    items: list[AssessedYearOut]


@routes.get("/assessed-years", allow=LEARNERS)
async def get_assessed_years(
    tx: Read,
    caller: Caller,
    worker_id: UUID | None = None,
    org_unit_id: UUID | None = None,
    status: Literal["active", "paused", "ended"] | None = None,
) -> AssessedYears:
    """The assessed years of a worker, or of an org unit and below."""
    if worker_id is not None:
        await caller.reach_worker(tx, worker_id)
    elif org_unit_id is not None:
        await caller.reach_unit(tx, org_unit_id)
    else:
        raise RuleBroken("whose-assessed-years", "Name a worker_id or an org_unit_id.", "worker_id")
    found = await list_years(tx, worker_id, org_unit_id, status)
    return AssessedYears(items=[_out(one, tx.today) for one in found])


class AssessorIn(In):
    """Who assesses from now on."""

    assessor_id: UUID


@routes.put("/assessed-years/{assessed_year_id}/assessor", allow=DECIDERS)
async def put_assessor(assessed_year_id: UUID, body: AssessorIn, tx: Write, caller: Caller) -> AssessedYearOut:
    """Name another assessor."""
    await _reach_another(tx, caller, assessed_year_id)
    return _out(await change_assessor(tx, assessed_year_id, body.assessor_id), tx.today)


class ReviewIn(In):
    """A review that was held."""

    month: int = Field(ge=1, le=60)
    held_on: Day
    progress: Literal["on_track", "concerns"]
    notes: Words | None = None


@routes.post("/assessed-years/{assessed_year_id}/reviews", status_code=201, allow=LEARNERS)
async def post_review(assessed_year_id: UUID, body: ReviewIn, tx: Write, caller: Caller) -> AssessedYearOut:
    """Record a review; the assessor may do so for workers of other teams, and nobody for themselves."""
    await _reach_another(tx, caller, assessed_year_id)
    return _out(await hold_review(tx, assessed_year_id, HoldReview(**body.model_dump())), tx.today)


class PieceIn(In):
    """A piece of evidence for an item of the checklist."""

    item: Code
    done_on: Day
    note: Words | None = None


class PieceOut(BaseModel):
    """A piece of evidence."""

    piece_id: UUID
    item: str
    done_on: date
    note: str | None


class Pieces(BaseModel):
    """Evidence, oldest first."""

    items: list[PieceOut]


@routes.post("/assessed-years/{assessed_year_id}/evidence", status_code=201, allow=LEARNERS)
async def post_evidence(assessed_year_id: UUID, body: PieceIn, tx: Write, caller: Caller) -> PieceOut:
    """Add a piece of evidence."""
    await _reach(tx, caller, assessed_year_id)
    piece_id = await add_evidence(tx, assessed_year_id, body.item, body.done_on, body.note)
    return PieceOut(piece_id=piece_id, **body.model_dump())


@routes.get("/assessed-years/{assessed_year_id}/evidence", allow=LEARNERS)
async def get_evidence(assessed_year_id: UUID, tx: Read, caller: Caller) -> Pieces:
    """The evidence gathered so far."""
    await _reach(tx, caller, assessed_year_id)
    return Pieces.model_validate({"items": await list_pieces(tx, assessed_year_id)})


class PauseIn(In):
    """Why and since when it stands still. Doubts about someone's work are no reason to pause."""

    from_on: Day
    cause: Cause
    reason: Words


class ResumeIn(In):
    """The first day on which it goes on."""

    resumed_on: Day


@routes.post("/assessed-years/{assessed_year_id}/pause", allow=DECIDERS)
async def post_pause(assessed_year_id: UUID, body: PauseIn, tx: Write, caller: Caller) -> AssessedYearOut:
    """Pause it: what is not due by then moves on by the days of the pause."""
    await _reach_another(tx, caller, assessed_year_id)
    return _out(await pause_year(tx, assessed_year_id, body.from_on, body.cause, body.reason), tx.today)


@routes.post("/assessed-years/{assessed_year_id}/resume", allow=DECIDERS)
async def post_resume(assessed_year_id: UUID, body: ResumeIn, tx: Write, caller: Caller) -> AssessedYearOut:
    """Resume it; ``beyond_limit`` says when it cannot end within the programme's limit any more."""
    await _reach_another(tx, caller, assessed_year_id)
    return _out(await resume_year(tx, assessed_year_id, body.resumed_on), tx.today)


class PanelIn(In):
    """What the assessor recommended and the panel decided; ``reason`` is needed after the programme's limit."""

    decided_on: Day
    recommended: Literal["pass", "fail"]
    outcome: Literal["passed", "failed"]
    reason: Words | None = None


class WithdrawalIn(In):
    """An assessed year that was given up, and why."""

    ended_on: Day
    reason: Words


@routes.post("/assessed-years/{assessed_year_id}/panel", allow=DECIDERS)
async def post_panel(assessed_year_id: UUID, body: PanelIn, tx: Write, caller: Caller) -> AssessedYearOut:
    """Record the panel's decision; nobody passes while required reviews or evidence are missing (409)."""
    await _reach_another(tx, caller, assessed_year_id)
    ended = EndYear(body.outcome, body.decided_on, body.recommended, body.reason)
    return _out(await end_year(tx, assessed_year_id, ended), tx.today)


@routes.post("/assessed-years/{assessed_year_id}/withdraw", allow=DECIDERS)
async def post_withdrawal(assessed_year_id: UUID, body: WithdrawalIn, tx: Write, caller: Caller) -> AssessedYearOut:
    """Give it up, with the reason."""
    await _reach_another(tx, caller, assessed_year_id)
    ended = EndYear("withdrawn", body.ended_on, reason=body.reason)
    return _out(await end_year(tx, assessed_year_id, ended), tx.today)
