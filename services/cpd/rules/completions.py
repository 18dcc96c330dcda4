"""Completed courses as a learning system exports them: a CSV file, line by line (clause 6.1)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

MOST_BYTES = 2_000_000
MOST_LINES_PER_RECORD = 20
COLUMNS = ("worker_id", "home_page", "account", "course_code", "completed_on", "hours")
REQUIRED = ("course_code", "completed_on")


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a line."""

    line: int
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sound line: who completed which course when. The worker by id, or by an account of a learning system."""

    number: int
    worker_id: UUID | None
    account: tuple[str, str] | None
    course_code: str
    completed_on: date
    hours: Decimal | None


def read_file(content: bytes) -> tuple[list[Line], list[Finding]]:
    """The sound lines of a file and what is wrong with the others; a bad line never stops a good one."""
    records = _records(_decoded(content).splitlines(keepends=True))
    _, header, broken = next(records, (0, [], "the file is empty"))
    columns = _columns(header, broken)
    lines: list[Line] = []
    findings: list[Finding] = []
    for number, cells, problem in records:
        found = Finding(number, "line", problem) if problem else _line(number, columns, cells)
        if isinstance(found, Finding):
            findings.append(found)
        else:
            lines.append(found)
    return lines, findings


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise UnreadableFileError(f"Split the file into files of {MOST_BYTES:,} bytes at most.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFileError("Save the file as CSV in UTF-8 and send it again.") from None


def _columns(header: list[str], broken: str | None) -> list[str]:
    columns = [name.strip().lower() for name in header]
    if broken or not any(columns):
        raise UnreadableFileError("The first line must be the header with the names of the columns.")
    named = set(columns)
    if not set(REQUIRED) <= named or not ("worker_id" in named or {"home_page", "account"} <= named):
        raise UnreadableFileError("The header needs course_code, completed_on, and worker_id or home_page and account.")
    if named - set(COLUMNS) or len(named) < len(columns):
        raise UnreadableFileError(f"Name each column once; the columns are {', '.join(COLUMNS)}.")
    return columns


def _records(lines: list[str]) -> Iterator[tuple[int, list[str], str | None]]:
    """(first line, cells, problem) of each record that is not blank; after a broken one reading goes on at the next line."""
    at = 0
    while at < len(lines):
        reader = csv.reader(lines[at : at + MOST_LINES_PER_RECORD], strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            yield at + 1, [], "has quotation marks that do not pair up"
            at += 1
            continue
        if any(cell.strip() for cell in cells):
            yield at + 1, cells, None
        at += max(1, reader.line_num)


def _line(number: int, columns: list[str], cells: list[str]) -> Line | Finding:
    if len(cells) != len(columns):
        return Finding(number, "line", f"has {len(cells)} cells where the header has {len(columns)} columns")
    if any("\0" in cell for cell in cells):
        return Finding(number, "line", "holds a NUL, which is no text; remove it")
    values = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    field = "worker_id"
    try:
        worker_id = UUID(values["worker_id"]) if values.get("worker_id") else None
        account = (
            (values["home_page"], values["account"]) if values.get("home_page") and values.get("account") else None
        )
        if worker_id is None and account is None:
            raise ValueError("names nobody")
        field = "course_code"
        code = _code(values["course_code"])
        field = "completed_on"
        completed_on = _day(values["completed_on"])
        field = "hours"
        return Line(number, worker_id, account, code, completed_on, _hours(values.get("hours", "")))
    except (ValueError, InvalidOperation):
        return Finding(number, field, _REMEDY[field])


_REMEDY = {
    "worker_id": "needs the worker's id, or an account with its home page",
    "course_code": "needs a code of at most 60 letters, digits, dots, hyphens and underscores",
    "completed_on": "needs a date such as 2026-03-02 or 02/03/2026",
    "hours": "needs hours as a number from 0 to 2000, or nothing",
}


def _code(text: str) -> str:
    code = text.lower()
    if not code or len(code) > 60 or not all(c.isascii() and (c.isalnum() or c in "._-") for c in code):
        raise ValueError(text)
    return code


def _day(text: str) -> date:
    day = datetime.strptime(text, "%d/%m/%Y").date() if "/" in text else date.fromisoformat(text)  # noqa: DTZ007 - a date
    if not 1950 <= day.year < 2200:
        raise ValueError(text)
    return day


def _hours(text: str) -> Decimal | None:
    if not text:
        return None
    hours = Decimal(text)
    if not (hours.is_finite() and 0 <= hours <= 2000):
        raise ValueError(text)
    return hours
