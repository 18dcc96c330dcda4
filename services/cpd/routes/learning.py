"""The learning log over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Header, Response
from pydantic import BaseModel

from chassis.bodies import In
from chassis.clock import london_date
from chassis.etags import check_etag, etag
from chassis.pages import Cursor, Limit, Page
from chassis.permissions import AUTHORITY, Allow
from chassis.problems import RuleBroken
from chassis.routing import Caller, Read, Routes, Write
from services.cpd.commands.learning import WriteLearning, change_learning, record_learning, withdraw_learning
from services.cpd.commands.texts import erase_texts
from services.cpd.queries.learning import find_learning, list_learning, read_years
from services.cpd.queries.workers import list_members, reached
from services.cpd.routes.shapes import LEARNERS, OVERSEERS, READERS, Day, Instant, Words, YearReading
from services.cpd.rules.export import csv_of
from services.cpd.rules.learning import Kind, PeerRole, Reading, is_year_end, year_end_of

routes = Routes("cpd")
IfMatch = Annotated[str | None, Header(alias="If-Match")]


class LearningWords(BaseModel):
    """A piece of learning in the fields of the regulator's form. ``done_at`` left out is now."""

    kind: Kind
    done_at: Instant | None = None
    description: Words
    learned: Words
    impact: Words
    relevance: Words | None = None
    evidence: Words | None = None
    peer_role: PeerRole | None = None
    peer_added: Words | None = None


class LearningIn(LearningWords, In):
    """The same, and whose it is."""

    worker_id: UUID


class LearningRecorded(BaseModel):
    """The id of a piece of learning, and what its registration year amounts to now."""

    learning_id: UUID
    year: YearReading


class AttachmentOut(BaseModel):
    """A file that belongs to a piece of learning."""

    attachment_id: UUID
    content_type: str
    bytes: int
    file_name: str | None


class LearningOut(BaseModel):
    """A piece of learning; texts that were erased are null."""

    learning_id: UUID
    worker_id: UUID
    kind: Kind
    done_at: datetime
    done_on: date
    registration_year_end: date
    description: str | None = None
    learned: str | None = None
    impact: str | None = None
    relevance: str | None = None
    evidence: str | None = None
    peer_role: PeerRole | None
    peer_added: str | None = None
    attachments: list[AttachmentOut]
    version: int


def _year(reading: Reading, year_end: date) -> YearReading:
    return YearReading(
        registration_year_end=year_end,
        ready=reading.ready,
        pieces=reading.pieces,
        with_peer_reflection=reading.with_peer_reflection,
        missing=list(reading.missing),
    )


def _year_end(given: date | None, today: date) -> date:
    if given is not None and not is_year_end(given):
        raise RuleBroken("no-year-end", "A registration year ends on 30 November. Send such a date.", "year_end")
    return given or year_end_of(today)


@routes.post("/learning", status_code=201, allow=LEARNERS)
async def post_learning(body: LearningIn, tx: Write, caller: Caller) -> LearningRecorded:
    """Write down what was learned. Its London date decides its registration year: 30 November is in, 1 December out."""
    await caller.reach_worker(tx, body.worker_id)
    wanted = WriteLearning(**body.model_dump(exclude={"worker_id"}))
    learning_id, reading = await record_learning(tx, body.worker_id, wanted)
    return LearningRecorded(learning_id=learning_id, year=_year(reading, _of(body.done_at, tx)))


def _of(done_at: datetime | None, tx: Write) -> date:
    return year_end_of(london_date(done_at or tx.now))


@routes.put("/learning/{learning_id}", allow=LEARNERS)
async def put_learning(
    learning_id: UUID, body: LearningWords, tx: Write, caller: Caller, if_match: IfMatch = None
) -> LearningRecorded:
    """Write a piece of learning anew; send the ETag that you read as If-Match."""
    before = await reached(tx, caller, await find_learning(tx, learning_id), "piece of learning")
    check_etag(if_match, before["version"])
    reading = await change_learning(tx, before, WriteLearning(**body.model_dump()))
    return LearningRecorded(learning_id=learning_id, year=_year(reading, _of(body.done_at or before["done_at"], tx)))


