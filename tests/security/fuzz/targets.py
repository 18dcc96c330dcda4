"""The readers of foreign bytes, each with the refusals it may give and what must hold of what it read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from chassis.envelope import Undecodable, envelope_of, structured
from contracts import event_type
from services.allocation.commands.case_lines import read_sets
from services.cpd.rules import completions, xapi
from services.registration.rules.social_work_england import SocialWorkEngland
from services.registration.rules.sources import UnreadableAnswerError
from services.workforce.rules import worker_files

CORPUS = Path(__file__).parent / "corpus"
BIGGEST = 2**63 - 1
_loop = asyncio.new_event_loop()


class NotStorable(AssertionError):
    """What was read cannot be kept, so that it should have been refused."""


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts_in(key)
            yield from texts_in(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, BaseModel):
        yield from texts_in(value.model_dump())
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts_in(getattr(value, one.name))


def storable(value: Any) -> None:
    """Fail when a text in a value holds what PostgreSQL does not: a NUL, or half a character."""
    for text in texts_in(value):
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise NotStorable(repr(text))


def worker_csv(content: bytes) -> None:
    """The file of workers that personnel systems send."""
    try:
        storable(worker_files.read_lines(worker_files.decoded(content)))
    except worker_files.UnreadableFileError:
        return


def completion_csv(content: bytes) -> None:
    """The file of completed courses that learning systems send."""
    try:
        storable(completions.read_file(content))
    except completions.UnreadableFileError:
        return


def register_csv(content: bytes) -> None:
    """The download of the register."""
    try:
        storable(SocialWorkEngland().read(content))
    except UnreadableAnswerError:
        return


def xapi_statement(content: bytes) -> None:
    """A statement of a learning system, as FastAPI hands it over."""
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        return
    try:
        storable(xapi.read_statement(given))
    except xapi.UnsoundStatementError:
        return


def case_ndjson(content: bytes) -> None:
    """A batch of cases, in pieces of any size."""

    async def pieces() -> AsyncIterator[bytes]:
        size = 1 + (content[0] if content else 0)
        for start in range(0, len(content), size):
            yield content[start : start + size]

    async def read() -> list[Any]:
        return [(one.rejected, getattr(one, "lines", None)) async for one in read_sets(pieces())]

    storable(_loop.run_until_complete(read()))


def cloud_event(content: bytes) -> None:
    """A record of the bus: headers a line each, an empty line, the data."""
    head, _, data = content.partition(b"\n\n")
    lines = (line.partition(b":") for line in head.split(b"\n"))
    headers = {name.decode("utf-8", "replace"): value.decode("utf-8", "backslashreplace") for name, _, value in lines}
    try:
        envelope = envelope_of(headers)
    except Undecodable:
        return
    storable(envelope)
    if not 1 <= envelope.sequence <= BIGGEST or envelope.time.tzinfo is None:
        raise NotStorable(repr(envelope))
    model = event_type(envelope.type)
    if model is None:
        return
    try:
        fact = model.model_validate_json(data)
    except ValidationError:
        return
    storable(fact)
    json.dumps(structured(envelope, fact.model_dump(mode="json")))


TARGETS: dict[str, Callable[[bytes], None]] = {
    reader.__name__.replace("_", "-"): reader
    for reader in (worker_csv, completion_csv, register_csv, xapi_statement, case_ndjson, cloud_event)
}


def stored(target: str) -> list[Path]:
    """The kept inputs of a target: seeds, what searching found worth keeping, and everything that ever failed."""
    return sorted((CORPUS / target).iterdir())
