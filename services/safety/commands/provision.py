"""Checking what teams have, asking for what they lack, and stating what holds (clauses 4.1 and 4.6 to 4.9)."""

from __future__ import annotations

from datetime import date
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import Conflict, RuleBroken
from contracts.safety import AttestationRecordedV1, ProvisionCheckedV1
from services.safety.commands.notes import write_note
from services.safety.queries.people import get_unit_of
from services.safety.rules.provision import AttestedClause, Item, State, validity_problem

_CHECK: LiteralString = """
insert into provision_checks (org_unit_id, item, state, checked_on, checked_by, evidence_id)
values (%(unit)s, %(item)s, %(state)s, %(today)s, %(actor)s, %(evidence)s)
on conflict (org_unit_id, item) do update set state = excluded.state, checked_on = excluded.checked_on,
    checked_by = excluded.checked_by, evidence_id = excluded.evidence_id
"""
_ASK: LiteralString = """
insert into provision_requests (request_id, worker_id, org_unit_id, item, asked_on)
values (%(request)s, %(worker)s, %(unit)s, %(item)s, %(today)s)
"""
_ANSWER: LiteralString = """
update provision_requests set answered_on = %(today)s, answer = %(answer)s where request_id = %(request)s
"""
_ATTEST: LiteralString = """
insert into attestations (attestation_id, org_unit_id, clause, attested_by_id, attested_on, valid_to, holds)
values (%(attestation)s, %(unit)s, %(clause)s, %(person)s, %(today)s, %(valid_to)s, %(holds)s)
"""


async def check_provision(tx: Tx, unit: UUID, item: Item, state: State, evidence: str | None) -> None:
    """State what a team has of one thing, with evidence; a later check replaces an earlier one."""
    about = new_id()
    values = {"unit": unit, "item": item, "state": state, "evidence": about}
    await tx.execute(_CHECK, {**values, "today": tx.today, "actor": tx.actor})
    await write_note(tx, about, "evidence", evidence)
    tx.emit(ProvisionCheckedV1(org_unit_id=unit, item=item, state=state, checked_on=tx.today))


async def ask_for(tx: Tx, worker: UUID, item: Item, words: str) -> UUID:
    """A worker asks for something that the work needs."""
    request = new_id()
    unit = await get_unit_of(tx, worker)
    await tx.execute(_ASK, {"request": request, "worker": worker, "unit": unit, "item": item, "today": tx.today})
    await write_note(tx, request, "request", words)
    return request


async def answer_request(tx: Tx, request: Row, answer: str, words: str | None) -> None:
    """Say what became of a request."""
    if request["answered_on"] is not None:
        raise Conflict("answered-already", f"It was answered on {request['answered_on']}.")
    await tx.execute(_ANSWER, {"request": request["request_id"], "answer": answer, "today": tx.today})
    await write_note(tx, request["request_id"], "answer", words)


async def attest(
    tx: Tx, unit: UUID, clause: AttestedClause, person: UUID, valid_to: date, evidence: str, *, holds: bool
) -> UUID:
    """A named person states whether a clause holds, with evidence and until when."""
    problem = validity_problem(tx.today, valid_to)
    if problem:
        raise RuleBroken("validity-not-possible", problem, field="valid_to")
    attestation = new_id()
    values = {"attestation": attestation, "unit": unit, "clause": clause, "person": person, "valid_to": valid_to}
    await tx.execute(_ATTEST, {**values, "today": tx.today, "holds": holds})
    await write_note(tx, attestation, "evidence", evidence)
    about = {"attestation_id": attestation, "org_unit_id": unit, "clause": clause, "holds": holds}
    tx.emit(AttestationRecordedV1(**about, attested_by_id=person, attested_on=tx.today, valid_to=valid_to))
    return attestation
