"""The page of proof says what the kept results say, and they name neither a machine nor a place on it."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest

from tests.proof import __main__ as command
from tests.proof import kept, record
from tests.proof.page import TABLES, render
from tests.proof.results import COMMANDS, FOLDER, slug

PLACES = re.compile(r"/(home|root|tmp|work|usr|var|opt)/")


def test_the_committed_page_is_what_the_results_give() -> None:
    assert command.PAGE.read_text() == render(kept()), "run `python -m tests.proof`"


def test_results_name_neither_the_machine_nor_a_place_on_it() -> None:
    for file in FOLDER.glob("*/*.json"):
        text = file.read_text()
        assert not PLACES.search(text), f"{file.name} names a place"
        assert f'"{socket.gethostname()}"' not in text, f"{file.name} names the machine"


def test_a_result_says_on_what_and_how_it_was_measured(tmp_path: Path) -> None:
    file = record("load", "a-thing", {"what": "a", "ratio": 1.25, "passed": True}, seed=7, folder=tmp_path)
    assert file == tmp_path / "load" / "a-thing.json"
    written = json.loads(file.read_text())
    assert written["command"] == COMMANDS["load"]
    assert set(written["machine"]) == {"cores", "memory_gb", "cpu"}
    assert {"python", "postgresql", "kafka", "psycopg"} <= set(written["versions"])
    page = render(kept(tmp_path))
    assert "| a |  | 1.25 |  | yes |" in page
    assert "seed 7" in page
    assert "1 in all, 1 as wanted" in page


def test_a_run_that_is_not_asked_to_record_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROOF", raising=False)
    assert record("load", "never-kept", {}) is None
    assert not (FOLDER / "load" / "never-kept.json").exists()


@pytest.mark.parametrize(("area", "name"), [("elsewhere", "a"), ("load", "No Kebab"), ("load", "../a")])
def test_a_result_without_a_proper_place_is_refused(area: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kebab"):
        record(area, name, {}, folder=tmp_path)


def test_each_area_has_its_table_and_each_sentence_a_name() -> None:
    assert set(TABLES) == set(COMMANDS)
    assert slug("A disk, full: 2nd time") == "a-disk-full-2nd-time"
