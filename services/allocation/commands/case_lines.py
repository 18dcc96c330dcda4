"""What a line of a case batch must look like, and what is wrong with one that does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, NotRequired
from uuid import UUID

from pydantic import StringConstraints, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from services.allocation.rules.arrival import CaseFacts, Priority

MAX_LINE_BYTES = 16 * 1024
SET_SIZE = 2000

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
"""A word of a list that people agreed on, such as a case type: no blanks, so that no free text travels as one."""
Reference = Annotated[
    str, StringConstraints(pattern=r"^[^\s/\x00-\x1f\x7f\\]([^/\x00-\x1f\x7f\\]{0,98}[^\s/\x00-\x1f\x7f\\])?$")
]
"""The name of a case in its system: up to 100 visible characters without slashes."""

UnitId = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", to_lower=True)
]
"""A UUID that stays text: comparing texts is what makes a batch fast."""


class CaseLine(TypedDict):
    """One case of a batch."""

    source: Code
    reference: Reference
    case_type: Code
    complexity: Code
    org_unit_id: UnitId
    priority: Priority
    received_on: date
    skills: NotRequired[list[Code]]
    modifiers: NotRequired[list[Code]]


class Rejected(TypedDict):
    """A line that was not taken: its number from 1, the field, and the remedy."""

    line: int
    field: str
    problem: str


read_line = TypeAdapter(CaseLine).validator.validate_json


def facts_of_line(line: CaseLine) -> CaseFacts:
    """A line as the rules know it; the order of skills and modifiers says nothing."""
    return CaseFacts(
        line["case_type"],
        line["complexity"],
        UUID(line["org_unit_id"]),
        line["priority"],
        line["received_on"],
        tuple(sorted(set(line.get("skills", ())))),
        tuple(sorted(set(line.get("modifiers", ())))),
    )


def name_of(source: str, reference: str) -> str:
    """One text that names a case; neither part holds a tab. A batch has so many that pairs would weigh on the collector."""
    return f"{source}\t{reference}"


def what_is_wrong(number: int, wrong: ValidationError) -> Rejected:
    """The first thing wrong with a line."""
    error = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
    if error["type"] == "json_invalid":
        return Rejected(line=number, field="", problem="The line is no well-formed JSON object.")
    return Rejected(line=number, field=".".join(map(str, error["loc"])), problem=error["msg"])


@dataclass(slots=True)
class CaseSet:
    """Well-formed lines and their numbers by the name of their case, and the lines in between that are not well-formed."""

    lines: dict[str, CaseLine] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)

    def takes(self, name: str) -> bool:
        """Whether there is room for a line about a case, and no other about the same: their order would be lost."""
        return len(self.lines) < SET_SIZE and name not in self.lines

    def add(self, number: int, name: str, line: CaseLine) -> None:
        """Keep a line."""
        self.lines[name] = line
        self.numbers[name] = number

    def reject(self, number: int, field_name: str, problem: str) -> None:
        """Keep what is wrong with a line."""
        self.rejected.append(Rejected(line=number, field=field_name, problem=problem))


async def read_sets(body: AsyncIterable[bytes]) -> AsyncIterator[CaseSet]:
    """The lines of a body in sets, in memory for one set at a time."""
    waiting = CaseSet()
    number = 0
    async for lines in _lines(body):
        for text in lines:
            number += 1
            line = _read(number, text, waiting)
            if line is None:
                continue
            name = name_of(line["source"], line["reference"])
            if not waiting.takes(name):
                yield waiting
                waiting = CaseSet()
            waiting.add(number, name, line)
    yield waiting


def _read(number: int, text: bytes, into: CaseSet) -> CaseLine | None:
    if len(text) > MAX_LINE_BYTES:
        into.reject(number, "", f"The line is longer than {MAX_LINE_BYTES} bytes.")
        return None
    try:
        line: CaseLine = read_line(text)
    except ValidationError as wrong:
        if text.strip():
            into.rejected.append(what_is_wrong(number, wrong))
        return None
    return line


async def _lines(body: AsyncIterable[bytes]) -> AsyncIterator[list[bytes]]:
    """The whole lines of each piece of a body; an endless line is cut, so that it cannot fill the memory."""
    rest = b""
    async for piece in body:
        await asyncio.sleep(0)  # lets the sets before go on while this one is read
        *lines, rest = (rest + piece).split(b"\n")
        rest = rest[: MAX_LINE_BYTES + 1]
        yield lines
    yield [rest]
