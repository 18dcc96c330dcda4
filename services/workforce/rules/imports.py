"""Lines of a file become workers: which unit and manager they mean, and which lines cannot be taken (clause 2.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.workforce.rules.findings import Finding
from services.workforce.rules.worker_files import Line
from services.workforce.rules.workers import WorkerFacts, in_management_cycle, registration_number

Key = tuple[UUID, str]
"""A worker as a file names them: the employer and the employee reference."""


@dataclass(frozen=True, slots=True)
class Unit:
    """An org unit with the names from the top of the tree down to it, and who employs the people in it."""

    org_unit_id: UUID
    names: tuple[str, ...]
    employer_id: UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that stands for a worker: all facts, the manager by key, and the line to answer to."""

    number: int
    key: Key
    facts: WorkerFacts
    manager: Key | None


class UnitsByName:
    """Finds the unit that a cell means: an id, or names separated by / or >, as many as make it unique."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_id = {unit.org_unit_id: unit for unit in units}
        self._by_names: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
        for unit in self._by_id.values():
            names = tuple(name.casefold() for name in unit.names)
            for start in range(len(names)):
                self._by_names[names[start:]].append(unit)

    def find(self, cell: str) -> Unit | Finding:
        """The unit, or what to write instead."""
        unit_id = _uuid(cell)
        found = [self._by_id[unit_id]] if unit_id in self._by_id else self._named(cell)
        if len(found) == 1:
            return found[0]
        if found:
            return Finding(
                "org_unit", f"{cell!r} names {len(found)} units; write more of the path, as Authority/Service/Team"
            )
        return Finding("org_unit", f"{cell!r} is not an org unit here; create it first or correct the path")

    def _named(self, cell: str) -> list[Unit]:
        for separator in ("\n", ">", "/"):
            found = self._by_names.get(tuple(name.strip().casefold() for name in cell.split(separator)))
            if found:
                return found
        return []


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def entry_of(line: Line, unit: Unit, known: WorkerFacts | None, known_manager: Key | None) -> Entry:
    """The worker that a line describes. A column that the file does not have leaves what is known as it is."""
    cells: dict[str, Any] = {name: value for name, value in line.cells.items() if name not in _REFERENCES}
    if "registration_number" in cells:
        cells["registration_number"] = registration_number(cells["registration_number"])
    facts = replace(known or _UNKNOWN, **cells, org_unit_id=unit.org_unit_id)
    manager = known_manager
    if "line_manager_ref" in line.cells:
        reference = line.cells["line_manager_ref"]
        manager = (unit.employer_id, str(reference)) if reference else None
    return Entry(line.number, (unit.employer_id, facts.employee_ref), facts, manager)


def repeated(entries: Iterable[Entry]) -> dict[int, Finding]:
    """Lines about a worker whom an earlier line of the file is about."""
    first: dict[Key, int] = {}
    findings = {}
    for entry in entries:
        earlier = first.setdefault(entry.key, entry.number)
        if earlier != entry.number:
            findings[entry.number] = Finding("employee_ref", f"stands on line {earlier} already; keep one of the two")
    return findings


def unmanageable(entries: Iterable[Entry], known: Mapping[Key, Key | None], left: frozenset[Key]) -> dict[int, Finding]:
    """Lines whose manager is unknown, has left, or would end up managed by themselves.

    A manager may stand later in the file. Refusing one line can take the manager from another, so this goes on until the
    rest holds together.
    """
    standing = {entry.key: entry for entry in entries}
    findings: dict[int, Finding] = {}
    while True:
        fresh = _unknown_managers(standing, known, left) or _cycles(standing, known)
        if not fresh:
            return findings
        for key, finding in fresh.items():
            findings[standing.pop(key).number] = finding


def _unknown_managers(
    standing: Mapping[Key, Entry], known: Mapping[Key, Key | None], left: frozenset[Key]
) -> dict[Key, Finding]:
    findings = {}
    for key, entry in standing.items():
        manager = entry.manager
        if manager is None or manager == known.get(key):
            continue
        if manager not in known and manager not in standing:
            findings[key] = Finding(
                "line_manager_ref", f"{manager[1]!r} is neither a worker here nor a sound line of this file; correct it"
            )
        elif manager in left and manager not in standing:
            findings[key] = Finding("line_manager_ref", f"{manager[1]!r} has left; name the manager who took over")
    return findings


def _cycles(standing: Mapping[Key, Entry], known: Mapping[Key, Key | None]) -> dict[Key, Finding]:
    managers = {**known, **{key: entry.manager for key, entry in standing.items()}}
    problem = "leads back to this worker; nobody manages themselves, directly or through others"
    return {key: Finding("line_manager_ref", problem) for key in in_management_cycle(managers) if key in standing}


_REFERENCES = frozenset({"org_unit", "line_manager_ref"})
_UNKNOWN = WorkerFacts(
    name="",
    employee_ref="",
    org_unit_id=UUID(int=0),
    line_manager_id=None,
    job_role="",
    career_stage="",
    newly_qualified=False,
    is_social_worker=False,
    registration_number=None,
    is_agency=False,
    contracted_hours=Decimal(0),
    employment_started_on=date.min,
    employment_ended_on=None,
    monitored_from=None,
    email=None,
)
