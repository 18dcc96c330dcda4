"""Attestations over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import In
from chassis.permissions import AUTHORITY, Allow
from chassis.routing import Caller, Read, Routes, Write
from services.cpd.commands.career import Attest, attest
from services.cpd.queries.career import list_attestations
from services.cpd.routes.shapes import OVERSEERS, Day, Words
from services.cpd.rules.attestations import IN_SHORT, Clause, Standing, standing

routes = Routes("cpd")
Evidence = Annotated[list[Words], Field(min_length=1, max_length=50)]


class AttestationIn(In):
    """A statement by a named person about how a clause is kept, with evidence (links or descriptions)."""

    org_unit_id: UUID
    clause: Clause
    stated_by_id: UUID
    stated_on: Day
    statement: Words
    evidence: Evidence
    review_due_on: Day


class AttestationMade(BaseModel):
    """The id of an attestation."""

    attestation_id: UUID


class AttestationOut(BaseModel):
    """An attestation as it was made."""

    attestation_id: UUID
    org_unit_id: UUID
    clause: Clause
    stated_by_id: UUID
    stated_on: date
    statement: str
    evidence: list[str]
    review_due_on: date


class ClauseOut(BaseModel):
    """A clause and how it stands: current until its latest statement is to be reviewed."""

    clause: Clause
    in_short: str
    standing: Standing
    attestations: list[AttestationOut]


class Attestations(BaseModel):
    """Every clause that is kept by attestation."""

    items: list[ClauseOut]


@routes.post("/attestations", status_code=201, allow=Allow(principal_social_worker=AUTHORITY, senior_leader=AUTHORITY))
async def post_attestation(body: AttestationIn, tx: Write, caller: Caller) -> AttestationMade:
    """State how a clause is kept, with evidence; earlier statements stay as they were made."""
    await caller.reach_unit(tx, body.org_unit_id)
    await caller.reach_worker(tx, body.stated_by_id)
    return AttestationMade(attestation_id=await attest(tx, Attest(**body.model_dump())))


@routes.get("/attestations", allow=OVERSEERS)
async def get_attestations(org_unit_id: UUID, tx: Read, caller: Caller) -> Attestations:
    """How each clause stands that is kept by attestation, for an org unit, with every statement made."""
    await caller.reach_unit(tx, org_unit_id)
    found = [AttestationOut.model_validate(row) for row in await list_attestations(tx, org_unit_id)]
    return Attestations(items=[_clause(clause, found, tx.today) for clause in IN_SHORT])


def _clause(clause: Clause, found: list[AttestationOut], today: date) -> ClauseOut:
    made = [one for one in found if one.clause == clause]
    latest = made[0].review_due_on if made else None
    return ClauseOut(clause=clause, in_short=IN_SHORT[clause], standing=standing(latest, today), attestations=made)
