"""Workers over HTTP: one by one, and whole files of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chassis.etags import etag
from chassis.numbers import Number
from chassis.pages import DEFAULT_LIMIT, Cursor, Limit, Page, cut, encode_cursor
from chassis.routing import Caller, Read, Routes, Write
from contracts.workforce import CareerStage
from services.workforce.commands import workers as commands
from services.workforce.commands.imports import Imported, import_workers
from services.workforce.queries import workers as queries
from services.workforce.queries.org_units import get_unit
from services.workforce.routes.permissions import (
    ADMINISTERS,
    SEES_WORKERS,
    WRITES_TO_PEOPLE,
    reach_of,
)
from services.workforce.routes.requests import IfMatch, Text, after_id
from services.workforce.rules.workers import WorkerFacts, registration_number

routes = Routes("workforce")

Registration = Annotated[
    str | None, AfterValidator(registration_number), Field(description="SW and up to ten digits; kept in upper case")
]


class WorkerIn(BaseModel):
    """A worker to record."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    employee_ref: Text = Field(description="the reference in the employer's HR system, unique within the employer")
    org_unit_id: UUID
    line_manager_id: UUID | None = None
    job_role: Text
    career_stage: CareerStage
    newly_qualified: bool
    is_social_worker: bool
    registration_number: Registration = None
    is_agency: bool = False
    contracted_hours: Decimal = Field(description="per week")
    employment_started_on: date
    employment_ended_on: date | None = Field(default=None, description="the last day of employment")
    monitored_from: date | None = Field(
        default=None, description="the first day from which supervision is judged; the start of employment unless given"
    )
    email: Text | None = None


class WorkerChange(BaseModel):
    """What to change of a worker; null clears what may be empty."""

    model_config = ConfigDict(extra="forbid")

    name: Text = ""
    employee_ref: Text = ""
    org_unit_id: UUID = UUID(int=0)
    line_manager_id: UUID | None = None
    job_role: Text = ""
    career_stage: CareerStage = "practitioner"
    newly_qualified: bool = False
    is_social_worker: bool = False
    registration_number: Registration = None
    is_agency: bool = False
    contracted_hours: Decimal = Decimal(0)
    employment_started_on: date = date.min
    employment_ended_on: date | None = None
    monitored_from: date | None = None
    email: Text | None = None


class Worker(BaseModel):
    """A worker as recorded."""

    worker_id: UUID
    name: str
    employee_ref: str
    org_unit_id: UUID
    line_manager_id: UUID | None
    job_role: str
    career_stage: CareerStage
    newly_qualified: bool
    is_social_worker: bool
    registration_number: str | None
    is_agency: bool
    contracted_hours: Number
    employment_started_on: date
    employment_ended_on: date | None
    monitored_from: date
    email: str | None


class WorkerCreated(BaseModel):
    """The id of a new worker."""

    worker_id: UUID


class Contact(BaseModel):
    """Where to write to a worker at this moment, and the number under which to ask the register about one."""

    name: str
    email: str | None
    registration_number: str | None


class Employed(BaseModel):
    """A worker who is employed today, and their unit."""

    worker_id: UUID
    org_unit_id: UUID


class RejectedLine(BaseModel):
    """A line of a file that was not taken, and why. The header is line 1."""

    line: int
    field: str
    problem: str


class ImportAnswer(BaseModel):
    """What became of a file: `accepted` lines are in force now, whether or not they changed anything."""

    accepted: int
    created: int
    changed: int
    unchanged: int
    rejected: list[RejectedLine]


@routes.post("/workers", status_code=201, allow=ADMINISTERS)
async def post_worker(body: WorkerIn, tx: Write, caller: Caller) -> WorkerCreated:
    """Record a worker. 409 `employee-ref-taken` when the employer has someone with this reference."""
    await caller.reach_unit(tx, body.org_unit_id)
    return WorkerCreated(worker_id=await commands.record_worker(tx, WorkerFacts(**body.model_dump())))


