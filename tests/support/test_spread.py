"""How tests are spread over the processes of a run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.spread import LONGEST_FIRST, SHARED, longest_first, unit_of

ROOT = Path(__file__).parents[2]
STARTS_PROCESSES = frozenset({"cluster", "cluster_kafka", "deployment", "embedded", "keycloak", "on_kafka", "watched"})


def test_what_is_started_for_several_files_is_started_in_one_process(request: pytest.FixtureRequest) -> None:
    units: dict[str, set[str]] = defaultdict(set)
    for item in request.session.items:
        for name in STARTS_PROCESSES.intersection(getattr(item, "fixturenames", ())):
            units[f"{name} of {item.path.parent.relative_to(ROOT)}"].add(unit_of(item.nodeid))
    assert {name: found for name, found in units.items() if len(found) > 1} == {}


@pytest.mark.parametrize("begin", [begin for begins in SHARED.values() for begin in begins])
def test_what_is_said_to_be_shared_is_there(begin: str) -> None:
    assert list(ROOT.glob(f"{begin}*"))


def test_a_file_that_shares_nothing_is_not_parted() -> None:
    assert unit_of("contracts/tests/test_events.py::TestOne::test_two[a::b]") == "contracts/tests/test_events.py"


def test_long_units_come_first_and_everything_else_stays_in_its_order(request: pytest.FixtureRequest) -> None:
    items = list(request.session.items)
    longest_first(items)
    ranks = [LONGEST_FIRST.index(unit) for unit in map(_unit, items) if unit in LONGEST_FIRST]
    assert ranks == sorted(ranks)
    for unit in {_unit(item) for item in items}:
        of_unit = [item for item in request.session.items if _unit(item) == unit]
        assert [item for item in items if _unit(item) == unit] == of_unit


@pytest.mark.parametrize("processes", [0, 2])
def test_whoever_has_no_broker_is_told_in_the_last_line(tmp_path: Path, processes: int) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(kafka): ...\ndef test_else(): ...\n")
    # A folder of its own: pytest closes the one that all runs share, and PostgreSQL, another user, is at work in there.
    place = ["--rootdir", str(tmp_path), "--basetemp", str(tmp_path / "run")]
    plugins = ["-p", "tests.support.plugin", "-p", "no:cacheprovider", *place]
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", str(processes), *plugins, str(tmp_path / "test_it.py")],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "PYTHONPATH": str(ROOT), "HOME": os.environ.get("HOME", "")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    ).stdout.splitlines()
    assert any("1 passed, 1 skipped" in line for line in said), said
    assert said[-1].startswith("KAFKA WAS NOT TESTED: no KAFKA_BOOTSTRAP_SERVERS"), said


def _unit(item: pytest.Item) -> str:
    return unit_of(item.nodeid)
