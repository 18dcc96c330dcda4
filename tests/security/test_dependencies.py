"""What is installed is what was locked, byte for byte; the advisories about it are asked for by ``make audit``."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

LOCK = Path(__file__).parent.parent.parent / "requirements.lock"
_PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def requirements() -> list[str]:
    """The lock's requirements, each with its hashes on one line."""
    lines = LOCK.read_text().replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("requirement", [pytest.param(r, id=r.split(" ", 1)[0]) for r in requirements()])
def test_every_requirement_is_one_version_of_known_bytes(requirement: str) -> None:
    assert _PINNED.match(requirement)
    assert _HASH.search(requirement)


def test_the_lock_says_nothing_about_where_it_is_installed_from() -> None:
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|-e |git\+", LOCK.read_text())


def test_what_is_installed_is_what_is_locked() -> None:
    locked: dict[str, set[str]] = {}
    for match in filter(None, map(_PINNED.match, requirements())):
        locked.setdefault(match["name"].lower(), set()).add(match["version"])
    installed = {name: _installed(name) for name in locked}
    assert {name: found for name, found in installed.items() if found and found not in locked[name]} == {}


def _installed(name: str) -> str | None:
    """The version, or None of what is for another platform."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
