"""One result, one file: what was measured, on what, when, from which seed, and the command that measures it again."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.proof.surroundings import machine, versions

FOLDER = Path(__file__).parent.parent.parent / "docs" / "proof"
COMMANDS = {
    "faults": "FAULTS=long make faults",
    "soak": "make soak",
    "checkers": "python -m pytest tests/faults/test_checkers*.py",
    "load": "make bench",
    "growth": "python -m benchmarks growth --record",
    "profiles": "python -m benchmarks.profile --record",
    "security": "SECURITY=long make security",
    "findings": "make test",
}
"""The areas there are, and the command that repeats a result of each unless the result names its own."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Result:
    """A result as it is kept. ``outcome`` holds plain values: text, numbers, truth, or lists of them."""

    area: str
    name: str
    outcome: Mapping[str, Any]
    command: str
    seed: int | None
    date: str
    machine: Mapping[str, str | int]
    versions: Mapping[str, str]


def record(
    area: str,
    name: str,
    outcome: Mapping[str, Any],
    *,
    command: str = "",
    seed: int | None = None,
    libraries: Iterable[str] = (),
    folder: Path | None = None,
) -> Path | None:
    """Keep a result under ``docs/proof/<area>/<name>.json``, over an earlier one of that name; its file.

    Only where ``PROOF=record`` is set (as ``make proof`` does) or ``folder`` is given: a run of the tests leaves the tree as
    it was. ``area`` is one of :data:`COMMANDS`; ``name`` is in kebab case. ``python -m tests.proof`` then writes the page.
    """
    if area not in COMMANDS or not _NAME.fullmatch(name):
        raise ValueError(f"{area}/{name}: the area is one of {', '.join(COMMANDS)}, the name in kebab case")
    if folder is None and os.environ.get("PROOF") != "record":
        return None
    date = datetime.now(UTC).date().isoformat()
    about = (command or COMMANDS[area], seed, date, machine(), versions(libraries))
    file = (folder or FOLDER) / area / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(Result(area, name, outcome, *about)), indent=1, ensure_ascii=False) + "\n")
    return file


def slug(text: str) -> str:
    """A sentence as the name of a result."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))


def kept(folder: Path = FOLDER) -> dict[str, list[Result]]:
    """Every result that is kept, by area, in the order of their names."""
    found: dict[str, list[Result]] = {area: [] for area in COMMANDS}
    for file in sorted(folder.glob("*/*.json")):
        result = Result(**json.loads(file.read_text()))
        found[result.area].append(result)
    return found
