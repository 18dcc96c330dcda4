"""Taking in what a register answered about a list: every sound line is put in force, everything else is reported (clause 7.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis.clients import Clients
from chassis.database import Database, Row, Tx
from chassis.ids import new_id
from chassis.problems import RuleBroken
from contracts.registration import CheckRecordedV1
from services.registration.commands.register import Entry, current_entry, lock_worker, save_entry
from services.registration.commands.settling import settle_workers
from services.registration.queries.checks import get_check, get_check_list
from services.registration.queries.people import ask_people
from services.registration.queries.policies import get_policy
from services.registration.queries.workers import list_holders
from services.registration.rules.checks import Compared, Report, compare
from services.registration.rules.registers import REGISTERS
from services.registration.rules.sources import Answer, UnreadableAnswerError

_LOCK: LiteralString = "select 1 as locked from check_lists where list_id = %(list)s for update"
_SAME: LiteralString = """
select check_id from checks where list_id = %(list)s and content_hash = %(content_hash)s
  and checked_on = %(checked_on)s and missing_are_not_found = %(missing_are_not_found)s
"""
_KEEP: LiteralString = """
insert into checks (check_id, list_id, content_hash, checked_on, missing_are_not_found, lines, missing, problems,
    recorded_by, recorded_at)
values (%(check_id)s, %(list)s, %(content_hash)s, %(checked_on)s, %(missing_are_not_found)s, %(lines)s, %(missing)s,
    %(problems)s, %(actor)s, %(now)s)
"""


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    """A register's download for a list. ``missing_are_not_found``: a person has seen that the register knows them not."""

    list_id: UUID
    content: bytes
    checked_on: date
    missing_are_not_found: bool

    def key(self) -> dict[str, Any]:
        """What makes a second sending the same answer."""
        return {
            "list": self.list_id,
            "content_hash": sha256(self.content).hexdigest(),
            "checked_on": self.checked_on,
            "missing_are_not_found": self.missing_are_not_found,
        }


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """A list, what the register says of it, and the names of the workers it is about."""

    asked: Row
    answer: Answer
    names: Mapping[str, str]


async def read_answer(database: Database, clients: Clients, wanted: TakeAnswer) -> ReadAnswer:
    """Read an answer; names are asked of workforce before anything is written, to be compared and forgotten."""
    async with database.reading() as tx:
        asked = await get_check_list(tx, wanted.list_id)
        if wanted.checked_on > tx.today:
            raise RuleBroken("checked-in-the-future", "Give the day on which the register was read.", "checked_on")
        holders = await list_holders(tx, asked["numbers"])
    answer = _read(asked, wanted.content)
    people = await ask_people(clients, {holders[one.number] for one in answer.found if one.number in holders})
    return ReadAnswer(asked, answer, {n: people[worker].name for n, worker in holders.items() if worker in people})


async def take_answer(tx: Tx, wanted: TakeAnswer, read: ReadAnswer) -> Row:
    """What became of an answer; the same file again for the same list and day changes nothing."""
    await tx.execute(_LOCK, {"list": wanted.list_id})
    check_id = await tx.fetch_value(_SAME, wanted.key())
    return await get_check(tx, check_id or await _record(tx, wanted, read.asked, read.answer, read.names))


def _read(asked: Row, content: bytes) -> Answer:
    try:
        return REGISTERS[asked["source"]].read(content)
    except UnreadableAnswerError as unreadable:
        raise RuleBroken("file-not-readable", str(unreadable), field="file") from unreadable


async def _record(tx: Tx, wanted: TakeAnswer, asked: Row, answer: Answer, names: Mapping[str, str]) -> UUID:
    policy, _ = await get_policy(tx, asked["org_unit_id"], wanted.checked_on)
    report = compare(asked["numbers"], answer, names, wanted.checked_on, policy.lag_days)
    check_id = new_id()
    lines = await _apply(tx, check_id, wanted, report)
    kept = {"lines": Jsonb(lines), "missing": list(report.missing)}
    problems = Jsonb([asdict(problem) for problem in report.problems])
    row = {**wanted.key(), **kept, "check_id": check_id, "problems": problems}
    await tx.execute(_KEEP, {**row, "actor": tx.actor, "now": tx.now})
    tx.emit(_recorded(check_id, wanted, asked, report, lines))
    return check_id


async def _apply(tx: Tx, check_id: UUID, wanted: TakeAnswer, report: Report) -> list[dict[str, Any]]:
    """Put the lines in force one worker after the other, in the order of their ids, so that two files never wait crosswise."""
    said = {one.found.number: one for one in report.compared}
    absent = report.missing if wanted.missing_are_not_found else ()
    holders = await list_holders(tx, [*said, *absent])
    lines = [_line(one) for one in report.compared if one.found.number not in holders]
    for number, worker_id in sorted(holders.items(), key=lambda item: item[1]):
        one = said.get(number)
        entry = _entry_of(one, wanted, check_id) if one else _not_found(number, wanted, check_id)
        outcome = await _put(tx, worker_id, entry, name_differs=one is not None and one.name_differs)
        if one is not None:
            lines.append({**_line(one), "worker_id": str(worker_id), "outcome": outcome})
    await settle_workers(tx, list(holders.values()))
    return sorted(lines, key=lambda line: int(line["line"]))


async def _put(tx: Tx, worker_id: UUID, entry: Entry, *, name_differs: bool) -> str:
    if name_differs:
        return "name_differs"
    unit = await lock_worker(tx, worker_id)
    current = await current_entry(tx, worker_id)
    if current and current["checked_on"] and entry.checked_on and current["checked_on"] > entry.checked_on:
        return "read_later_already"
    return "changed" if await save_entry(tx, worker_id, unit, entry, current) else "unchanged"


def _entry_of(one: Compared, wanted: TakeAnswer, check_id: UUID) -> Entry:
    found = one.found
    return Entry(
        found.number,
        one.reading.status,
        found.valid_until,
        wanted.checked_on,
        "list",
        one.reading.awaiting,
        found.annotations,
        found.extra,
        check_id,
    )


def _not_found(number: str, wanted: TakeAnswer, check_id: UUID) -> Entry:
    return Entry(number, "not_found", None, wanted.checked_on, "list", check_id=check_id)


def _line(one: Compared) -> dict[str, Any]:
    return {
        "line": one.found.line,
        "number": one.found.number,
        "worker_id": None,
        "status": one.reading.status,
        "valid_to": one.found.valid_until.isoformat() if one.found.valid_until else None,
        "awaiting": one.reading.awaiting,
        "name_score": one.name_score,
        "outcome": "nobody_has_it",
    }


def _recorded(
    check_id: UUID, wanted: TakeAnswer, asked: Row, report: Report, lines: Sequence[Mapping[str, Any]]
) -> CheckRecordedV1:
    outcomes = [line["outcome"] for line in lines]
    return CheckRecordedV1(
        check_id=check_id,
        org_unit_id=asked["org_unit_id"],
        checked_on=wanted.checked_on,
        asked=len(asked["numbers"]),
        answered=len(report.compared),
        missing=len(report.missing),
        changed=outcomes.count("changed"),
        rejected=len(report.problems),
        name_mismatches=outcomes.count("name_differs"),
    )
