"""Many cases at once: written in sets, each with its events in one transaction, so that no line is ever half taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg.errors import DeadlockDetected, UniqueViolation

from chassis.database import Database, Tx
from chassis.envelope import Cause
from chassis.problems import Conflict
from services.allocation.commands.case_keys import CaseKeys
from services.allocation.commands.case_lines import CaseLine, CaseSet, Rejected, facts_of_line, name_of, read_sets
from services.allocation.commands.cases import change_case, facts_of
from services.allocation.commands.fresh_cases import FreshCases
from services.allocation.commands.workloads import refresh_workloads
from services.allocation.queries.cases import CaseName, list_named_cases, lock_case
from services.allocation.rules.arrival import CaseFacts, problems_of

SETS_AT_ONCE = 4
_TRIES = 5

_KNOWN_UNITS: LiteralString = """
select org_unit_id::text from directory_units
where org_unit_id = any(%(units)s::uuid[]) and coalesce(%(bound)s = any(path), %(bound)s::uuid is null)
"""


@dataclass(slots=True)
class BatchAnswer:
    """What became of the lines so far."""

    accepted: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
    """Workers who hold a case that changed."""

    def reject(self, number: int, field_name: str, problem: str) -> None:
        """Keep what is wrong with a line."""
        self.rejected.append(Rejected(line=number, field=field_name, problem=problem))

    def add(self, other: BatchAnswer) -> None:
        """Count another set in."""
        self.accepted += other.accepted
        self.unchanged += other.unchanged
        self.rejected += other.rejected


@dataclass(slots=True)
class ReceiveCases:
    """Lines as they come in, who sends them, and the unit that bounds the sender."""

    body: AsyncIterable[bytes]
    cause: Cause
    bound: UUID | None = None


async def receive_cases(database: Database, wanted: ReceiveCases, keys: CaseKeys) -> BatchAnswer:
    """Take in lines a few thousand at a time, two sets at once.

    When the connection or the database breaks, whole sets stay, and sending the same file again takes only what was not yet
    taken. Sets that name the same case wait for each other, so that the last line about a case is the one that counts.
    """
    batch = _Batch(database, wanted.cause, wanted.bound, FreshCases(keys))
    try:
        async for one in read_sets(wanted.body):
            await batch.begin(one)
        return await batch.finish()
    finally:
        await asyncio.gather(*[task for _, task in batch.working], return_exceptions=True)


@dataclass(slots=True)
class _Batch:
    database: Database
    cause: Cause
    bound: UUID | None
    fresh: FreshCases
    answer: BatchAnswer = field(default_factory=BatchAnswer)
    working: list[tuple[CaseSet, asyncio.Task[BatchAnswer]]] = field(default_factory=list)
    some_are_known: bool = False

    async def begin(self, one: CaseSet) -> None:
        while len(self.working) == SETS_AT_ONCE or any(
            not one.lines.keys().isdisjoint(other.lines) for other, _ in self.working
        ):
            await self._wait()
        self.working.append((one, asyncio.create_task(self._take(one))))

    async def finish(self) -> BatchAnswer:
        while self.working:
            await self._wait()
        self.answer.rejected.sort(key=lambda rejected: rejected["line"])
        return self.answer

    async def _wait(self) -> None:
        self.answer.add(await self.working[0][1])
        self.working.pop(0)

    async def _take(self, one: CaseSet) -> BatchAnswer:
        """Write a set as if all of it were new; when some of it is known after all, look first."""
        for attempt in range(_TRIES):
            try:
                async with self.database.transaction(self.cause, copying=True) as tx:
                    return await self._take_in(tx, one, look_first=self.some_are_known or attempt > 0)
            except (UniqueViolation, DeadlockDetected):
                continue
        raise Conflict("cases-in-motion", "Others keep sending the same cases. Send these lines again.")

    async def _take_in(self, tx: Tx, one: CaseSet, *, look_first: bool) -> BatchAnswer:
        answer = BatchAnswer(rejected=list(one.rejected))
        lines = await self._acceptable(tx, one, answer)
        known = await self._known(tx, lines) if look_first else {}
        fresh = [line for name, line in lines.items() if name not in known]
        if fresh:
            await self.fresh.write(tx, fresh)
        answer.accepted = len(fresh)
        for name, case in known.items():
            await _take_known(tx, one.numbers[name], lines[name], case, answer)
        await refresh_workloads(tx, answer.touched)
        return answer

    async def _known(self, tx: Tx, lines: dict[str, CaseLine]) -> dict[str, dict[str, Any]]:
        names = [(line["source"], line["reference"]) for line in lines.values()]
        rows = await list_named_cases(tx, names, self.bound)
        self.some_are_known = bool(rows)
        return {name_of(row["source"], row["reference"]): row for row in rows}

    async def _acceptable(self, tx: Tx, one: CaseSet, answer: BatchAnswer) -> dict[str, CaseLine]:
        """Lines that name a known unit and a possible day, ordered by name, so that senders of the same cases queue up."""
        units = list({line["org_unit_id"] for line in one.lines.values()})
        rows = await tx.fetch_all(_KNOWN_UNITS, {"units": units, "bound": self.bound})
        known = {row["org_unit_id"] for row in rows}
        judged: dict[tuple[date, str], list[tuple[str, str]]] = {}
        acceptable = {}
        for name in sorted(one.lines):
            line = one.lines[name]
            place = (line["received_on"], line["org_unit_id"])
            if place not in judged:
                judged[place] = problems_of(facts_of_line(line), tx.today, unit_is_known=place[1] in known)
            if problems := judged[place]:
                answer.reject(one.numbers[name], *problems[0])
            else:
                acceptable[name] = line
        return acceptable


async def _take_known(tx: Tx, number: int, line: CaseLine, known: dict[str, Any], answer: BatchAnswer) -> None:
    """Note what changed about a case; the set tells of workloads once for all of them."""
    sent = facts_of_line(line)
    if not known["within_reach"]:
        answer.reject(number, "reference", "The case belongs to another organisation.")
    elif facts_of(known) == sent:
        answer.unchanged += 1
    else:
        await _change(tx, number, CaseName(line["source"], line["reference"]), sent, answer)


async def _change(tx: Tx, number: int, name: CaseName, sent: CaseFacts, answer: BatchAnswer) -> None:
    case = await lock_case(tx, name)
    try:
        outcome = await change_case(tx, case, sent)
    except Conflict as refused:
        answer.reject(number, "received_on", refused.detail)
        return
    answer.unchanged += outcome == "unchanged"
    answer.accepted += outcome != "unchanged"
    if case["worker_id"] is not None:
        answer.touched.add(case["worker_id"])
