"""Asking the register over HTTP: lists to put to it, and the files it answers with."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from chassis.database import Row, Tx
from chassis.idempotency import once
from chassis.problems import RuleBroken
from chassis.routing import Caller, Read, Routes, Transactions, attempt_of
from contracts.registration import RegistrationStatus
from services.registration.commands.check_lists import ask_for_numbers, make_check_lists
from services.registration.commands.checks import TakeAnswer, read_answer, take_answer
from services.registration.queries.checks import get_check, get_check_list
from services.registration.routes.shapes import RECORDS, Day, In, cause_of, clients_of
from services.registration.rules.registers import REGISTERS
from services.registration.rules.sources import RegisterSource

routes = Routes("registration")


class ListsIn(In):
    """Whose numbers to ask: everyone's in this unit and below."""

    org_unit_id: UUID
    source: str = Field(default="social_work_england", description="which register")


class ListOut(BaseModel):
    """One list; enter `question` into the register's search, download the answer, and send it for this list."""

    list_id: UUID
    numbers: list[str]
    question: str


class ListsOut(BaseModel):
    """The lists, each as long as the register takes at once, and the workers of whom no number is known."""

    lists: list[ListOut]
    without_number: list[UUID]


class LineOut(BaseModel):
    """What became of a line. `name_differs` = not taken, because the name is too unlike the worker's: look at the number."""

    line: int
    number: str
    worker_id: UUID | None
    status: RegistrationStatus
    valid_to: date | None
    awaiting: bool
    name_score: int | None = Field(description="0 to 100 alike; null when there was nothing to compare")
    outcome: str = Field(description="changed, unchanged, name_differs, read_later_already, nobody_has_it")


class ProblemOut(BaseModel):
    """A line that was not taken, and what to do about it. The header is line 1."""

    line: int
    field: str
    problem: str


class CheckOut(BaseModel):
    """An answer of the register beside the list that was asked."""

    check_id: UUID
    list_id: UUID
    checked_on: date
    asked: int
    lines: list[LineOut]
    missing: list[str] = Field(description="numbers of the list of which the file says nothing that can be understood")
    missing_are_not_found: bool
    rejected: list[ProblemOut]

    @classmethod
    def of(cls, row: Row) -> CheckOut:
        """A check as stored."""
        return cls.model_validate({**row, "rejected": row["problems"]})


@routes.post("/check-lists", status_code=201, allow=RECORDS, response_model=ListsOut)
async def post_check_lists(body: ListsIn, request: Request, transactions: Transactions, caller: Caller) -> Response:
    """Make the lists to put to the register. A number that only workforce has on file is asked of it and begins an entry."""
    async with transactions.reading() as tx:
        await caller.reach_unit(tx, body.org_unit_id)
    source = _source(body.source)
    on_file = await ask_for_numbers(transactions, clients_of(request), body.org_unit_id)

    async def make(tx: Tx) -> Response:
        made = await make_check_lists(tx, body.org_unit_id, source, on_file)
        return _json(ListsOut.model_validate(made, from_attributes=True), 201)

    return await once(transactions, cause_of(request, caller), await attempt_of(request, caller), make)


@routes.get("/check-lists/{list_id}", allow=RECORDS)
async def get_list(list_id: UUID, tx: Read, caller: Caller) -> ListOut:
    """One list again."""
    row = await get_check_list(tx, list_id)
    await caller.reach_unit(tx, row["org_unit_id"])
    question = REGISTERS[row["source"]].question(row["numbers"])
    return ListOut(list_id=list_id, numbers=row["numbers"], question=question)


_CSV: dict[str, Any] = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


@routes.post("/check-lists/{list_id}/answers", allow=RECORDS, openapi_extra=_CSV, response_model=CheckOut)
async def post_answer(
    list_id: UUID,
    request: Request,
    transactions: Transactions,
    caller: Caller,
    checked_on: Annotated[Day | None, Query(description="the day of the download, today unless given")] = None,
    missing_are_not_found: Annotated[
        bool, Query(description="the register was seen not to know the numbers that are missing from the file")
    ] = False,
) -> Response:
    """Send the register's download for a list.

    A bad line never stops a good one; unknown columns are kept; missing numbers and names that differ are reported and left
    as they were. Names are compared with workforce's at this moment and not kept. The same file again changes nothing.
    """
    async with transactions.reading() as tx:
        await caller.reach_unit(tx, (await get_check_list(tx, list_id))["org_unit_id"])
        today = tx.today
    wanted = TakeAnswer(list_id, await request.body(), checked_on or today, missing_are_not_found)
    read = await read_answer(transactions, clients_of(request), wanted)

    async def take(tx: Tx) -> Response:
        return _json(CheckOut.of(await take_answer(tx, wanted, read)), 200)

    return await once(transactions, cause_of(request, caller), await attempt_of(request, caller), take)


@routes.get("/checks/{check_id}", allow=RECORDS)
async def get_one_check(check_id: UUID, tx: Read, caller: Caller) -> CheckOut:
    """What became of an answer."""
    row = await get_check(tx, check_id)
    await caller.reach_unit(tx, row["org_unit_id"])
    return CheckOut.of(row)


def _json(body: BaseModel, status: int) -> Response:
    return Response(body.model_dump_json(), status, media_type="application/json")


def _source(name: str) -> RegisterSource:
    source = REGISTERS.get(name)
    if source is None:
        raise RuleBroken(
            "source-not-known", f"There is no such register; there are {', '.join(REGISTERS)}.", field="source"
        )
    return source
