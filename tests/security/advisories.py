"""Known advisories about what is locked, without the network: ``python -m tests.security.advisories WHERE [LOCK ...]``.

``WHERE`` is a folder or a zip of advisories in the OSV format, carried in from outside: PyPI's export of osv.dev, or a copy of
the Python Packaging Advisory Database. What it says is as old as the newest advisory in it, which is printed first.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parent.parent.parent
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-image.lock")
PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^ ;\\]+)")
Advisory = Mapping[str, Any]


class Finding(NamedTuple):
    """A locked version that an advisory names."""

    name: str
    version: str
    advisory: str
    also_called: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def line(self) -> str:
        """What it is and what to do."""
        names = ", ".join((self.advisory, *self.also_called))
        remedy = f"lock {' or '.join(self.fixed_in)}, or later" if self.fixed_in else "no version mends it yet"
        return f"{self.name} {self.version}: {names}; {remedy}"


def read(where: Path) -> Iterator[Advisory]:
    """The advisories of a folder or a zip; files of another kind are passed over."""
    for name, content in _files(where):
        loaded = json.loads(content) if name.endswith(".json") else yaml.safe_load(content)
        if isinstance(loaded, dict) and "id" in loaded and "affected" in loaded:
            yield loaded


def _files(where: Path) -> Iterator[tuple[str, bytes]]:
    kinds = (".json", ".yaml", ".yml")
    if where.is_dir():
        for file in sorted(where.rglob("*")):
            if file.suffix in kinds and file.is_file():
                yield file.name, file.read_bytes()
        return
    with zipfile.ZipFile(where) as packed:
        for name in packed.namelist():
            if name.endswith(kinds):
                yield name, packed.read(name)


def locked(file: Path) -> set[tuple[str, str]]:
    """Names and versions that a lock holds."""
    lines = (line for line in file.read_text().splitlines() if not line.lstrip().startswith("#"))
    return {(canonicalize_name(found["name"]), found["version"]) for found in map(PINNED.match, lines) if found}


def findings(advisories: Iterable[Advisory], packages: Iterable[tuple[str, str]]) -> list[Finding]:
    """Which packages are affected, by name; a withdrawn advisory affects nobody."""
    versions: dict[str, list[str]] = {}
    for name, version in packages:
        versions.setdefault(name, []).append(version)
    found = set()
    for advisory in advisories:
        for part in _about_python(advisory):
            name = canonicalize_name(part["package"]["name"])
            for version in versions.get(name, ()):
                if is_affected(part, Version(version)):
                    also = tuple(advisory.get("aliases", ()))
                    found.add(Finding(name, version, advisory["id"], also, _fixed_in(part, Version(version))))
    return sorted(found)


def _about_python(advisory: Advisory) -> Iterator[Mapping[str, Any]]:
    if not advisory.get("withdrawn"):
        yield from (part for part in advisory["affected"] if part.get("package", {}).get("ecosystem") == "PyPI")


def is_affected(part: Mapping[str, Any], version: Version) -> bool:
    """Whether a version is listed or lies in a range, as the OSV schema evaluates them."""
    listed = version in filter(None, map(_version, part.get("versions", ())))
    return listed or any(_in_range(one["events"], version) for one in _ranges(part))


def _in_range(events: Iterable[Mapping[str, Any]], version: Version) -> bool:
    affected = False
    for at, what in sorted((at, what) for event in events for what, text in event.items() if (at := _version(text))):
        if what == "introduced" and at <= version:
            affected = True
        elif (what == "fixed" and at <= version) or (what == "last_affected" and at < version):
            affected = False
    return affected


def _ranges(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in part.get("ranges", ()) if one["type"] in ("ECOSYSTEM", "SEMVER")]


def _fixed_in(part: Mapping[str, Any], version: Version) -> tuple[str, ...]:
    fixed = {str(event["fixed"]) for one in _ranges(part) for event in one["events"] if "fixed" in event}
    return tuple(sorted((one for one in fixed if (at := _version(one)) and at > version), key=Version))


def _version(text: object) -> Version | None:
    """The version, or None of what Python's packaging does not count as one, such as a legacy version or a commit."""
    try:
        return Version(str(text))
    except InvalidVersion:
        return None


def main() -> None:
    """Print what was read and what was found; exit 1 when a version is affected, 2 when there was nothing to read."""
    parser = argparse.ArgumentParser(prog="python -m tests.security.advisories", description=__doc__)
    parser.add_argument("where", type=Path, help="folder or zip of advisories in the OSV format")
    parser.add_argument("locks", type=Path, nargs="*", default=LOCKS)
    asked = parser.parse_args()
    advisories = list(read(asked.where))
    if not advisories:
        parser.exit(2, f"{asked.where} holds no advisory in the OSV format.\n")
    packages = set().union(*map(locked, asked.locks))
    newest = max(str(one.get("modified", "")) for one in advisories)[:10]
    found = findings(advisories, packages)
    said = [f"{len(advisories):,} advisories, the newest of {newest}, about {len(packages)} locked versions."]
    said += [finding.line() for finding in found]
    said.append(f"{len(found)} to mend." if found else "None of them is affected.")
    sys.stdout.write("\n".join(said) + "\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
