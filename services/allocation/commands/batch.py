"""Many cases at once: written in sets, each with its events in one transaction, so that no line is ever half taken."""

from __future__ import annotations

from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

from chassis.database import Database, Tx
from chassis.envelope import Cause
from chassis.ids import new_id
from chassis.problems import Conflict
from services.allocation.commands.case_keys import CaseKeys
from services.allocation.commands.case_lines import CaseLine, CaseSet, Rejected, read_sets
from services.allocation.commands.cases import change_case, received_event
from services.allocation.commands.workloads import refresh_workloads
from services.allocation.rules.arrival import CaseFacts, problems_of

_KNOWN_UNITS: LiteralString = "select org_unit_id from directory_units where org_unit_id = any(%(units)s)"
# One order for everyone, so that two batches with the same cases wait for each other instead of blocking each other.
_INSERT: LiteralString = """
insert into cases (case_id, source, reference, case_key, case_type, complexity, org_unit_id, priority, received_on,
                   skills, modifiers)
select g.case_id, g.source, g.reference, g.case_key, g.case_type, g.complexity, g.org_unit_id, g.priority,
       g.received_on, g.skills::text[], g.modifiers::text[]
from unnest(%(case_id)s::uuid[], %(source)s::text[], %(reference)s::text[], %(case_key)s::text[], %(case_type)s::text[],
            %(complexity)s::text[], %(org_unit_id)s::uuid[], %(priority)s::text[], %(received_on)s::date[],
            %(skills)s::text[], %(modifiers)s::text[])
    as g (case_id, source, reference, case_key, case_type, complexity, org_unit_id, priority, received_on, skills,
          modifiers)
order by g.source, g.reference
on conflict (source, reference) do nothing returning case_id
"""
_LOCK_KNOWN: LiteralString = """
select c.*, a.allocation_id from cases c
join unnest(%(source)s::text[], %(reference)s::text[]) as g (source, reference) using (source, reference)
left join allocations a on a.case_id = c.case_id and a.ended_on is null
order by source, reference for no key update of c
"""


@dataclass(slots=True)
class BatchAnswer:
    """What became of the lines so far."""

    accepted: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)


async def receive_cases(database: Database, cause: Cause, body: AsyncIterable[bytes], keys: CaseKeys) -> BatchAnswer:
    """Take in the lines of a body as they come.

    When the connection or the database breaks, the sets before stay, and sending the same file again takes only what was
    not yet taken.
    """
    answer = BatchAnswer()
    async for one in read_sets(body):
        async with database.transaction(cause) as tx:
            taken = await _take_set(tx, one, keys)
        answer.accepted += taken.accepted
        answer.unchanged += taken.unchanged
        answer.rejected += sorted(taken.rejected, key=lambda rejected: rejected["line"])
    return answer


async def _take_set(tx: Tx, one: CaseSet, keys: CaseKeys) -> BatchAnswer:
    answer = BatchAnswer(rejected=one.rejected)
    lines = await _acceptable(tx, one, answer)
    if not lines:
        return answer
    rows = [_row(line, keys) for _, line in lines]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    fresh = {row["case_id"] for row in await tx.fetch_all(_INSERT, columns)}
    answer.accepted = len(fresh)
    known = []
    for (number, line), row in zip(lines, rows, strict=True):
        if row["case_id"] in fresh:
            tx.emit(received_event(row["case_key"], _facts(line)))
        else:
            known.append((number, line))
    await _take_known(tx, known, answer)
    return answer


async def _acceptable(tx: Tx, one: CaseSet, answer: BatchAnswer) -> list[tuple[int, CaseLine]]:
    """Lines that name a known unit and a possible day; the same unit and day are judged once."""
    units = list({line["org_unit_id"] for line in one.lines})
    known = {row["org_unit_id"] for row in await tx.fetch_all(_KNOWN_UNITS, {"units": units})}
    judged: dict[tuple[Any, UUID], list[tuple[str, str]]] = {}
    acceptable = []
    for number, line in zip(one.numbers, one.lines, strict=True):
        place = (line["received_on"], line["org_unit_id"])
        if place not in judged:
            judged[place] = problems_of(_facts(line), tx.today, unit_is_known=line["org_unit_id"] in known)
        if problems := judged[place]:
            answer.rejected.append(Rejected(line=number, field=problems[0][0], problem=problems[0][1]))
        else:
            acceptable.append((number, line))
    return acceptable


async def _take_known(tx: Tx, lines: Sequence[tuple[int, CaseLine]], answer: BatchAnswer) -> None:
    if not lines:
        return
    names = {"source": [line["source"] for _, line in lines], "reference": [line["reference"] for _, line in lines]}
    cases = {(row["source"], row["reference"]): row for row in await tx.fetch_all(_LOCK_KNOWN, names)}
    touched = set()
    for number, line in lines:
        case = cases[line["source"], line["reference"]]
        try:
            outcome = await change_case(tx, case, _facts(line))
        except Conflict as refused:
            answer.rejected.append(Rejected(line=number, field="received_on", problem=refused.detail))
            continue
        answer.unchanged += outcome == "unchanged"
        answer.accepted += outcome != "unchanged"
        if outcome == "changed" and case["worker_id"] is not None:
            touched.add(case["worker_id"])
    await refresh_workloads(tx, touched)


def _row(line: CaseLine, keys: CaseKeys) -> dict[str, Any]:
    return {
        "case_id": new_id(),
        "case_key": keys.key_of(line["source"], line["reference"]),
        **line,
        "skills": _array(line.get("skills")),
        "modifiers": _array(line.get("modifiers")),
    }


def _array(codes: Sequence[str] | None) -> str:
    """A PostgreSQL array of codes, which hold no quotes and no backslashes."""
    return "{" + ",".join(f'"{code}"' for code in sorted(set(codes))) + "}" if codes else "{}"


def _facts(line: CaseLine) -> CaseFacts:
    return CaseFacts(
        line["case_type"],
        line["complexity"],
        line["org_unit_id"],
        line["priority"],
        line["received_on"],
        tuple(sorted(set(line.get("skills", ())))),
        tuple(sorted(set(line.get("modifiers", ())))),
    )
