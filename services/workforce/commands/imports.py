"""Taking a file of workers: every sound line is put in force, every other one is answered with its line and field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import LiteralString
from uuid import UUID

from chassis.database import Row, Tx
from chassis.ids import new_id
from chassis.problems import RuleBroken
from services.workforce.commands.checks import lock_line
from services.workforce.commands.workers import Standing, facts_of, save_workers
from services.workforce.queries.org_units import list_paths
from services.workforce.rules.findings import Finding
from services.workforce.rules.imports import Entry, Key, Unit, UnitsByName, entry_of, repeated, unmanageable
from services.workforce.rules.org_units import employer_of
from services.workforce.rules.worker_files import Line, UnreadableFileError, decoded, read_lines
from services.workforce.rules.workers import worker_findings

_EMPLOYED: LiteralString = """
select w.*, m.employee_ref as manager_ref from workers w left join workers m on m.worker_id = w.line_manager_id
where w.employer_id = any(%(employers)s) order by w.worker_id for update of w
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: the lines now in force, and those refused with line, field and problem."""

    accepted: int
    created: int
    changed: int
    unchanged: int
    rejected: Sequence[tuple[int, Finding]]


async def import_workers(tx: Tx, content: bytes, limit_to: UUID | None) -> Imported:
    """Put the workers of a CSV file in force, into units within ``limit_to``; the same file again changes nothing."""
    try:
        lines = read_lines(decoded(content))
    except UnreadableFileError as unreadable:
        raise RuleBroken("file-not-readable", str(unreadable), field="file") from unreadable
    await lock_line(tx)
    rejected = [(line.number, finding) for line in lines for finding in line.findings]
    placed = await _placed(tx, [line for line in lines if not line.findings], limit_to, rejected)
    known = await _known(tx, {unit.employer_id for _, unit in placed})
    entries = _sound(placed, known, rejected)
    fresh = _standing(entries, known)
    await save_workers(tx, fresh)
    created = sum(1 for worker in fresh if worker.version == 1)
    return Imported(
        accepted=len(entries),
        created=created,
        changed=len(fresh) - created,
        unchanged=len(entries) - len(fresh),
        rejected=sorted(rejected, key=lambda found: found[0]),
    )


async def _placed(
    tx: Tx, lines: Sequence[Line], limit_to: UUID | None, rejected: list[tuple[int, Finding]]
) -> list[tuple[Line, Unit]]:
    units = UnitsByName(_unit(row) for row in await list_paths(tx, limit_to))
    placed = []
    for line in lines:
        found = units.find(str(line.cells["org_unit"]))
        if isinstance(found, Finding):
            rejected.append((line.number, found))
        else:
            placed.append((line, found))
    return placed


def _unit(row: Row) -> Unit:
    employer = employer_of(list(zip(row["ids"], row["kinds"], strict=True)))
    return Unit(row["org_unit_id"], tuple(row["names"]), employer)


async def _known(tx: Tx, employers: set[UUID]) -> dict[Key, Row]:
    rows = await tx.fetch_all(_EMPLOYED, {"employers": list(employers)})
    return {(row["employer_id"], row["employee_ref"]): row for row in rows}


def _sound(
    placed: Sequence[tuple[Line, Unit]], known: dict[Key, Row], rejected: list[tuple[int, Finding]]
) -> list[Entry]:
    entries = []
    for line, unit in placed:
        row = known.get((unit.employer_id, line.employee_ref))
        entry = entry_of(line, unit, facts_of(row) if row else None, _manager_key(row))
        findings = worker_findings(entry.facts)
        rejected.extend((line.number, finding) for finding in findings)
        if not findings:
            entries.append(entry)
    twice = repeated(entries)
    entries = [entry for entry in entries if entry.number not in twice]
    managers = {key: _manager_key(row) for key, row in known.items()}
    loose = unmanageable(entries, managers, frozenset(key for key, row in known.items() if row["left_announced_on"]))
    rejected.extend([*twice.items(), *loose.items()])
    return [entry for entry in entries if entry.number not in loose]


def _manager_key(row: Row | None) -> Key | None:
    return (row["employer_id"], row["manager_ref"]) if row and row["manager_ref"] else None


def _standing(entries: Sequence[Entry], known: dict[Key, Row]) -> list[Standing]:
    ids = {key: row["worker_id"] for key, row in known.items()}
    ids |= {entry.key: new_id() for entry in entries if entry.key not in ids}
    standing = []
    for entry in entries:
        row = known.get(entry.key)
        facts = replace(entry.facts, line_manager_id=ids[entry.manager] if entry.manager else None)
        if row is None:
            standing.append(Standing(ids[entry.key], entry.key[0], 1, facts))
        elif facts != facts_of(row):
            standing.append(Standing(ids[entry.key], entry.key[0], row["version"] + 1, facts))
    return standing
