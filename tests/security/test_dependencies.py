"""What is installed is what was locked, byte for byte; ``make audit`` looks for advisories about it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.security.advisories import LOCKS, PINNED, Finding, findings, locked

LOCK = LOCKS[0]
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def requirements() -> list[str]:
    """The lock's requirements, each with its hashes on one line."""
    lines = LOCK.read_text().replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("requirement", [pytest.param(r, id=r.split(" ", 1)[0]) for r in requirements()])
def test_every_requirement_is_one_version_of_known_bytes(requirement: str) -> None:
    assert PINNED.match(requirement)
    assert _HASH.search(requirement)


def test_the_lock_says_nothing_about_where_it_is_installed_from() -> None:
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|-e |git\+", LOCK.read_text())


def test_what_is_installed_is_what_is_locked() -> None:
    pinned: dict[str, set[str]] = {}
    for name, version in locked(LOCK):
        pinned.setdefault(name, set()).add(version)
    installed = {name: _installed(name) for name in pinned}
    assert {name: found for name, found in installed.items() if found and found not in pinned[name]} == {}


def _installed(name: str) -> str | None:
    """The version, or None of what is for another platform."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def advisory(name: str, *events: dict[str, str], kind: str = "ECOSYSTEM", **more: Any) -> dict[str, Any]:
    """An advisory about a package of PyPI, in the OSV format."""
    package = {"ecosystem": more.pop("ecosystem", "PyPI"), "name": name}
    part = {
        "package": package,
        "ranges": [{"type": kind, "events": list(events)}],
        "versions": more.pop("versions", []),
    }
    return {"id": more.pop("id", "PYSEC-1"), "modified": "2024-02-05T20:20:47Z", "affected": [part], **more}


FROM_TWO = ({"introduced": "2.0.0"}, {"fixed": "2.0.7"}, {"introduced": "0"}, {"fixed": "1.26.18"})
LAST = ({"introduced": "0"}, {"last_affected": "3.1"})


@pytest.mark.parametrize(
    ("given", "version", "affected"),
    [
        (advisory("sample", {"introduced": "1.0.5"}, {"fixed": "3.9.2"}), "1.0.4", False),
        (advisory("sample", {"introduced": "1.0.5"}, {"fixed": "3.9.2"}), "1.0.5", True),
        (advisory("sample", {"introduced": "1.0.5"}, {"fixed": "3.9.2"}), "3.9.2rc1", True),
        (advisory("sample", {"introduced": "1.0.5"}, {"fixed": "3.9.2"}), "3.9.2", False),
        (advisory("sample", {"introduced": "1.0.5"}, {"fixed": "3.9.2"}), "3.10", False),
        (advisory("sample", *FROM_TWO), "1.26.17", True),
        (advisory("sample", *FROM_TWO), "1.26.18", False),
        (advisory("sample", *FROM_TWO), "2.0.6", True),
        (advisory("sample", *FROM_TWO), "2.0.7", False),
        (advisory("sample", *LAST), "3.1", True),
        (advisory("sample", *LAST), "3.1.post1", False),
        (advisory("sample", {"introduced": "0"}), "9.9", True),
        (advisory("sample", versions=["1.0", "not-a-version"]), "1.0.0", True),
        (advisory("sample", versions=["1.0"]), "1.1", False),
        (advisory("sample", {"introduced": "0"}, {"fixed": "1c335944d6a8"}, kind="GIT"), "1.0", False),
        (advisory("Sam_Ple", {"introduced": "0"}), "1.0", False),
        (advisory("SAMPLE", {"introduced": "0"}), "1.0", True),
        (advisory("sample", {"introduced": "0"}, ecosystem="npm"), "1.0", False),
        (advisory("sample", {"introduced": "0"}, withdrawn="2024-01-01T00:00:00Z"), "1.0", False),
    ],
)
def test_a_version_is_affected_as_the_osv_schema_says(given: dict[str, Any], version: str, affected: bool) -> None:
    assert [one.version for one in findings([given], [("sample", version)])] == [version] * affected


def test_a_finding_says_what_to_lock() -> None:
    given = advisory("urllib3", *FROM_TWO, id="PYSEC-2023-212", aliases=["CVE-2023-45803"])
    (found,) = findings([given], [("urllib3", "1.26.17")])
    assert found == Finding("urllib3", "1.26.17", "PYSEC-2023-212", ("CVE-2023-45803",), ("1.26.18", "2.0.7"))
    assert found.line() == "urllib3 1.26.17: PYSEC-2023-212, CVE-2023-45803; lock 1.26.18 or 2.0.7, or later"


def scan(where: Path, *locks: Path) -> subprocess.CompletedProcess[str]:
    """The scan as it is run, of a folder or a zip."""
    command = [sys.executable, "-m", "tests.security.advisories", str(where), *map(str, locks)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=LOCK.parent)


@pytest.mark.parametrize("packed", [True, False])
def test_the_scan_reads_a_copy_of_a_database_and_fails_on_what_it_finds(tmp_path: Path, packed: bool) -> None:
    where, lock = tmp_path / "copy", tmp_path / "old.lock"
    lock.write_text("# aiohttp==3.9.0\naiohttp==3.9.1 \\\n    --hash=sha256:0\nstarlette==0.27.0\n")
    entries = [
        advisory("aiohttp", {"introduced": "1.0.5"}, {"fixed": "3.9.2"}, id="PYSEC-2024-24"),
        advisory("starlette", {"introduced": "0.13.5"}, {"fixed": "0.27.0"}, id="PYSEC-2023-83"),
    ]
    if packed:
        where = where.with_suffix(".zip")
        with zipfile.ZipFile(where, "w") as made:
            made.writestr("PYSEC-2024-24.json", json.dumps(entries[0]))
            made.writestr("PYSEC-2023-83.json", json.dumps(entries[1]))
    else:
        (where / "vulns" / "aiohttp").mkdir(parents=True)
        (where / "vulns" / "aiohttp" / "PYSEC-2024-24.yaml").write_text(yaml.safe_dump(entries[0]))
        (where / "vulns" / "starlette.yml").write_text(yaml.safe_dump(entries[1]))
        (where / "workflow.yaml").write_text("name: something else")
    old = scan(where, lock)
    assert (old.returncode, old.stdout.splitlines()) == (
        1,
        [
            "2 advisories, the newest of 2024-02-05, about 2 locked versions.",
            "aiohttp 3.9.1: PYSEC-2024-24; lock 3.9.2, or later",
            "1 to mend.",
        ],
    )
    ours = scan(where)
    assert ours.returncode == 0, ours.stdout
    assert ours.stdout.endswith("None of them is affected.\n")


def test_a_scan_with_nothing_to_read_fails(tmp_path: Path) -> None:
    said = scan(tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert "holds no advisory" in said.stderr
