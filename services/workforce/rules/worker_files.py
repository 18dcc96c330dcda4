"""A file of workers from another system: its lines, the meaning of its cells, and what is wrong where (clause 2.1)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from services.workforce.rules.findings import Finding

MOST_BYTES = 2_000_000
MOST_LINES_PER_RECORD = 20
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
REQUIRED = (
    "name",
    "employee_ref",
    "org_unit",
    "job_role",
    "career_stage",
    "newly_qualified",
    "is_social_worker",
    "contracted_hours",
    "employment_started_on",
)
OPTIONAL = (
    "line_manager_ref",
    "registration_number",
    "is_agency",
    "employment_ended_on",
    "monitored_from",
    "email",
)
YES, NO = frozenset({"true", "yes", "y", "1"}), frozenset({"false", "no", "n", "0"})

Cell = str | bool | date | Decimal | None


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the file: the number of its first line, its cells by column, and what was wrong with it."""

    number: int
    cells: dict[str, Cell]
    findings: tuple[Finding, ...] = ()

    @property
    def employee_ref(self) -> str:
        """The reference that the line is about; empty when it could not be read."""
        return str(self.cells.get("employee_ref") or "")


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, or in Windows-1252."""
    if len(content) > MOST_BYTES:
        raise UnreadableFileError(
            f"The file has {len(content):,} bytes; split it into files of {MOST_BYTES:,} at most."
        )
    if content.startswith(UTF_16_MARKS):
        raise UnreadableFileError("The file is in UTF-16; save it as CSV in UTF-8 and send it again.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _from_windows(content)


def _from_windows(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("The file is neither UTF-8 nor Windows-1252; save it as CSV in UTF-8.") from error


def read_lines(text: str) -> list[Line]:
    """Every record after the header. One that cannot be read is a line with a finding; the next starts afresh."""
    records = _records(list(io.StringIO(text, newline="")))
    _, header, broken = next(records, (0, [], "the file is empty"))
    columns = _columns(header, broken)
    return [
        Line(number, {}, (Finding("line", problem),)) if problem else _line(number, columns, cells)
        for number, cells, problem in records
    ]


def _columns(header: list[str], broken: str | None) -> list[str]:
    columns = [name.strip().lower() for name in header]
    if broken or not any(columns):
        raise UnreadableFileError("The first line must be the header with the names of the columns.")
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        hint = " The columns must be separated by commas." if len(columns) == 1 else ""
        raise UnreadableFileError(f"The header lacks the columns {', '.join(missing)}.{hint}")
    unknown = [name for name in columns if name not in (*REQUIRED, *OPTIONAL)]
    if unknown:
        raise UnreadableFileError(
            f"The header has unknown columns {', '.join(unknown)}; the columns are {', '.join((*REQUIRED, *OPTIONAL))}."
        )
    if len(set(columns)) < len(columns):
        raise UnreadableFileError("A column appears twice in the header; each may appear once.")
    return columns


def _records(lines: list[str]) -> Iterator[tuple[int, list[str], str | None]]:
    """(first line, cells, problem) of each record that is not blank, by RFC 4180: quoted cells may hold line breaks.

    A quotation mark that is never closed would swallow the rest of the file, so after a broken record reading goes on at
    the line after its first.
    """
    at = 0
    while at < len(lines):
        reader = csv.reader(lines[at : at + MOST_LINES_PER_RECORD], strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            yield at + 1, [], "has quotation marks that do not pair up; write a quotation mark inside a cell twice"
            at += 1
            continue
        if any(cell.strip() for cell in cells):
            yield at + 1, cells, None
        at += reader.line_num


def _line(number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) != len(columns):
        problem = f"has {len(cells)} cells where the header has {len(columns)} columns; quote cells that hold a comma"
        return Line(number, {}, (Finding("line", problem),))
    values: dict[str, Cell] = {}
    findings = []
    for column, cell in zip(columns, cells, strict=True):
        value = _value(column, " ".join(cell.split()))
        if isinstance(value, Finding):
            findings.append(value)
        else:
            values[column] = value
    return Line(number, values, tuple(findings))


def _value(column: str, text: str) -> Cell | Finding:
    if not text:
        return Finding(column, "is empty; give a value") if column in REQUIRED else _WHEN_EMPTY.get(column)
    if "\0" in text:
        return Finding(column, "holds a NUL, which is no text; remove it")
    reader = _READERS.get(column)
    return reader(column, text) if reader else text


def _flag(column: str, text: str) -> bool | Finding:
    if text.casefold() in YES | NO:
        return text.casefold() in YES
    return Finding(column, "is neither yes nor no; write true or false")


def _day(column: str, text: str) -> date | Finding:
    parts = text.split("-") if "-" in text else text.split("/")[::-1]
    try:
        year, month, day = map(int, parts)
        return date(year, month, day)
    except ValueError:
        return Finding(column, "is not a date; write it as 2026-03-31 or 31/03/2026")


def _number(column: str, text: str) -> Decimal | Finding:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Finding(column, "is not a number; write it as 37 or 18.5")


_WHEN_EMPTY: dict[str, Cell] = {"is_agency": False}
_READERS: dict[str, Callable[[str, str], Cell | Finding]] = {
    "newly_qualified": _flag,
    "is_social_worker": _flag,
    "is_agency": _flag,
    "contracted_hours": _number,
    "employment_started_on": _day,
    "employment_ended_on": _day,
    "monitored_from": _day,
}
