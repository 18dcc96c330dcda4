"""What learning systems send, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Request, Response
from pydantic import BaseModel, StringConstraints

from chassis.bodies import LARGE_BODY_BYTES, In
from chassis.routing import Caller, Routes, Write
from services.cpd.commands.imports import import_completions, set_account, take_statements
from services.cpd.routes.shapes import IMPORTERS, Link

routes = Routes("cpd")
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class RejectedLine(BaseModel):
    """A line that was not taken, and why."""

    line: int
    field: str
    problem: str


class ImportAnswer(BaseModel):
    """How many lines were new, how many known already, and which were refused."""

    accepted: int
    unchanged: int
    rejected: list[RejectedLine]


@routes.post("/imports", allow=IMPORTERS, openapi_extra=_CSV)
async def post_import(request: Request, tx: Write, caller: Caller) -> ImportAnswer:
    """Take a CSV file of completed courses with a header row.

    Columns: course_code, completed_on, and worker_id or home_page and account; as wanted, hours. A bad line never stops a
    good one; the same file again changes nothing.
    """
    done = await import_completions(tx, caller, await request.body())
    rejected = [RejectedLine(line=one.line, field=one.field, problem=one.problem) for one in done.rejected]
    return ImportAnswer(accepted=done.accepted, unchanged=done.unchanged, rejected=rejected)


class AccountIn(In):
    """Whose account of a learning system it is."""

    home_page: Link
    account: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    worker_id: UUID


@routes.put("/learner-accounts", allow=IMPORTERS)
async def put_account(body: AccountIn, tx: Write, caller: Caller) -> AccountIn:
    """Say which worker an account of a learning system belongs to."""
    await caller.reach_worker(tx, body.worker_id)
    await set_account(tx, caller, body.home_page, body.account, body.worker_id)
    return body


@routes.post("/xapi/statements", allow=IMPORTERS, response_model=list[UUID], max_body_bytes=LARGE_BODY_BYTES)
async def post_statements(
    body: Annotated[dict[str, Any] | list[Any], Body()], tx: Write, caller: Caller
) -> list[UUID] | Response:
    """Take one xAPI statement or a batch, all or none; the ids. Known statements again: 204; the same id otherwise: 409."""
    ids, fresh = await take_statements(tx, caller, body if isinstance(body, list) else [body])
    return ids if fresh else Response(status_code=204)
