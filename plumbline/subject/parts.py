"""What each service answers about one person, in one transaction with the record that it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis.database import Database, Tx
from chassis.service import Service
from chassis.subjects import (
    Erased,
    Found,
    Person,
    Shown,
    count_recorded,
    erase,
    erase_recorded,
    parameters,
    sections_of,
    show,
)
from plumbline.subject.mentions import Mention, mentions

_RECORD: LiteralString = """
insert into subject_requests (request_id, kind, worker_id, made_by, reason, sections)
values (%(request_id)s, %(kind)s, %(worker_id)s, %(by)s, %(reason)s, %(sections)s)
"""
_OWN_MARKS: LiteralString = """
select name, email, employee_ref, registration_number from workers where worker_id = %(worker_id)s
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: whose it is, why it is answered, and the person's names and numbers, for searching words."""

    request_id: UUID
    person: Person
    reason: str
    marks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What one service shows."""

    shown: Sequence[Shown]
    recorded: Mapping[str, int]
    mentioned: Sequence[Mention]
    files: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """What one service erased, and which files go now that it is committed."""

    erased: Sequence[Erased]
    mentioned: Sequence[Mention]
    files: Sequence[str] = field(default_factory=tuple)


class CheckedOnlyError(Exception):
    """Ends the transaction of a trial, so that nothing of it remains."""


async def answer(database: Database, service: Service, asked: Asked) -> Answer:
    """What a service holds about the person."""
    async with database.transaction() as tx:
        found = await parameters(tx, service.subjects, asked.person)
        shown = await show(tx, sections_of(service.subjects), found)
        recorded = await count_recorded(tx, service.tables, found)
        mentioned = await mentions(tx, service.tables, asked.marks, asked.person.worker_id)
        await _record(tx, "export", asked, {part.section.name: len(part.rows) for part in shown if part.rows})
        return Answer(shown, recorded, mentioned, await _files(tx, service, found))


async def remove(database: Database, service: Service, asked: Asked, *, check: bool) -> Removal:
    """Erase what a service erases; with ``check`` nothing of it remains."""
    removal = Removal((), ())
    try:
        async with database.transaction() as tx:
            found = await parameters(tx, service.subjects, asked.person)
            files = [row["stored_as"] for row in await _files(tx, service, found)]
            erased = [
                *await erase(tx, sections_of(service.subjects), found),
                await erase_recorded(tx, service.tables, found),
            ]
            mentioned = await mentions(tx, service.tables, asked.marks, asked.person.worker_id)
            await _record(tx, "erase", asked, {part.name: part.changed for part in erased if part.changed})
            removal = Removal([part for part in erased if part.changed or part.left], mentioned, files)
            if check:
                raise CheckedOnlyError
    except CheckedOnlyError:
        pass
    return removal


async def needs_name(database: Database, service: Service, person: Person) -> list[str]:
    """Why the law asks that the person can still be named."""
    if not service.subjects.needs_name:
        return []
    async with database.transaction() as tx:
        rows = await tx.fetch_all(service.subjects.needs_name, {"worker_id": person.worker_id, "today": tx.today})
    return [row["reason"] for row in rows]


async def marks_of(workforce: Database, person: Person) -> list[str]:
    """The name, address and numbers of the person that others may have written down."""
    async with workforce.reading() as tx:
        row = await tx.fetch_one(_OWN_MARKS, {"worker_id": person.worker_id}) or {}
    return [mark for mark in (*row.values(), *person.contacts) if mark]


async def names_of_others(workforce: Database, person: Person) -> list[str]:
    """The names of everyone else who works or worked here."""
    async with workforce.reading() as tx:
        rows = await tx.fetch_all(
            "select name from workers where worker_id is distinct from %(worker_id)s::uuid",
            {"worker_id": person.worker_id},
        )
    return [row["name"] for row in rows]


async def workers_with(workforce: Database, contacts: Sequence[str]) -> list[UUID]:
    """The workers whose mail address is one of ``contacts``."""
    async with workforce.reading() as tx:
        rows = await tx.fetch_all(
            "select worker_id from workers where lower(email) = any(%(contacts)s::text[])",
            {"contacts": [contact.strip().lower() for contact in contacts]},
        )
    return [row["worker_id"] for row in rows]


async def _files(tx: Tx, service: Service, found: Found) -> Sequence[Mapping[str, Any]]:
    return await tx.fetch_all(service.subjects.files, found) if service.subjects.files else ()


async def _record(tx: Tx, kind: str, asked: Asked, sections: Mapping[str, int]) -> None:
    values = {"request_id": asked.request_id, "kind": kind, "worker_id": asked.person.worker_id, "by": asked.person.by}
    await tx.execute(_RECORD, {**values, "reason": asked.reason, "sections": Jsonb(dict(sections))})


def folder_of(home: Path, configured: str) -> Path:
    """Where the files of a deployment are."""
    return Path(configured) if configured else home / "attachments"
