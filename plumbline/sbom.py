"""The bill of materials of an image: ``python -m plumbline.sbom`` prints, as CycloneDX 1.6, what is installed where it runs.

It is read from what is installed, not from what was asked for: Python's distributions and, on Debian, its packages. The same
content gives the same bytes; there is no time and no random number in it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

DEBIAN = Path("/var/lib/dpkg/status")
ITSELF = "plumbline"


def bill(installed: Iterable[Distribution], debian: str = "") -> dict[str, Any]:
    """The bill of materials of these distributions and of a Debian package database."""
    found = {_name(one): one for one in installed}
    own = found.pop(ITSELF, None)
    components = [*map(_component, (found[name] for name in sorted(found))), *_packages(debian)]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": components,
        "dependencies": [
            {"ref": component["bom-ref"], "dependsOn": needed}
            for component in components
            if (needed := _needs(found.get(component["name"]), found))
        ],
    }
    if own is not None:
        document["metadata"] = {"component": _component(own) | {"type": "application"}}
    return document


def _name(one: Distribution) -> str:
    return str(one.metadata["Name"]).lower().replace("_", "-").replace(".", "-")


def _component(one: Distribution) -> dict[str, Any]:
    reference = f"pkg:pypi/{quote(_name(one))}@{quote(one.version)}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": reference,
        "name": _name(one),
        "version": one.version,
        "purl": reference,
    }
    if "License-Expression" in one.metadata:
        component["licenses"] = [{"expression": one.metadata["License-Expression"]}]
    return component


def _needs(one: Distribution | None, found: dict[str, Distribution]) -> list[str]:
    if one is None:
        return []
    asked = {_requirement(line) for line in one.requires or () if "extra ==" not in line}
    return sorted(_component(found[name])["bom-ref"] for name in asked & found.keys())


def _requirement(line: str) -> str:
    """The name in a requirement such as ``typing-extensions>=4.1; python_version < '3.13'``."""
    end = next((index for index, letter in enumerate(line) if not (letter.isalnum() or letter in "-_.")), len(line))
    return line[:end].lower().replace("_", "-").replace(".", "-")


def _packages(status: str) -> Iterator[dict[str, Any]]:
    for paragraph in status.split("\n\n"):
        about = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " ")
        if "installed" in about.get("Status", ""):
            name, version = about["Package"], about["Version"]
            place = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={about['Architecture']}"
            yield {"type": "library", "bom-ref": place, "name": name, "version": version, "purl": place}


def main() -> int:
    """Print the bill of materials of this installation."""
    debian = DEBIAN.read_text() if DEBIAN.exists() else ""
    json.dump(bill(distributions(), debian), sys.stdout, indent=1, sort_keys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
