"""What the operations documents name is there: tables, files, tests, settings, and nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis import tables
from plumbline.services import SERVICES, load

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [
        *(ROOT / "docs").glob("operations/*.md"),
        *(ROOT / "docs/runbooks").glob("*.md"),
        ROOT / "docs/threat-model.md",
        ROOT / "SECURITY.md",
    ]
)
_LINK = re.compile(r"\]\(([^)#\s]+)(#[\w-]+)?\)")


def sections(document: str) -> dict[str, set[str]]:
    """The tables named in the first column under each heading of the third level."""
    found: dict[str, set[str]] = {}
    for part in re.split(r"^### ", document, flags=re.MULTILINE)[1:]:
        body = part.split("\n## ")[0]
        rows = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `")]
        found[part.split()[0].rstrip(":")] = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    return found


def kept() -> dict[str, set[str]]:
    return sections((ROOT / "docs/operations/data-protection.md").read_text())


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_says_how_long_it_is_kept(service: str) -> None:
    assert kept()[service] == set(load(service).tables.tables)


def test_every_table_of_the_chassis_says_how_long_it_is_kept() -> None:
    assert kept()["chassis"] == set(tables.metadata.tables)


def links() -> Iterator[tuple[str, Path]]:
    for document in DOCUMENTS:
        for target, _ in _LINK.findall(document.read_text()):
            if "://" not in target:
                yield f"{document.relative_to(ROOT)} -> {target}", document.parent / target


def test_every_link_leads_to_a_file() -> None:
    assert [named for named, path in links() if not path.exists()] == []


def test_every_link_to_a_heading_leads_to_one() -> None:
    missing = []
    for document in DOCUMENTS:
        for target, anchor in _LINK.findall(document.read_text()):
            path = document.parent / target
            if anchor and path.is_file():
                headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
                known = {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
                missing += [] if anchor[1:] in known else [f"{document.name} -> {target}{anchor}"]
    assert missing == []


def pointers() -> Iterator[str]:
    """The paths in the last column of the threat model's tables."""
    for line in (ROOT / "docs/threat-model.md").read_text().splitlines():
        if line.startswith("| ") and line.count("`"):
            yield from (
                path
                for path in re.findall(r"`([\w./-]+)`", line.rstrip("| ").rsplit("|", 1)[1])
                if "/" in path or "." in path
            )


def test_everything_that_the_threat_model_points_at_is_there() -> None:
    named = list(pointers())
    assert len(named) > 60
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_threat_model_speaks_of_every_chapter_of_the_verification_standard() -> None:
    rows = re.findall(r"^\| V(\d+) .*\|$", (ROOT / "docs/threat-model.md").read_text(), re.MULTILINE)
    assert [int(row) for row in rows] == list(range(1, 18))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.name))
def test_every_file_that_a_page_names_is_there(document: Path) -> None:
    named = re.findall(
        r"`((?:docs|deploy|tests|benchmarks|services|chassis|gateway|plumbline)/[\w./-]+\w)`", document.read_text()
    )
    assert [path for path in named if not (ROOT / path).exists()] == []
