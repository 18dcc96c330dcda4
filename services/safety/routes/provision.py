"""What teams have, what they ask for and what is stated about them, over HTTP (clauses 4.1 and 4.6 to 4.9)."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from chassis.pages import Page
from chassis.routing import Caller, Read, Routes, Write
from services.safety.commands import provision as commands
from services.safety.queries import provision as queries
from services.safety.queries.people import person_of
from services.safety.routes.shapes import EVERYONE, MANAGES, OVERSEES, Day, In, Words
from services.safety.rules.provision import CLAUSE_OF, AttestedClause, Item, State, gaps

routes = Routes("safety")


class CheckIn(In):
    """What a team has of one thing, and how one can tell."""

    org_unit_id: UUID
    state: State
    evidence: Words | None = None


class ItemOut(BaseModel):
    """One line of a team's checklist."""

    item: Item
    clause: str
    state: Literal["met", "partly", "missing", "unchecked"]
    checked_on: date | None = None
    evidence: str | None = None


class ChecklistOut(BaseModel):
    """A team's checklist and its gaps."""

    org_unit_id: UUID
    items: list[ItemOut]
    gaps: list[Item]
    unchecked: int


class RequestIn(In):
    """Something that your work needs."""

    item: Item
    words: Words


class RequestAnswerIn(In):
    """What became of a request."""

    answer: Literal["provided", "ordered", "refused"]
    words: Words | None = None


class RequestOut(BaseModel):
    """A request with its age."""

    request_id: UUID
    worker_id: UUID
    org_unit_id: UUID
    item: Item
    asked_on: date
    answered_on: date | None
    answer: str | None
    age_days: int
    words: str | None


class RequestMade(BaseModel):
    """A request that waits for an answer."""

    request_id: UUID


class AttestationIn(In):
    """Your statement about a clause in a unit."""

    org_unit_id: UUID
    clause: AttestedClause
    holds: bool
    valid_to: Day
    evidence: Words


class AttestationOut(BaseModel):
    """Who stated what, when, with which evidence and until when."""

    attestation_id: UUID
    org_unit_id: UUID
    clause: AttestedClause
    holds: bool
    attested_by_id: UUID
    attested_on: date
    valid_to: date
    in_force: bool
    evidence: str | None


class Attested(BaseModel):
    """A statement as recorded."""

    attestation_id: UUID


@routes.put("/provision/{item}", status_code=204, allow=MANAGES)
async def put_check(item: Item, body: CheckIn, tx: Write, caller: Caller) -> None:
    """State what a team has of one thing."""
    await caller.reach_unit(tx, body.org_unit_id)
    await commands.check_provision(tx, body.org_unit_id, item, body.state, body.evidence)


@routes.get("/provision", allow=OVERSEES)
async def get_checklist(org_unit_id: UUID, tx: Read, caller: Caller) -> ChecklistOut:
    """A team's checklist with evidence and gaps."""
    await caller.reach_unit(tx, org_unit_id)
    checks = {row["item"]: row for row in await queries.list_checks(tx, org_unit_id)}
    items = [
        ItemOut.model_validate({"item": item, "clause": clause, "state": "unchecked", **checks.get(item, {})})
        for item, clause in CLAUSE_OF.items()
    ]
    found = gaps({item: row["state"] for item, row in checks.items()})
    return ChecklistOut(org_unit_id=org_unit_id, items=items, gaps=found, unchecked=len(items) - len(checks))


@routes.post("/provision-requests", status_code=201, allow=EVERYONE)
async def post_provision_request(body: RequestIn, tx: Write, caller: Caller) -> RequestMade:
    """Ask for something that your work needs."""
    caller.nothing_to_reach()
    return RequestMade(request_id=await commands.ask_for(tx, person_of(caller), body.item, body.words))


@routes.get("/provision-requests", allow=OVERSEES)
async def get_provision_requests(
    org_unit_id: UUID, tx: Read, caller: Caller, open_only: bool = True
) -> Page[RequestOut]:
    """What was asked for in a unit and below, with its age, oldest first."""
    await caller.reach_unit(tx, org_unit_id)
    rows = await queries.list_requests(tx, org_unit_id, open_only=open_only)
    ages = [{**row, "age_days": ((row["answered_on"] or tx.today) - row["asked_on"]).days} for row in rows]
    return Page(items=[RequestOut.model_validate(row) for row in ages])


@routes.post("/provision-requests/{request_id}/answer", status_code=204, allow=MANAGES)
async def post_request_answer(request_id: UUID, body: RequestAnswerIn, tx: Write, caller: Caller) -> None:
    """Say what became of a request."""
    await commands.answer_request(tx, await queries.reach_request(tx, caller, request_id), body.answer, body.words)


@routes.post("/attestations", status_code=201, allow=OVERSEES)
async def post_attestation(body: AttestationIn, tx: Write, caller: Caller) -> Attested:
    """State whether a clause holds in a unit, as a person, with evidence and for at most a year."""
    await caller.reach_unit(tx, body.org_unit_id)
    person = person_of(caller)
    about = (body.org_unit_id, body.clause, person, body.valid_to, body.evidence)
    return Attested(attestation_id=await commands.attest(tx, *about, holds=body.holds))


@routes.get("/attestations", allow=OVERSEES)
async def get_attestations(org_unit_id: UUID, tx: Read, caller: Caller) -> Page[AttestationOut]:
    """What was stated about a unit and those below."""
    await caller.reach_unit(tx, org_unit_id)
    rows = await queries.list_attestations(tx, org_unit_id)
    shown = [{**row, "in_force": row["valid_to"] >= tx.today} for row in rows]
    return Page(items=[AttestationOut.model_validate(row) for row in shown])
