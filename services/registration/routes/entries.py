"""What the register says of workers, over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from chassis.database import Row
from chassis.etags import etag
from chassis.pages import DEFAULT_LIMIT, Cursor, Limit, Page, cut, encode_cursor
from chassis.routing import Caller, Read, Routes, Write
from contracts.registration import RegistrationStatus
from services.registration.commands import entries as commands
from services.registration.commands.notes import erase_notes
from services.registration.queries import workers as queries
from services.registration.routes.shapes import (
    ERASES,
    OVERSEES,
    READS,
    RECORDS,
    Day,
    Erased,
    IfMatch,
    In,
    Words,
    after_id,
)
from services.registration.rules.status import BARRED, number_of

routes = Routes("registration")


def _number(text: str) -> str:
    number = number_of(text)
    if number is None:
        raise ValueError("must be SW followed by 1 to 10 digits, as on the regulator's register")
    return number


Number = Annotated[str, AfterValidator(_number), Field(description="SW and up to ten digits; kept in upper case")]
Annotation = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")
]


class EntryIn(In):
    """What a person read on the register."""

    number: Number | None
    status: RegistrationStatus
    valid_to: Day | None = Field(default=None, description="the last day for which the register says so")
    checked_on: Day | None = Field(
        default=None, description="the day on which the register was read, today unless given"
    )
    annotations: Annotated[list[Annotation], Field(max_length=20)] = []
    conditions: Words | None = Field(default=None, description="conditions in words, kept apart and erasable")


class EntryOut(BaseModel):
    """A worker's entry. An `unknown` status is nobody's fault: the register has not been asked, or not for too long."""

    worker_id: UUID
    number: str | None
    status: RegistrationStatus
    barred: bool = Field(description="whether the worker may not practise; allocation refuses new cases then")
    valid_to: date | None
    awaiting_update: bool = Field(description="the date has passed, and the register may not be up to date yet")
    annotations: list[str]
    conditions: str | None
    register_columns: dict[str, str] = Field(description="columns of the register's file that have no meaning here")
    checked_on: date | None
    checked_by: str | None = Field(description="hand, list, or time when a date passed without a check")
    check_id: UUID | None


class ChangeOut(BaseModel):
    """One change of an entry, and who made it."""

    number: str | None
    status: RegistrationStatus
    valid_to: date | None
    annotations: list[str]
    checked_on: date | None
    checked_by: str
    check_id: UUID | None
    changed_by: str
    changed_at: datetime


class StandingOut(BaseModel):
    """How a worker stands: `breach` = in a designated post and known not to be registered."""

    worker_id: UUID
    org_unit_id: UUID
    number: str | None
    status: RegistrationStatus
    valid_to: date | None
    awaiting_update: bool
    checked_on: date | None
    designated_posts: int
    breach: bool


@routes.get("/workers/{worker_id}", allow=READS)
async def get_entry(worker_id: UUID, tx: Read, caller: Caller, response: Response) -> EntryOut:
    """What the register says of a worker, with conditions in words for the manager who allocates."""
    await caller.reach_worker(tx, worker_id)
    return _entry(worker_id, await queries.get_entry(tx, worker_id), response)


@routes.put("/workers/{worker_id}", allow=RECORDS)
async def put_entry(
    worker_id: UUID, body: EntryIn, tx: Write, caller: Caller, response: Response, if_match: IfMatch = None
) -> EntryOut:
    """Record what the register says. "Registered until" a day that has passed stands for some days, then it is a lapse.

    A change of the status is published at once: allocation refuses new cases to someone who may not practise.
    """
    await caller.reach_worker(tx, worker_id)
    facts = body.model_dump(exclude={"checked_on", "annotations"})
    wanted = commands.RecordEntry(
        worker_id, checked_on=body.checked_on or tx.today, annotations=tuple(body.annotations), **facts
    )
    await commands.record_entry(tx, wanted, if_match)
    return _entry(worker_id, await queries.get_entry(tx, worker_id), response)


@routes.get("/workers/{worker_id}/history", allow=READS)
async def get_history(worker_id: UUID, tx: Read, caller: Caller) -> Page[ChangeOut]:
    """Every change of a worker's entry, latest first."""
    await caller.reach_worker(tx, worker_id)
    rows = await queries.list_history(tx, worker_id)
    return Page(items=[ChangeOut.model_validate(row) for row in rows])


@routes.delete("/workers/{worker_id}/notes", allow=ERASES)
async def delete_notes(worker_id: UUID, tx: Write, caller: Caller) -> Erased:
    """Erase what was written in words about a worker's registration; the history of facts stays."""
    await caller.reach_worker(tx, worker_id)
    return Erased(erased=await erase_notes(tx, worker_id))


@routes.get("/standings", allow=OVERSEES)
async def get_standings(
    tx: Read,
    caller: Caller,
    org_unit_id: Annotated[UUID | None, Query(description="this unit and everything below it")] = None,
    status: RegistrationStatus | None = None,
    breach: Annotated[bool | None, Query(description="only those in breach, or only the others")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[StandingOut]:
    """Everyone employed of whom registration is asked: social workers, and holders of designated posts (clause 7.1)."""
    bound = await caller.bound(tx, org_unit_id)
    rows = await queries.list_states_of_unit(
        tx, org_unit_id, bound, status=status, breach=breach, after=after_id(cursor), limit=limit + 1
    )
    shown, more = cut(rows, limit)
    return Page(items=[_standing(row) for row in shown], next=encode_cursor(shown[-1]["worker_id"]) if more else None)


def _entry(worker_id: UUID, row: Row | None, response: Response) -> EntryOut:
    known = row or {"number": None, "status": "unknown", "valid_to": None, "awaiting": False, "annotations": []}
    response.headers["ETag"] = etag(known.get("version", 0))
    return EntryOut(
        worker_id=worker_id,
        number=known["number"],
        status=known["status"],
        barred=known["status"] in BARRED,
        valid_to=known["valid_to"],
        awaiting_update=known["awaiting"],
        annotations=known["annotations"],
        conditions=known.get("conditions"),
        register_columns=known.get("extra") or {},
        checked_on=known.get("checked_on"),
        checked_by=known.get("checked_by"),
        check_id=known.get("check_id"),
    )


def _standing(row: Row) -> StandingOut:
    told = row["told"] or {}
    return StandingOut(
        **{name: row[name] for name in ("worker_id", "org_unit_id", "number", "status", "valid_to", "checked_on")},
        awaiting_update=row["awaiting"],
        designated_posts=told.get("posts", 0),
        breach=told.get("breach", False),
    )
