"""docs/proof.md from the results that are kept: a table an area, and under each what it was measured on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.proof.results import COMMANDS, Result

_INTRODUCTION = """\
# Proof

Written by `python -m tests.proof` from the results under `docs/proof/`, one file each; a test fails when this page says
anything else. A result gets there only by being measured (`PROOF=record` before its command), and says on what, when, from
which seed and how to repeat it. What is not listed was not measured.
"""


@dataclass(frozen=True)
class Table:
    """How an area is shown. ``columns`` are keys of outcomes with their headings; other keys go into a last column."""

    heading: str
    says: str
    columns: tuple[tuple[str, str], ...]
    sort_by: tuple[str, ...] = ()


TABLES = {
    "faults": Table(
        "Faults",
        "Every service as a process of its own on Apache Kafka and PostgreSQL. The main job runs beside each fault, and every "
        "invariant is checked once it is over.",
        (("kind", "kind"), ("case", "what happens"), ("passed", "passed"), ("seconds", "seconds")),
        ("kind", "case"),
    ),
    "soak": Table(
        "Soak",
        "Random kills from a seed while events are written; then every invariant is checked.",
        (("events", "events"), ("kills", "kills"), ("lost", "lost"), ("doubled", "doubled"), ("passed", "passed")),
    ),
    "checkers": Table(
        "Checkers",
        "What checks an invariant is itself checked: the bug is put back, and the checker must find it.",
        (("invariant", "invariant"), ("says", "what must hold"), ("bug", "the bug put back"), ("passed", "found")),
    ),
    "load": Table(
        "Load",
        "Ratios of ours to something a reader knows, measured in turns in one run.",
        (
            *(("what", "ours"), ("beside", "beside"), ("ratio", "ratio"), ("wanted", "wanted"), ("passed", "reached")),
            *(("ours", "measured"), ("theirs", "beside it"), ("unit", "unit")),
        ),
    ),
    "growth": Table(
        "Growth",
        "What people wait for as one database grows from one authority to many. A slope of 0 means that size does not matter, 1 "
        "that twice as much takes twice as long.",
        (
            *(("what", "operation"), ("slope", "slope"), ("wanted", "wanted"), ("passed", "reached")),
            *(("times", "time at each number of authorities"), ("pages", "pages touched")),
        ),
    ),
    "profiles": Table(
        "Profiles",
        "Where the time of each path goes, as parts of all samples in which it was at work: its three largest costs.",
        (("path", "path"), ("costs", "largest costs"), ("samples", "samples")),
    ),
    "security": Table(
        "Security",
        "Attempts by people who should not get in, and what they were answered.",
        (("what", "what"), ("tried", "tried"), ("passed", "passed")),
    ),
    "findings": Table(
        "Findings",
        "What the above found, what it was, and the test that keeps it away.",
        (("finding", "what was seen"), ("cause", "why"), ("mended", "what was done"), ("test", "test")),
    ),
}


def render(results: Mapping[str, Sequence[Result]]) -> str:
    """The whole page."""
    areas = [area for area in COMMANDS if results.get(area)]
    return "\n".join([_INTRODUCTION, *(_area(TABLES[area], results[area]) for area in areas)])


def _area(table: Table, results: Sequence[Result]) -> str:
    known = [key for key, _ in table.columns]
    more = any(set(result.outcome) - set(known) for result in results)
    headings = [heading for _, heading in table.columns] + (["further"] if more else [])
    ordered = sorted(results, key=lambda result: [str(result.outcome.get(key, "")) for key in table.sort_by])
    lines = [_row(headings), _row(["---"] * len(headings))]
    lines += [_row(_cells(result, known, more)) for result in ordered]
    return "\n".join(
        [f"## {table.heading}\n", f"{table.says} {_count(results)}\n", *lines, "", *_measured_on(results), ""]
    )


def _count(results: Sequence[Result]) -> str:
    judged = [result for result in results if "passed" in result.outcome]
    if not judged:
        return f"{len(results)} in all."
    return f"{len(judged)} in all, {sum(bool(result.outcome['passed']) for result in judged)} as wanted."


def _cells(result: Result, known: Sequence[str], more: bool) -> list[str]:
    cells = [_shown(result.outcome.get(key, "")) for key in known]
    further = [f"{key.replace('_', ' ')} {_shown(value)}" for key, value in result.outcome.items() if key not in known]
    if result.seed is not None:
        further.append(f"seed {result.seed}")
    return [*cells, "; ".join(further)] if more or result.seed is not None else cells


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value))
    return str(value).replace("|", "\\|").replace("\n", " ")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _measured_on(results: Sequence[Result]) -> list[str]:
    """Each machine with its versions, the days it was measured on, and the commands that measure it again."""
    days: dict[str, set[str]] = {}
    commands: dict[str, set[str]] = {}
    for result in results:
        found = ", ".join(f"{name} {version}" for name, version in result.versions.items())
        on = result.machine
        place = f"{on['cores']} cores ({on['cpu']}), {on['memory_gb']} GB; {found}"
        days.setdefault(place, set()).add(result.date)
        commands.setdefault(place, set()).add(f"`{result.command}`")
    return [
        f"- {', '.join(sorted(commands[place]))}: {', '.join(sorted(dates))}, on {place}"
        for place, dates in days.items()
    ]
