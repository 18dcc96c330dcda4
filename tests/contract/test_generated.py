"""What is committed under contracts/ is what the code says, and keeps what was published."""

from __future__ import annotations

import pytest

from plumbline.contracts import generation


@pytest.fixture(scope="module")
def twice() -> tuple[dict[str, str], dict[str, str]]:
    first, second = generation.render(), generation.render()
    return {str(path): text for path, text in first.items()}, {str(path): text for path, text in second.items()}


def test_the_committed_contracts_are_what_the_code_says() -> None:
    assert generation.drift() == []


def test_generating_twice_gives_the_same_files(twice: tuple[dict[str, str], dict[str, str]]) -> None:
    assert twice[0] == twice[1]


def test_every_type_has_an_example_that_reads_as_it_is_written() -> None:
    assert generation.example_problems() == []


def test_no_published_type_changed_incompatibly() -> None:
    assert generation.broken_promises() == []


def test_every_type_is_promised_as_it_is_now() -> None:
    remedy = "run `python -m plumbline.contracts --publish` to promise them to those who read the stream"
    assert generation.unpublished() == [], remedy
