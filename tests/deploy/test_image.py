"""The image: only what is locked, nobody's root, and a bill of what is in it."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from plumbline.sbom import bill

TREE = Path(__file__).parents[2]
DEBIAN = """Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u14

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""


def _locked(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (TREE / file).read_text(), re.MULTILINE))


def test_the_image_has_the_versions_that_are_tested() -> None:
    image, tested = _locked("requirements-image.lock"), _locked("requirements.lock")
    assert image.items() <= tested.items(), "run make lock"


def test_the_image_has_everything_that_is_asked_for_and_no_tool_of_development() -> None:
    asked = tomllib.loads((TREE / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[>=\[;]", line)[0].lower() for line in asked["dependencies"]}
    image = _locked("requirements-image.lock").keys()
    assert names <= image, "run make lock"
    tools = {re.split(r"[>=\[;]", line)[0].lower() for line in asked["optional-dependencies"]["dev"]} - {"setuptools"}
    assert not {"pytest", "ruff", "mypy", "hypothesis"} & image
    assert not (tools - names) & image


def test_every_locked_file_has_its_hash_and_no_address() -> None:
    text = (TREE / "requirements-image.lock").read_text()
    for entry in re.split(r"\n(?=[a-z])", text):
        assert "--hash=sha256:" in entry, entry[:60]
    assert "://" not in text


def test_the_image_is_built_from_the_lock_on_a_base_that_can_be_replaced() -> None:
    lines = (TREE / "Dockerfile").read_text()
    assert lines.count("FROM ${BASE}") == lines.count("\nFROM") == 2
    assert "--require-hashes" in lines
    assert "--no-index --no-deps" in lines
    assert "pip check" in lines
    assert "plumbline.sbom" in lines
    assert not re.search(r"^(ADD|RUN .*(curl|wget|apt-get))", lines, re.MULTILINE)


def test_nothing_in_the_image_runs_as_root() -> None:
    last = (TREE / "Dockerfile").read_text().rpartition("\nFROM")[2]
    assert "USER 10001:10001" in last
    assert 'ENTRYPOINT ["plumbline"]' in last, "no shell stands between a signal and the process"


def test_tests_and_secrets_are_not_sent_to_the_build() -> None:
    ignored = (TREE / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert {"**/tests", ".env"} <= set(ignored)


def test_the_bill_of_materials_is_cyclonedx_and_names_what_is_installed() -> None:
    document = bill(distributions(), DEBIAN)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)) is None
    names = {component["name"] for component in document["components"]}
    assert {"fastapi", "psycopg", "libc6"} <= names
    assert "gone" not in names
    assert document["metadata"]["component"]["name"] == "plumbline"


def test_the_same_installation_has_the_same_bill() -> None:
    assert bill(distributions(), DEBIAN) == bill(reversed(list(distributions())), DEBIAN)


def test_the_bill_says_what_needs_what() -> None:
    needs = {one["ref"]: one["dependsOn"] for one in bill(distributions())["dependencies"]}
    (fastapi,) = [ref for ref in needs if ref.startswith("pkg:pypi/fastapi@")]
    assert any(ref.startswith("pkg:pypi/starlette@") for ref in needs[fastapi])
