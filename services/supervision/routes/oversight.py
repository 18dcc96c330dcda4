"""Oversight over HTTP: agreements, agreed actions, training, policy, and how a team stands."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from chassis.bodies import In
from chassis.numbers import Number
from chassis.pages import Cursor, Limit, Page
from chassis.permissions import AUTHORITY, Allow
from chassis.routing import Caller, Read, Routes, Write
from services.supervision.commands.agreements import RecordAgreement, end_agreement, record_agreement
from services.supervision.commands.notes import erase_notes
from services.supervision.commands.sessions import ActionOutcome
from services.supervision.commands.training import record_training
from services.supervision.queries.agreements import ActionStatus, list_actions, list_agreements
from services.supervision.queries.teams import (
    DueStatus,
    DueWorker,
    get_quality,
    list_due_workers,
    list_supervisors,
)
from services.supervision.routes.shapes import CONFIDANTS, OVERSEERS, RECORDERS, Day, PeriodOut, Words
from services.supervision.rules.periods import Cadence
from services.supervision.rules.sessions import Stream
from services.supervision.rules.training import Currency

routes = Routes("supervision")


class AgreementIn(In):
    """An agreement between a worker and a supervisor. ``terms`` are your own words."""

    worker_id: UUID
    supervisor_id: UUID
    stream: Stream = "line"
    agreed_on: Day
    review_due_on: Day | None = None
    terms: Words | None = None


class AgreementRecorded(BaseModel):
    """The id of a new agreement."""

    agreement_id: UUID


@routes.post("/agreements", status_code=201, allow=RECORDERS)
async def post_agreement(body: AgreementIn, tx: Write, caller: Caller) -> AgreementRecorded:
    """Record a supervision agreement; it ends the one before it of the same worker and stream (clause 5.4)."""
    await caller.reach_worker(tx, body.worker_id)
    return AgreementRecorded(agreement_id=await record_agreement(tx, RecordAgreement(**body.model_dump())))


class EndIn(In):
    """The last day of an agreement."""

    ended_on: Day


@routes.post("/agreements/{agreement_id}/end", allow=RECORDERS)
async def post_agreement_end(agreement_id: UUID, body: EndIn, tx: Write, caller: Caller) -> EndIn:
    """End an agreement."""
    await end_agreement(tx, agreement_id, body.ended_on, caller)
    return body


class AgreementOut(BaseModel):
    """An agreement; in force while ``ended_on`` is null."""

    agreement_id: UUID
    worker_id: UUID
    supervisor_id: UUID
    stream: Stream
    agreed_on: date
    review_due_on: date | None
    ended_on: date | None
    terms: str | None


@routes.get("/agreements", allow=CONFIDANTS)
async def get_agreements(
    tx: Read,
    caller: Caller,
    worker_id: UUID | None = None,
    org_unit_id: UUID | None = None,
    review_due_by: Day | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[AgreementOut]:
    """Agreements of a worker, or of an org unit and below; ``review_due_by`` leaves those in force whose review is due."""
    found, after = await list_agreements(tx, caller, worker_id, org_unit_id, review_due_by, cursor, limit)
    return Page[AgreementOut].model_validate({"items": found, "next": after})


class ActionOut(BaseModel):
    """Something agreed in a session, open until a later session closes it."""

    action_id: UUID
    stream: Stream
    session_id: UUID
    agreed_on: date
    due_on: date | None
    closed_on: date | None
    closed_in_session_id: UUID | None
    outcome: ActionOutcome | None
    text: str | None


class Actions(BaseModel):
    """Agreed actions in the order in which they were agreed."""

    items: list[ActionOut]


@routes.get("/workers/{worker_id}/actions", allow=CONFIDANTS)
async def get_actions(
    worker_id: UUID, tx: Read, caller: Caller, status: ActionStatus = "open", stream: Stream | None = None
) -> Actions:
    """The actions to look at in the next session: those agreed earlier and still open (clause 5.2)."""
    await caller.reach_worker(tx, worker_id)
    return Actions.model_validate({"items": await list_actions(tx, worker_id, stream, status)})


class Erased(BaseModel):
    """How many texts were erased."""

    erased: int


@routes.delete("/workers/{worker_id}/notes", allow=Allow(workforce_admin=AUTHORITY))
async def delete_notes(worker_id: UUID, tx: Write, caller: Caller) -> Erased:
    """Erase every text kept about a worker: agreed actions, terms, reasons. Dates, lengths and outcomes stay."""
    await caller.reach_worker(tx, worker_id)
    return Erased(erased=await erase_notes(tx, worker_id))


class TrainingIn(In):
    """Training in supervision that a supervisor completed."""

    worker_id: UUID
    completed_on: Day
    course: Words | None = None


class TrainingRecorded(BaseModel):
    """``current_until`` is null while no policy sets for how long training counts as current."""

    training_id: UUID
    current_until: date | None


@routes.post("/training", status_code=201, allow=RECORDERS)
async def post_training(body: TrainingIn, tx: Write, caller: Caller) -> TrainingRecorded:
    """Record a supervisor's training (clause 5.3)."""
    await caller.reach_worker(tx, body.worker_id)
    training_id, until = await record_training(tx, body.worker_id, body.completed_on, body.course)
    return TrainingRecorded(training_id=training_id, current_until=until)


