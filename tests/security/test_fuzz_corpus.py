"""Every input that fuzzing kept, again: what failed once fails no more. And a short search without knowing the code."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.security.fuzz.targets import TARGETS, NotStorable, storable, stored
from tests.security.stage import LONG, SEED
from tests.security.tally import Tally

KEPT = [pytest.param(target, file, id=f"{target}-{file.name}") for target in TARGETS for file in stored(target)]


@pytest.mark.parametrize(("target", "file"), KEPT)
def test_what_was_found_once_is_read_or_refused(target: str, file: Path, tally: Tally) -> None:
    content = file.read_bytes()
    TARGETS[target](content)
    tally.add("stored inputs of fuzzing, read or refused", 1, True)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_kept_input_with_a_few_bytes_otherwise_is_read_or_refused(target: str, tally: Tally) -> None:
    chance, kept = random.Random(SEED), [file.read_bytes() for file in stored(target)]
    many = 50_000 if LONG else 300
    for _ in range(many):
        TARGETS[target](mutated(chance, kept))
    tally.add("inputs of fuzzing with a few bytes otherwise", many, True)


def mutated(chance: random.Random, kept: list[bytes]) -> bytes:
    """One of the kept inputs with a few pieces cut out, doubled, swapped for another's, or bytes changed."""
    content = bytearray(chance.choice(kept))
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(content))
        end = min(len(content), start + chance.randint(0, 8))
        other = chance.choice(kept)
        piece = other[(at := chance.randint(0, len(other))) : at + chance.randint(0, 20)]
        content[start:end] = chance.choice([b"", piece, bytes([chance.randrange(256)]), content[start:end] * 2])
    return bytes(content)


@pytest.mark.parametrize("value", ["a\0b", "a\ud800b", {"a": ["\0"]}, ("\udfff",)])
def test_what_cannot_be_stored_is_noticed(value: object) -> None:
    with pytest.raises(NotStorable):
        storable(value)
