"""Which clauses of the standards are served, by which service and by what, as the services themselves declare it.

``python -m plumbline.coverage`` writes docs/coverage.md; ``--check`` fails when it is not what the services say.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis.service import Clause, Service
from plumbline.contracts.generation import present_services

CLAUSES = Path(__file__).with_name("clauses.csv")
PAGE = Path(__file__).parent.parent / "docs" / "coverage.md"
STANDARDS = {
    1: "Accountability framework",
    2: "Workforce planning",
    3: "Workload and allocation",
    4: "Safety, tools and resources",
    5: "Supervision",
    6: "Continuing professional development",
    7: "Registration",
    8: "Partnerships with education",
}
_INTRODUCTION = """\
# Coverage of the standards, clause by clause

Written by `python -m plumbline.coverage` from what each service declares in its `service.py`; a test fails when this page says
anything else. A clause is served by a *measure* (a figure that can be opened to its events), a *workflow* (something people do
in the product, with a record of it) or an *attestation* (a statement by a named person, with evidence and a date).
"""


@dataclass(frozen=True, slots=True)
class Obligation:
    """One clause of the standards, in short, with the service that is to own it and by what it is best served."""

    id: str
    standard: int
    owner: str
    kind: str
    in_short: str


@dataclass(frozen=True, slots=True)
class Served:
    """One service's declaration about one clause."""

    service: str
    clause: Clause


class UnknownClause(Exception):
    """A service declares a clause that the standards do not have."""


def obligations() -> list[Obligation]:
    """Every clause of the standards, in their order."""
    with CLAUSES.open(newline="", encoding="utf-8") as file:
        return [
            Obligation(row["clause"], int(row["standard"]), row["owner"], row["kind"], row["in_short"])
            for row in csv.DictReader(file)
        ]


def declarations(services: Mapping[str, Service]) -> dict[str, list[Served]]:
    """What is declared, by clause; raises :class:`UnknownClause` for a clause that does not exist."""
    known = {clause.id for clause in obligations()}
    found: dict[str, list[Served]] = {}
    for name, service in services.items():
        for clause in service.clauses:
            if clause.id not in known:
                raise UnknownClause(f"{name} declares clause {clause.id}, which the standards do not have")
            found.setdefault(clause.id, []).append(Served(name, clause))
    return found


def page(clauses: Sequence[Obligation], served: Mapping[str, Sequence[Served]]) -> str:
    """The coverage page."""
    sections = [_INTRODUCTION, _summary(clauses, served)]
    sections += [
        _standard(number, [clause for clause in clauses if clause.standard == number], served) for number in STANDARDS
    ]
    sections.append(_unserved([clause for clause in clauses if clause.id not in served]))
    return "\n".join(sections)


def _summary(clauses: Sequence[Obligation], served: Mapping[str, Sequence[Served]]) -> str:
    rows = ["## In numbers", "", "| standard | clauses | served | unserved |", "|---|---|---|---|"]
    for number, title in STANDARDS.items():
        rows.append(_counts(f"{number} {title}", [clause for clause in clauses if clause.standard == number], served))
    rows.append(_counts("**all**", clauses, served))
    return "\n".join(rows) + "\n"


def _counts(title: str, clauses: Sequence[Obligation], served: Mapping[str, Sequence[Served]]) -> str:
    done = sum(clause.id in served for clause in clauses)
    return f"| {title} | {len(clauses)} | {done} | {len(clauses) - done} |"


def _standard(number: int, clauses: Sequence[Obligation], served: Mapping[str, Sequence[Served]]) -> str:
    rows = [
        f"## Standard {number}: {STANDARDS[number]}",
        "",
        "| clause | what | served by | by | with |",
        "|---|---|---|---|---|",
    ]
    for clause in clauses:
        declared = served.get(clause.id)
        if declared:
            rows += [_row(clause, one.service, one.clause.by, one.clause.with_) for one in declared]
        else:
            rows.append(_row(clause, "*unserved*", "", ""))
    return "\n".join(rows) + "\n"


def _row(clause: Obligation, service: str, by: str, with_: str) -> str:
    return f"| {clause.id} | {clause.in_short} | {service} | {by} | {with_} |"


def _unserved(clauses: Sequence[Obligation]) -> str:
    rows = [f"## Still unserved: {len(clauses)}", ""]
    if not clauses:
        return "\n".join([*rows, "None."]) + "\n"
    rows += ["| clause | what | will belong to | best served by |", "|---|---|---|---|"]
    rows += [f"| {clause.id} | {clause.in_short} | {clause.owner} | {clause.kind} |" for clause in clauses]
    return "\n".join(rows) + "\n"


def render() -> str:
    """The page as the services declare it now."""
    return page(obligations(), declarations(present_services()))


def main() -> int:
    """Write the page, or check it; 0 when it is what the services say."""
    parser = argparse.ArgumentParser(prog="python -m plumbline.coverage")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when the page differs")
    text = render()
    if not parser.parse_args().check:
        PAGE.write_text(text)
        return 0
    if PAGE.exists() and PAGE.read_text() == text:
        return 0
    print("docs/coverage.md is not what the services declare: run `python -m plumbline.coverage`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
