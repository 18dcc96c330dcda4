"""Files of workers as HR systems write them, good lines and bad."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.workforce.rules.worker_files import (
    MOST_BYTES,
    REQUIRED,
    UnreadableFileError,
    decoded,
    read_lines,
)

HEADER = ",".join(REQUIRED)


def row(ref: str, name: str = "Ana", hours: str = "37", started: str = "2024-01-08") -> str:
    return f"{name},{ref},Team,social worker,practitioner,no,yes,{hours},{started}"


def test_a_line_becomes_typed_cells() -> None:
    (line,) = read_lines(f"{HEADER},line_manager_ref,is_agency\r\n{row('E1', hours='18.5')},M1,Y\r\n")
    assert (line.number, line.findings, line.employee_ref) == (2, (), "E1")
    assert line.cells["contracted_hours"] == Decimal("18.5")
    assert line.cells["employment_started_on"] == date(2024, 1, 8)
    assert (line.cells["newly_qualified"], line.cells["is_social_worker"], line.cells["is_agency"]) == (
        False,
        True,
        True,
    )


def test_numbers_are_those_of_the_file_with_blank_lines_and_line_breaks_inside_cells() -> None:
    name_on_two_lines = '"Shah,\r\nAmina"'
    text = f"{HEADER}\n\n{row('E1', name=name_on_two_lines)}\n,,,\n{row('E2')}\n"
    first, second = read_lines(text)
    assert (first.number, first.cells["name"]) == (3, "Shah, Amina")
    assert (second.number, second.employee_ref) == (6, "E2")


def test_a_doubled_quotation_mark_is_one() -> None:
    doubled = '"Jo ""JJ"" James"'
    (line,) = read_lines(f"{HEADER}\n{row('E1', name=doubled)}\n")
    assert line.cells["name"] == 'Jo "JJ" James'


def test_an_open_quotation_mark_does_not_swallow_the_lines_after_it() -> None:
    broken = '"Ana'
    lines = read_lines(
        "\n".join([HEADER, row("E1"), row("E2", name=broken), row("E3"), row("E4", name='"Bo"'), row("E5")])
    )
    assert [(line.number, line.employee_ref) for line in lines if not line.findings] == [
        (2, "E1"),
        (4, "E3"),
        (5, "E4"),
        (6, "E5"),
    ]
    assert [(line.number, line.findings[0].field) for line in lines if line.findings] == [(3, "line")]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param(row("E1", hours="lots"), "contracted_hours", id="hours are a number"),
        pytest.param(row("E1", started="2024-02-30"), "employment_started_on", id="a day is in the calendar"),
        pytest.param(row("E1", started="soon"), "employment_started_on", id="a date is a date"),
        pytest.param(row(""), "employee_ref", id="a reference is there"),
        pytest.param(row("E1").replace(",yes,", ",perhaps,"), "is_social_worker", id="yes or no is yes or no"),
        pytest.param(row("E1") + ",surplus", "line", id="no more cells than columns"),
        pytest.param("E1", "line", id="no fewer cells than columns"),
    ],
)
def test_a_bad_cell_is_named_and_the_next_line_is_read(line: str, field: str) -> None:
    bad, good = read_lines(f"{HEADER}\n{line}\n{row('E2')}\n")
    assert [finding.field for finding in bad.findings] == [field]
    assert not good.findings


def test_british_dates_are_read_as_such() -> None:
    (line,) = read_lines(f"{HEADER}\n{row('E1', started='03/04/2024')}")
    assert line.cells["employment_started_on"] == date(2024, 4, 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "header", id="nothing at all"),
        pytest.param("\n\n", "header", id="only blank lines"),
        pytest.param("name,employee_ref\nAna,E1", "lacks", id="columns are missing"),
        pytest.param(HEADER.replace(",", ";"), "commas", id="semicolons between the columns"),
        pytest.param(HEADER + ",shoe_size", "shoe_size", id="a column that nobody knows"),
        pytest.param(HEADER + ",name", "twice", id="a column that comes twice"),
    ],
)
def test_a_file_without_a_usable_header_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(UnreadableFileError, match=says):
        read_lines(text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param("Zoë".encode(), "Zoë", id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfZo\xc3\xab", "Zoë", id="UTF-8 with a byte order mark, as Excel writes it"),
        pytest.param("Zoë".encode("cp1252"), "Zoë", id="the code page of Windows"),
    ],
)
def test_encodings_of_office_programs_are_read(content: bytes, text: str) -> None:
    assert decoded(content) == text


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("Zoë".encode("utf-16"), id="UTF-16"),
        pytest.param(b"Zo\xff\x81", id="bytes of no code page"),
        pytest.param(b"x" * (MOST_BYTES + 1), id="too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        decoded(content)


cells = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1).filter(str.strip)


@given(st.lists(cells, max_size=8))
def test_any_text_in_quotation_marks_comes_back(names: list[str]) -> None:
    rows = [row(f"E{n}", name='"' + name.replace('"', '""') + '"') for n, name in enumerate(names)]
    assert [line.cells["name"] for line in read_lines("\n".join([HEADER, *rows]))] == [
        " ".join(n.split()) for n in names
    ]


@given(st.text())
def test_any_text_after_a_header_yields_lines_and_never_breaks(text: str) -> None:
    for line in read_lines(f"{HEADER}\n{text}"):
        assert line.number >= 2
