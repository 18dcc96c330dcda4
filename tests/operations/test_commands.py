"""Every command of our own that a page gives is one that there is, with options that it has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest
from typer import BadParameter
from typer.core import TyperGroup
from typer.main import get_command

from chassis.ids import new_id
from plumbline.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])
STANDS_FOR = {"SERVICE": "workforce", "FOLDER": "folder", "workers.csv": __file__, "WORKER_ID": str(new_id())}
USAGE = cast("type[Exception]", BadParameter.__mro__[1])
"""Whatever is wrong with the words of a call."""
_FENCE = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")


def shown(text: str) -> Iterator[str]:
    """What a page gives to be typed: the lines of its blocks, one for each command, and what stands between backticks."""
    for block in _FENCE.findall(text):
        yield from (line.strip() for line in block.replace("\\\n", " ").splitlines())
    yield from _SPAN.findall(_FENCE.sub("", text))


def given(program: str) -> list[str]:
    """Every call of a program on any page, without what a shell makes of its rest."""
    found = set()
    for page in PAGES:
        for line in shown(page.read_text()):
            if match := re.match(rf"(?:\w+=\S+ )*(?:\S*/)?{program} (\w.+)", line):
                found.add(re.split(r"\s+(?:&|\||#|>|\[)|\|", match[1])[0].strip())
    return sorted(found)


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words call, and those that are left for it."""
    command: Any = get_command(app)
    while isinstance(command, TyperGroup) and words:
        name, *words = words
        assert name in command.commands, f"there is no {name}"
        command = command.commands[name]
    return command, words


@pytest.mark.parametrize("call", given("plumbline"))
def test_every_call_of_plumbline_can_be_made(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///anywhere")
    command, words = _command([STANDS_FOR.get(word, word) for word in shlex.split(call)])
    if not words:
        return  # spoken of by its name
    try:
        command.make_context(call, words)
    except USAGE as refused:
        pytest.fail(f"plumbline {call}: {refused}")


def test_commands_are_found_on_the_pages() -> None:
    assert {"doctor", "restored", "rebuild SERVICE --check", "subject export"} <= set(given("plumbline"))
    assert len(given("plumbline")) > 20


@pytest.mark.parametrize("call", given("python -m"))
def test_every_module_that_is_run_is_there(call: str) -> None:
    module = call.split(maxsplit=1)[0]
    assert find_spec(module), module
    for path in re.findall(r"(?<= )(?:tests|benchmarks)/[\w/.*]+", call):
        assert any(ROOT.glob(path)), path


def test_every_target_of_make_is_one() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = {word for call in given("make") for word in call.split() if re.fullmatch(r"[a-z-]+", word)}
    assert asked
    assert asked <= targets