@routes.delete("/learning/{learning_id}", allow=LEARNERS)
async def delete_learning(learning_id: UUID, tx: Write, caller: Caller) -> LearningRecorded:
    """Take a piece of learning out of the log, with its words and files."""
    before = await reached(tx, caller, await find_learning(tx, learning_id), "piece of learning")
    reading = await withdraw_learning(tx, before)
    return LearningRecorded(learning_id=learning_id, year=_year(reading, year_end_of(before["done_on"])))


@routes.get("/learning/{learning_id}", allow=LEARNERS)
async def get_one_learning(learning_id: UUID, tx: Read, caller: Caller, response: Response) -> LearningOut:
    """One piece of learning; its ETag is what a change must name."""
    row = await reached(tx, caller, await find_learning(tx, learning_id), "piece of learning")
    response.headers["ETag"] = etag(row["version"])
    return _out(dict(row))


@routes.get("/learning", allow=LEARNERS)
async def get_learning(
    worker_id: UUID,
    tx: Read,
    caller: Caller,
    year_end: Day | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[LearningOut]:
    """A worker's learning log, the latest entry first; of one registration year when its end is named."""
    await caller.reach_worker(tx, worker_id)
    wanted = _year_end(year_end, tx.today) if year_end else None
    found, after = await list_learning(tx, worker_id, wanted, cursor, limit)
    return Page[LearningOut](items=[_out(row) for row in found], next=after)


def _out(row: dict[str, object]) -> LearningOut:
    texts, day = row["texts"], row["done_on"]
    assert isinstance(texts, dict) and isinstance(day, date)  # noqa: S101, PT018 - columns of known types
    return LearningOut.model_validate({**row, **texts, "registration_year_end": year_end_of(day)})


@routes.get("/workers/{worker_id}/learning/export", allow=LEARNERS, response_class=Response)
async def get_export(worker_id: UUID, tx: Read, caller: Caller, year_end: Day | None = None) -> Response:
    """A registration year's learning as CSV, column for column what the regulator's form asks."""
    await caller.reach_worker(tx, worker_id)
    end = _year_end(year_end, tx.today)
    found, _ = await list_learning(tx, worker_id, end, None, 1000)
    name = f'attachment; filename="cpd-{end.isoformat()}.csv"'
    return Response(csv_of(found), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@routes.get("/workers/{worker_id}/readiness", allow=READERS)
async def get_readiness(worker_id: UUID, tx: Read, caller: Caller, year_end: Day | None = None) -> YearReading:
    """How far a worker's learning of a registration year has come: two different pieces, one with peer reflection."""
    await caller.reach_worker(tx, worker_id)
    end = _year_end(year_end, tx.today)
    return _year((await read_years(tx, [worker_id], end))[worker_id], end)


class WorkerReading(YearReading):
    """One worker's reading."""

    worker_id: UUID
    org_unit_id: UUID


class Readings(BaseModel):
    """Those who are not ready first."""

    items: list[WorkerReading]


@routes.get("/readiness", allow=OVERSEERS)
async def get_team_readiness(org_unit_id: UUID, tx: Read, caller: Caller, year_end: Day | None = None) -> Readings:
    """How far the learning of every social worker in an org unit and below has come."""
    await caller.reach_unit(tx, org_unit_id)
    end = _year_end(year_end, tx.today)
    members = {one.worker_id: one for one in await list_members(tx, org_unit_id) if one.is_social_worker}
    found = await read_years(tx, members, end)
    items = [
        WorkerReading(worker_id=worker, org_unit_id=members[worker].org_unit_id, **_year(one, end).model_dump())
        for worker, one in found.items()
    ]
    return Readings(items=sorted(items, key=lambda item: (item.ready, item.pieces, item.worker_id)))


class Erased(BaseModel):
    """How many texts and files were erased."""

    texts: int
    files: int


@routes.delete("/workers/{worker_id}/notes", allow=Allow(workforce_admin=AUTHORITY))
async def delete_notes(worker_id: UUID, tx: Write, caller: Caller) -> Erased:
    """Erase every text, file and account kept about a worker. Dates, hours, counts and outcomes stay."""
    await caller.reach_worker(tx, worker_id)
    texts, files = await erase_texts(tx, worker_id)
    return Erased(texts=texts, files=files)
