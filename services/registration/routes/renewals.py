"""Renewals over HTTP: three separate parts, and what is left to do."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from chassis.database import Tx
from chassis.pages import DEFAULT_LIMIT, Cursor, Limit, Page, cut, encode_cursor
from chassis.routing import Caller, Read, Routes, Write
from contracts.registration import RenewalPart
from services.registration.commands.renewal_parts import record_renewal
from services.registration.queries.renewals import Stored, list_stored
from services.registration.queries.workers import list_states_of_unit, must_be_known
from services.registration.routes.shapes import OVERSEES, READS, RENEWS, Day, In, after_id
from services.registration.rules.renewal import window_start_of, year_end_of

routes = Routes("registration")


class RenewalIn(In):
    """The London days on which the parts were done; null for what is not done."""

    registration_year_end: Day | None = Field(default=None, description="30 November; that of today unless given")
    form_submitted_on: Day | None
    fee_paid_on: Day | None
    cpd_filed_on: Day | None = Field(default=None, description="for those whose CPD is not recorded in this system")


class ReminderOut(BaseModel):
    """A reminder that went out, and to whom."""

    days_before: int
    reminded_on: date
    recipients: list[str]


class RenewalOut(BaseModel):
    """Where a renewal stands. Paid and with CPD filed, but without the form, is not ready."""

    worker_id: UUID
    registration_year_end: date
    window_opens_on: date
    form_submitted_on: date | None
    fee_paid_on: date | None
    cpd_filed_on: date | None
    cpd_complete: bool = Field(description="as cpd says, or as filed")
    due: bool
    renewed: bool = Field(description="the register shows a later date")
    ready: bool
    missing: list[RenewalPart]
    at_risk: bool
    reminders: list[ReminderOut]

    @classmethod
    def of(cls, worker_id: UUID, year_end: date, stored: Stored) -> RenewalOut:
        """A renewal as stored and as it was last told."""
        told = stored.told or {}
        return cls(
            worker_id=worker_id,
            registration_year_end=year_end,
            window_opens_on=window_start_of(year_end),
            form_submitted_on=stored.form_on,
            fee_paid_on=stored.fee_on,
            cpd_filed_on=stored.cpd_on,
            cpd_complete=stored.parts.cpd,
            due=told.get("due", False),
            renewed=told.get("renewed", False),
            ready=told.get("renewed", False) or not stored.parts.missing,
            missing=[] if told.get("renewed") else list(stored.parts.missing),
            at_risk=told.get("at_risk", False),
            reminders=[ReminderOut.model_validate(row) for row in stored.reminders],
        )


@routes.get("/workers/{worker_id}/renewal", allow=READS)
async def get_renewal(
    worker_id: UUID,
    tx: Read,
    caller: Caller,
    registration_year_end: Annotated[Day | None, Query(description="30 November; that of today unless given")] = None,
) -> RenewalOut:
    """Where a worker's renewal stands, part by part, and which reminders went out."""
    await caller.reach_worker(tx, worker_id)
    await must_be_known(tx, worker_id)
    return await _renewal(tx, worker_id, registration_year_end or year_end_of(tx.today))


@routes.put("/workers/{worker_id}/renewal", allow=RENEWS)
async def put_renewal(worker_id: UUID, body: RenewalIn, tx: Write, caller: Caller) -> RenewalOut:
    """Record what was done. 23:59 on 30 November is in, 00:00 on 1 December is out, in London."""
    await caller.reach_worker(tx, worker_id)
    year_end = body.registration_year_end or year_end_of(tx.today)
    parts = {"form_on": body.form_submitted_on, "fee_on": body.fee_paid_on, "cpd_on": body.cpd_filed_on}
    await record_renewal(tx, worker_id, year_end, parts)
    return await _renewal(tx, worker_id, year_end)


@routes.get("/renewals", allow=OVERSEES)
async def get_renewals(
    tx: Read,
    caller: Caller,
    org_unit_id: Annotated[UUID | None, Query(description="this unit and everything below it")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[RenewalOut]:
    """How the renewals of this registration year stand in a unit and below, worker by worker."""
    bound = await caller.bound(tx, org_unit_id)
    rows = await list_states_of_unit(tx, org_unit_id, bound, after=after_id(cursor), limit=limit + 1)
    shown, more = cut(rows, limit)
    year_end, workers = year_end_of(tx.today), [row["worker_id"] for row in shown]
    stored = await list_stored(tx, workers, [year_end])
    items = [RenewalOut.of(worker, year_end, stored.get((worker, year_end), Stored())) for worker in workers]
    return Page(items=items, next=encode_cursor(workers[-1]) if more else None)


async def _renewal(tx: Tx, worker_id: UUID, year_end: date) -> RenewalOut:
    stored = await list_stored(tx, [worker_id], [year_end])
    return RenewalOut.of(worker_id, year_end, stored.get((worker_id, year_end), Stored()))
