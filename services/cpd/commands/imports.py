"""Taking completed courses from a learning system: CSV files and xAPI statements (clause 6.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from chassis.clock import london_date
from chassis.database import Tx
from chassis.ids import new_id
from chassis.permissions import Caller, outside_reach
from chassis.problems import BadRequest, Conflict, FieldProblem, NotFound, RuleBroken
from services.cpd.commands.training import Completion, complete
from services.cpd.queries.workers import Known, list_workers
from services.cpd.rules.completions import Finding, Line, UnreadableFileError, read_file
from services.cpd.rules.xapi import Claim, Statement, UnsoundStatementError, code_of, read_statement

MOST_STATEMENTS = 1000

_ACCOUNTS: LiteralString = """
select home_page, account, worker_id from learner_accounts where (home_page, account) in (
    select * from unnest(%(home_pages)s::text[], %(accounts)s::text[]))
"""
_SET_ACCOUNT: LiteralString = """
insert into learner_accounts (home_page, account, worker_id, set_at, set_by)
values (%(home_page)s, %(account)s, %(worker_id)s, %(now)s, %(actor)s)
on conflict (home_page, account) do update set worker_id = excluded.worker_id, set_at = excluded.set_at,
    set_by = excluded.set_by
"""
_OWNER: LiteralString = """
select worker_id from learner_accounts where home_page = %(home_page)s and account = %(account)s
"""
_KNOWN: LiteralString = """
select statement_id, fingerprint, worker_id from statements where statement_id = any(%(ids)s)
"""
_STATEMENT: LiteralString = """
insert into statements (statement_id, fingerprint, worker_id, completion_id, received_at, received_from)
values (%(statement_id)s, %(fingerprint)s, %(worker_id)s, %(completion_id)s, %(now)s, %(actor)s)
on conflict (statement_id) do nothing
"""
_COURSE: LiteralString = """
select course_code from courses where activity = %(activity)s and org_unit_id = any(%(path)s)
order by array_position(%(path)s::uuid[], org_unit_id) desc limit 1
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    accepted: int
    unchanged: int
    rejected: Sequence[Finding]


Account = tuple[str, str]


async def set_account(tx: Tx, caller: Caller, home_page: str, account: str, worker_id: UUID) -> None:
    """Say whose account of a learning system it is; one that belongs to someone out of reach is not taken from them."""
    named = {"home_page": home_page, "account": account}
    owner = await tx.fetch_value(_OWNER, named)
    if owner is not None:
        await caller.reach_worker(tx, owner)
    if not await list_workers(tx, [worker_id]):
        raise NotFound("no-such-worker", "No worker has this id, or cpd has not heard of them yet.")
    await tx.queue(_SET_ACCOUNT, {**named, "worker_id": worker_id, "now": tx.now, "actor": tx.actor})


async def import_completions(tx: Tx, caller: Caller, content: bytes) -> Imported:
    """Record the completed courses of a CSV file; the same file again changes nothing."""
    try:
        lines, rejected = read_file(content)
    except UnreadableFileError as unreadable:
        raise RuleBroken("file-not-readable", str(unreadable), field="file") from unreadable
    owners = await _owners(tx, {line.account for line in lines if line.account})
    people = await list_workers(tx, {w for line in lines if (w := _worker_of(line, owners))})
    limit = await caller.resolve(tx)
    accepted = unchanged = 0
    for line in sorted(lines, key=lambda one: (str(_worker_of(one, owners)), one.course_code, one.completed_on)):
        known = people.get(_worker_of(line, owners) or new_id())
        if known is None or not _within(known, limit):
            rejected.append(Finding(line.number, "worker_id", "is nobody in your part of the organisation"))
        elif line.completed_on > tx.today:
            rejected.append(Finding(line.number, "completed_on", "lies in the future"))
        else:
            done = Completion(known.worker_id, line.course_code, line.completed_on, line.hours)
            _, fresh = await complete(tx, known, done, "csv")
            accepted, unchanged = accepted + fresh, unchanged + (not fresh)
    return Imported(accepted, unchanged, sorted(rejected, key=lambda found: found.line))


def _worker_of(line: Line, owners: dict[Account, UUID]) -> UUID | None:
    return line.worker_id or (owners.get(line.account) if line.account else None)


