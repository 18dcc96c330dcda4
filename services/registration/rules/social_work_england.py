"""The register of Social Work England: a search of up to 100 numbers on its website, and the CSV that it offers for download.

The regulator publishes no description of that file. Columns are therefore known by any of several headings, what is not known
is kept, and a line that cannot be understood is reported rather than guessed at (clause 7.1).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.registration.rules.sources import Answer, Found, LineProblem, UnreadableAnswerError
from services.registration.rules.status import Status, number_of

MOST_LINES = 2000
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": ("registration number", "registration no", "registration", "reference number", "number", "swe number"),
    "status": ("registration status", "status", "register status"),
    "valid_until": (
        "registered until",
        "registration expiry date",
        "expiry date",
        "valid to",
        "valid until",
        "end date",
    ),
    "name": ("name", "full name", "registrant", "registrant name", "social worker"),
    "first_name": ("first name", "first names", "forename", "forenames", "given name"),
    "last_name": ("last name", "surname", "family name"),
    "annotations": ("annotations", "annotation"),
}
_WORDS: Mapping[str, Status] = {
    "registered": "registered",
    "restored": "registered",
    "registered with conditions": "conditions",
    "registered with conditions of registration": "conditions",
    "conditions": "conditions",
    "conditions of practice": "conditions",
    "conditions of practice order": "conditions",
    "conditions of registration": "conditions",
    "interim conditions": "interim_conditions",
    "interim conditions of practice": "interim_conditions",
    "interim conditions of practice order": "interim_conditions",
    "interim conditions order": "interim_conditions",
    "suspended": "suspended",
    "suspension": "suspended",
    "suspension order": "suspended",
    "interim suspension": "interim_suspension",
    "interim suspension order": "interim_suspension",
    "removed": "removed",
    "removal order": "removed",
    "not renewed": "not_renewed",
    "removed non renewal": "not_renewed",
    "removed not renewed": "not_renewed",
    "removed administrative": "not_renewed",
    "lapsed": "not_renewed",
    "voluntary removal": "voluntary_removal",
    "voluntarily removed": "voluntary_removal",
    "removed voluntary": "voluntary_removal",
    "not found": "not_found",
    "not registered": "not_found",
    "no match": "not_found",
}
_UNTIL = re.compile(r"registered until (.+)")
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%d-%m-%Y")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """A heading or status without capitals and punctuation."""
    return _NOT_A_WORD.sub(" ", text.casefold()).strip()


def day_of(text: str) -> date | None:
    """A date as the register may write one; None when it is none."""
    for form in _DAYS:
        try:
            return datetime.strptime(text.strip().split("T")[0], form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class SocialWorkEngland:
    """The register of social workers in England."""

    name: str = "social_work_england"
    most_at_once: int = 100

    def question(self, numbers: Sequence[str]) -> str:
        """The numbers as the register's search takes them."""
        return ", ".join(numbers)

    def read(self, content: bytes) -> Answer:
        """Every line that can be understood, and what is wrong with the others."""
        rows = list(_rows(_decoded(content)))
        columns = _columns(rows[0][1] if rows else [])
        problems: list[LineProblem] = []
        found: dict[str, Found] = {}
        for line, cells in rows[1:]:
            read = _found(line, cells, columns)
            if isinstance(read, LineProblem):
                problems.append(read)
            elif (earlier := found.setdefault(read.number, read)) is not read:
                problems.append(LineProblem(line, "number", f"repeats line {earlier.line}; only the first was taken"))
        return Answer(list(found.values()), problems)


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise UnreadableAnswerError("The file is no text. Save the register's download as CSV and send that.")
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
            if reader.line_num > MOST_LINES:
                raise UnreadableAnswerError(f"The file has more than {MOST_LINES} lines. Send one download at a time.")
    except csv.Error as broken:
        raise UnreadableAnswerError(
            f"The file is no CSV ({broken}). Save the register's download as CSV again."
        ) from broken


def _columns(header: Sequence[str]) -> list[str]:
    """What each column is: a field that is known here, or its heading as written."""
    known = {heading: field for field, headings in _HEADINGS.items() for heading in headings}
    columns: list[str] = []
    for place, heading in enumerate(header):
        field = known.get(plain(heading))
        columns.append(field if field and field not in columns else heading.strip() or f"column {place + 1}")
    missing = [field for field in ("number", "status") if field not in columns]
    if missing:
        wanted = " and ".join(f"'{_HEADINGS[field][0]}'" for field in missing)
        raise UnreadableAnswerError(
            f"The first line names no column {wanted}. Send the register's download as it came."
        )
    return columns


def _found(line: int, cells: Sequence[str], columns: Sequence[str]) -> Found | LineProblem:
    if len(cells) > len(columns):
        return LineProblem(line, "", f"has {len(cells)} cells for {len(columns)} columns; check its quotes and commas")
    row = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
    number = number_of(row.get("number", ""))
    if number is None:
        return LineProblem(line, "number", "is no registration number; it reads SW and up to ten digits")
    status, until = _status_of(row.get("status", ""))
    if status is None:
        return LineProblem(line, "status", "is not a status known here; record this worker by hand after reading it")
    written = row.get("valid_until", "")
    valid_until = day_of(written) if written else until
    if written and valid_until is None:
        return LineProblem(line, "valid_until", "is no date; write it as 2026-11-30 or 30/11/2026")
    name = row.get("name") or f"{row.get('first_name', '')} {row.get('last_name', '')}".strip()
    extra = {column: cell for column, cell in row.items() if column not in _HEADINGS and cell}
    return Found(line, number, status, valid_until, name, _listed(row.get("annotations", "")), extra)


def _status_of(text: str) -> tuple[Status | None, date | None]:
    until = _UNTIL.fullmatch(" ".join(text.split()).casefold())
    if until:
        day = day_of(until.group(1))
        return ("registered", day) if day else (None, None)
    return _WORDS.get(plain(text)), None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[;,|]", text) if part.strip())