class SupervisorOut(BaseModel):
    """A supervisor, how many people they supervise here, and whether their training is current."""

    model_config = ConfigDict(from_attributes=True)

    worker_id: UUID
    supervises: int
    completed_on: date | None
    current_until: date | None
    currency: Currency


class Supervisors(BaseModel):
    """The supervisors of a unit."""

    items: list[SupervisorOut]


@routes.get("/supervisors", allow=OVERSEERS)
async def get_supervisors(org_unit_id: UUID, tx: Read, caller: Caller) -> Supervisors:
    """Whoever supervises someone in an org unit and below, and the currency of their training (clause 5.3)."""
    await caller.reach_unit(tx, org_unit_id)
    found = await list_supervisors(tx, org_unit_id)
    return Supervisors(items=[SupervisorOut.model_validate(supervisor) for supervisor in found])


class DueOut(BaseModel):
    """One worker's stream: ``overdue`` when the period before was missed and this one is not met yet."""

    worker_id: UUID
    org_unit_id: UUID
    stream: Stream
    cadence: Cadence
    status: DueStatus
    period: PeriodOut
    due_by: date
    days_left: int
    last_session_on: date | None


class DueList(BaseModel):
    """The overdue first, then by the day the session is due."""

    items: list[DueOut]


@routes.get("/due", allow=OVERSEERS)
async def get_due(org_unit_id: UUID, tx: Read, caller: Caller, status: DueStatus | None = None) -> DueList:
    """Who in an org unit and below is due for supervision, overdue, or supervised already (clauses 5.4, 5.9)."""
    await caller.reach_unit(tx, org_unit_id)
    return DueList(items=[_due_out(due, tx.today) for due in await list_due_workers(tx, org_unit_id, status)])


def _due_out(found: DueWorker, today: date) -> DueOut:
    due = found.due
    return DueOut(
        worker_id=found.worker_id,
        org_unit_id=found.org_unit_id,
        stream=due.stream,
        cadence=due.period.cadence,
        status=due.status,
        period=PeriodOut(start=due.period.start, end=due.period.end),
        due_by=due.due_by,
        days_left=(due.due_by - today).days,
        last_session_on=found.last_session_on,
    )


class CancelledFor(BaseModel):
    """How many sessions were cancelled for a reason, and how many of them were rebooked."""

    reason: str
    sessions: int
    rebooked: int


class QualityOut(BaseModel):
    """Sessions held in a unit: how many, how good worker and supervisor found them (1 to 5), why others were cancelled."""

    sessions: int
    reflective: int
    interrupted: int
    rated_by_worker: int
    average_by_worker: Number | None
    rated_by_supervisor: int
    average_by_supervisor: Number | None
    cancelled: list[CancelledFor]


@routes.get("/quality", allow=OVERSEERS)
async def get_unit_quality(
    org_unit_id: UUID, first: Annotated[Day, Query(alias="from")], to: Day, tx: Read, caller: Caller
) -> QualityOut:
    """How good the sessions held in an org unit and below were, both days included (clause 5.9)."""
    await caller.reach_unit(tx, org_unit_id)
    return QualityOut.model_validate(await get_quality(tx, org_unit_id, first, to))