def _within(known: Known, limit: UUID | None) -> bool:
    return limit is None or limit in known.person.path


async def _owners(tx: Tx, accounts: Collection[Account]) -> dict[Account, UUID]:
    listed = sorted(accounts)
    asked = {"home_pages": [one[0] for one in listed], "accounts": [one[1] for one in listed]}
    rows = await tx.fetch_all(_ACCOUNTS, asked)
    return {(row["home_page"], row["account"]): row["worker_id"] for row in rows}


async def take_statements(tx: Tx, caller: Caller, given: Sequence[Any]) -> tuple[list[UUID], bool]:
    """Take a batch of xAPI statements, all or none; their ids, and whether any of them is new."""
    statements = _read(given)
    ids = [one.statement_id or new_id() for one in statements]
    if len(set(ids)) < len(ids):
        raise BadRequest("statement-repeated", "Two statements of the batch have the same id. Send each once.")
    known = {row["statement_id"]: row for row in await tx.fetch_all(_KNOWN, {"ids": ids})}
    limit = await caller.resolve(tx)
    fresh = [(i, one) for i, one in zip(ids, statements, strict=True) if i not in known]
    for statement_id, one in zip(ids, statements, strict=True):
        if statement_id in known and known[statement_id]["fingerprint"] != one.fingerprint:
            raise _differs(statement_id)
    for statement_id, one, learner in await _learners(tx, fresh, limit):
        await _keep(tx, statement_id, one, learner)
    return ids, bool(fresh)


def _read(given: Sequence[Any]) -> list[Statement]:
    if not 1 <= len(given) <= MOST_STATEMENTS:
        raise BadRequest("batch-size", f"Send from 1 to {MOST_STATEMENTS} statements at a time.")
    read = []
    for place, one in enumerate(given):
        try:
            read.append(read_statement(one))
        except UnsoundStatementError as unsound:
            found = FieldProblem(f"{place}.{unsound.field}", str(unsound))
            raise BadRequest("statement-not-sound", f"Statement {place}: {found.problem}.", fields=[found]) from unsound
    return read


def _differs(statement_id: UUID) -> Conflict:
    return Conflict("statement-differs", f"A statement {statement_id} is known that says something else.")


async def _learners(
    tx: Tx, fresh: Sequence[tuple[UUID, Statement]], limit: UUID | None
) -> list[tuple[UUID, Statement, Known | None]]:
    claims = {(one.claim.home_page, one.claim.account) for _, one in fresh if one.claim}
    owners = {account: _as_uuid(account[1]) for account in claims} | dict(await _owners(tx, claims))
    people = await list_workers(tx, {worker for worker in owners.values() if worker})
    found = []
    for statement_id, one in fresh:
        worker = owners[one.claim.home_page, one.claim.account] if one.claim else None
        learner = people.get(worker) if worker else None
        if one.claim and learner is None:
            if limit is not None and worker is not None:
                raise outside_reach()
            raise RuleBroken("unknown-learner", "Say first whose account it is: PUT /v1/cpd/learner-accounts.", "actor")
        if learner is not None and not _within(learner, limit):
            raise outside_reach()
        found.append((statement_id, one, learner))
    return sorted(found, key=lambda item: (str(item[2].worker_id) if item[2] else "", str(item[0])))


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _keep(tx: Tx, statement_id: UUID, one: Statement, learner: Known | None) -> None:
    completion_id = None
    if learner is not None and one.claim is not None:
        done = await _completion(tx, learner, one.claim)
        completion_id, _ = await complete(tx, learner, done, "xapi")
    row = {"statement_id": statement_id, "fingerprint": one.fingerprint, "completion_id": completion_id}
    of = {"worker_id": learner.worker_id if learner else None, "now": tx.now, "actor": tx.actor}
    if not await tx.execute(_STATEMENT, {**row, **of}):
        raise _differs(statement_id)


async def _completion(tx: Tx, learner: Known, claim: Claim) -> Completion:
    asked = {"activity": claim.activity, "path": list(learner.person.path)}
    code = await tx.fetch_value(_COURSE, asked) or code_of(claim.activity)
    completed_on = london_date(claim.completed_at or tx.now)
    return Completion(learner.worker_id, code, completed_on, claim.hours)