@routes.get("/workers", allow=SEES_WORKERS)
async def get_workers(
    tx: Read,
    caller: Caller,
    org_unit_id: Annotated[UUID | None, Query(description="this unit and everything below it")] = None,
    employee_ref: Annotated[str | None, Query(max_length=64)] = None,
    include_left: Annotated[bool, Query(description="those whose employment has ended, too")] = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Worker]:
    """The workers whom the caller may see, in the order in which they were recorded."""
    reach = await reach_of(caller, tx, org_unit_id)
    if org_unit_id is not None:
        await get_unit(tx, org_unit_id)
    rows = await queries.list_workers(
        tx, reach, limit, unit=org_unit_id, employee_ref=employee_ref, left_too=include_left, after=after_id(cursor)
    )
    shown, more = cut(rows, limit)
    following = encode_cursor(shown[-1]["worker_id"]) if more else None
    return Page(items=[Worker(**row) for row in shown], next=following)


@routes.get("/workers/{worker_id}", allow=SEES_WORKERS)
async def get_worker(worker_id: UUID, tx: Read, caller: Caller, response: Response) -> Worker:
    """One worker; the ETag is needed to change the record."""
    await caller.reach_worker(tx, worker_id)
    return await _worker(tx, worker_id, response)


@routes.patch("/workers/{worker_id}", allow=ADMINISTERS)
async def patch_worker(
    worker_id: UUID, body: WorkerChange, tx: Write, caller: Caller, response: Response, if_match: IfMatch = None
) -> Worker:
    """Change any facts of a worker. The end of employment is `employment_ended_on`, the last day."""
    await caller.reach_worker(tx, worker_id)
    if "org_unit_id" in body.model_fields_set:
        await caller.reach_unit(tx, body.org_unit_id)
    await commands.change_worker(tx, worker_id, body.model_dump(exclude_unset=True), if_match)
    return await _worker(tx, worker_id, response)


@routes.get("/workers/{worker_id}/contact", allow=WRITES_TO_PEOPLE)
async def get_contact(worker_id: UUID, tx: Read, caller: Caller) -> Contact:
    """Name, address and registration number of a worker, for another service at the moment it needs them."""
    caller.nothing_to_reach()
    return Contact(**await queries.get_contact(tx, worker_id))


@routes.get("/employed", allow=WRITES_TO_PEOPLE)
async def get_employed(
    employee_ref: Annotated[Text, Query(description="the reference in the employer's HR system")],
    tx: Read,
    caller: Caller,
) -> Employed:
    """Who a person is whose access token names an employee reference, for another service that was sent the token."""
    caller.nothing_to_reach()
    return Employed(**await queries.get_employed(tx, employee_ref))


_CSV: dict[str, Any] = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


@routes.post("/imports", allow=ADMINISTERS, openapi_extra=_CSV)
async def post_import(request: Request, tx: Write, caller: Caller) -> ImportAnswer:
    """Take a CSV file of workers with a header row.

    Columns: name, employee_ref, org_unit (id, or names as Authority/Service/Team), job_role, career_stage,
    newly_qualified, is_social_worker, contracted_hours, employment_started_on; and, as wanted, line_manager_ref,
    registration_number, is_agency, employment_ended_on, monitored_from, email. A bad line never stops a good one.
    """
    return _answer(await import_workers(tx, await request.body(), await caller.bound(tx)))


def _answer(imported: Imported) -> ImportAnswer:
    rejected = [RejectedLine(line=line, field=found.field, problem=found.problem) for line, found in imported.rejected]
    return ImportAnswer(
        accepted=imported.accepted,
        created=imported.created,
        changed=imported.changed,
        unchanged=imported.unchanged,
        rejected=rejected,
    )


async def _worker(tx: Read, worker_id: UUID, response: Response) -> Worker:
    row = await queries.get_worker(tx, worker_id)
    response.headers["ETag"] = etag(row["version"])
    return Worker(**row)
