"""Absence over HTTP, and the erasure of what was written about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.etags import etag
from chassis.routing import Caller, Read, Routes, Write
from services.workforce.commands import absences as commands
from services.workforce.queries import workers as queries
from services.workforce.routes.permissions import ADMINISTERS, RECORDS_ABSENCE, SEES_WORKERS
from services.workforce.routes.requests import IfMatch, Text

routes = Routes("workforce")

AbsenceKind = Literal[
    "sickness",
    "parental",
    "public_duties",
    "training",
    "annual_leave",
    "other_paid",
    "unpaid",
    "unauthorised",
    "not_stated",
]


class AbsenceIn(BaseModel):
    """An absence to record, both dates included."""

    model_config = ConfigDict(extra="forbid")

    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    reason: Text = Field(description="kept apart, seen by those who may see the worker, and erasable")
    kind: AbsenceKind | None = Field(default=None, description="taken from the reason when that names one")


class AbsenceChange(BaseModel):
    """What to correct of an absence."""

    model_config = ConfigDict(extra="forbid")

    from_on: date = Field(default=date.min, alias="from")
    to_on: date = Field(default=date.min, alias="to")
    reason: Text = ""
    kind: AbsenceKind = "not_stated"


class Absence(BaseModel):
    """An absence as recorded; the reason is null once it was erased."""

    model_config = ConfigDict(populate_by_name=True)

    absence_id: UUID
    worker_id: UUID
    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")
    kind: AbsenceKind
    reason: str | None
    etag: str


class AbsenceCreated(BaseModel):
    """The id of a new absence."""

    absence_id: UUID


class Absences(BaseModel):
    """A worker's absences, latest first."""

    items: list[Absence]


@routes.post("/workers/{worker_id}/absences", status_code=201, allow=RECORDS_ABSENCE)
async def post_absence(worker_id: UUID, body: AbsenceIn, tx: Write, caller: Caller) -> AbsenceCreated:
    """Record an absence. The reason stays here and can be erased."""
    await caller.reach_worker(tx, worker_id)
    absence = await commands.record_absence(tx, worker_id, body.from_on, body.to_on, body.reason, body.kind)
    return AbsenceCreated(absence_id=absence)


@routes.get("/workers/{worker_id}/absences", allow=SEES_WORKERS)
async def get_absences(
    worker_id: UUID,
    tx: Read,
    caller: Caller,
    since: Annotated[date | None, Query(description="only those that end on this day or later")] = None,
) -> Absences:
    """A worker's absences, latest first."""
    await caller.reach_worker(tx, worker_id)
    await queries.get_worker(tx, worker_id)
    rows = await queries.list_absences(tx, worker_id, since)
    return Absences(items=[Absence(**row, etag=etag(row["version"])) for row in rows])


@routes.patch("/workers/{worker_id}/absences/{absence_id}", status_code=204, allow=RECORDS_ABSENCE)
async def patch_absence(
    worker_id: UUID, absence_id: UUID, body: AbsenceChange, tx: Write, caller: Caller, if_match: IfMatch = None
) -> None:
    """Correct an absence; If-Match takes the `etag` of the list."""
    await caller.reach_worker(tx, worker_id)
    await commands.correct_absence(tx, worker_id, absence_id, body.model_dump(exclude_unset=True), if_match)


@routes.delete("/workers/{worker_id}/notes", status_code=204, allow=ADMINISTERS)
async def delete_notes(worker_id: UUID, tx: Write, caller: Caller) -> None:
    """Erase everything that was written in free text about a worker; the history of facts stays."""
    await caller.reach_worker(tx, worker_id)
    await commands.erase_worker_notes(tx, worker_id)
