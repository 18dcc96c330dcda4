"""Asks every service in turn about one person, says how far it is, and leaves out none without saying so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout
from rich.console import Console

from chassis.database import Database
from chassis.ids import new_id
from chassis.service import Service
from chassis.subjects import Person
from plumbline.databases import opened, urls, variable
from plumbline.services import SERVICES, load
from plumbline.subject import pages
from plumbline.subject.parts import (
    Answer,
    Asked,
    Removal,
    answer,
    folder_of,
    marks_of,
    names_of_others,
    needs_name,
    remove,
    workers_with,
)
from plumbline.subject.redaction import Redactor

NOT_NAMED = "no database is named for it: set {}"

Said = TypeVar("Said")


async def export(person: Person, reason: str, home: Path, out: Path, console: Console) -> int:
    """Write down what every service holds; exit status 1 when one did not answer, 2 when the request is unclear."""
    with urls(home) as databases:
        asked, others = await _begin(databases, person, reason)
        if await _is_someone_else(databases, person, console):
            return 2
        answers, silent = await _each(
            databases, lambda database, service: _told(answer(database, service, asked), service, console)
        )
        redactor = Redactor(others, asked.marks)
        folder = out / f"export-{asked.request_id}"
        folder.mkdir(parents=True, mode=0o700)
        copied = _copy_files(answers, folder, folder_of(home, os.environ.get("ATTACHMENTS_FOLDER", "")), silent)
        page = pages.export_page(asked, answers, silent, copied, redactor)
        return _end(page, folder, silent, console)


async def erase(person: Person, reason: str, home: Path, out: Path, console: Console, *, check: bool) -> int:
    """Erase in every service, workforce last, because it alone knows the name that the others are searched for."""
    with urls(home) as databases:
        asked, _ = await _begin(databases, person, reason)
        if await _is_someone_else(databases, person, console):
            return 2
        reasons, silent = await _each(databases, lambda database, service: needs_name(database, service, person))
        needed = [one for found in reasons.values() for one in found]
        needed += [f"{name} could not be asked whether it needs the name" for name in silent]
        asked = replace(asked, person=replace(person, name_needed=bool(needed)))
        removals, silent = await _each(
            databases, lambda database, service: _told(remove(database, service, asked, check=check), service, console)
        )
        if not check:
            _unlink(removals, folder_of(home, os.environ.get("ATTACHMENTS_FOLDER", "")))
        folder = out / f"{'check' if check else 'erase'}-{asked.request_id}"
        folder.mkdir(parents=True, mode=0o700)
        return _end(pages.erase_page(asked, removals, silent, needed, check=check), folder, silent, console)


async def _begin(databases: Mapping[str, str], person: Person, reason: str) -> tuple[Asked, list[str]]:
    asked = Asked(new_id(), person, reason, marks=person.contacts)
    if "workforce" not in databases:
        return asked, []
    async with opened(databases["workforce"], "workforce") as workforce:
        return replace(asked, marks=await marks_of(workforce, person)), await names_of_others(workforce, person)


async def _is_someone_else(databases: Mapping[str, str], person: Person, console: Console) -> bool:
    if "workforce" not in databases or not person.contacts:
        return False
    async with opened(databases["workforce"], "workforce") as workforce:
        owners: list[UUID] = [one for one in await workers_with(workforce, person.contacts) if one != person.worker_id]
    for owner in owners:
        console.print(
            f"An address given is that of worker {owner}. Add --worker {owner}, so that all is found; nothing was done."
        )
    return bool(owners)


async def _each(
    databases: Mapping[str, str], ask: Callable[[Database, Service], Awaitable[Said]]
) -> tuple[dict[str, Said], dict[str, str]]:
    """What every service says, workforce last, and why others say nothing."""
    said: dict[str, Said] = {}
    silent: dict[str, str] = {}
    for name in (*(name for name in SERVICES if name != "workforce"), "workforce"):
        if name not in databases:
            silent[name] = NOT_NAMED.format(variable(name))
            continue
        try:
            await _answers(databases[name])
            async with opened(databases[name], name) as database:
                said[name] = await ask(database, load(name))
        except (psycopg.Error, PoolTimeout, OSError) as failure:
            silent[name] = f"its database did not answer: {type(failure).__name__}"
    return said, silent


async def _answers(url: str) -> None:
    """Find out at once when a database is not there; a pool would try for long."""
    connection = await psycopg.AsyncConnection.connect(url, connect_timeout=10)
    await connection.close()


async def _told(said: Awaitable[Said], service: Service, console: Console) -> Said:
    result = await said
    if isinstance(result, Answer):
        rows = sum(len(part.rows) for part in result.shown)
        console.print(f"{service.name}: {rows} records in {sum(bool(part.rows) for part in result.shown)} sections.")
    if isinstance(result, Removal):
        changed = sum(part.changed for part in result.erased)
        console.print(f"{service.name}: {changed} records and {len(result.files)} files to erase or make anonymous.")
    return result


def _copy_files(
    answers: Mapping[str, Answer], folder: Path, store: Path, silent: dict[str, str]
) -> dict[str, list[str]]:
    copied: dict[str, list[str]] = {}
    for name, given in answers.items():
        for number, file in enumerate(given.files, start=1):
            kept_as = f"{number:03d}-{Path(file['name'].replace(chr(92), '/')).name}"
            target = folder / "files" / name / kept_as
            target.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            try:
                shutil.copyfile(store / file["stored_as"], target)
            except OSError:
                silent[f"{name}, file {kept_as}"] = f"it is not in {store}: set ATTACHMENTS_FOLDER"
                continue
            copied.setdefault(name, []).append(kept_as)
    return copied


def _unlink(removals: Mapping[str, Removal], store: Path) -> None:
    for removal in removals.values():
        for stored_as in removal.files:
            (store / stored_as).unlink(missing_ok=True)


def _end(page: Mapping[str, Any], folder: Path, silent: Mapping[str, str], console: Console) -> int:
    for file, text in (("answer.json", pages.as_json(page)), ("answer.md", pages.as_text(page))):
        path = folder / file
        path.touch(mode=0o600)
        path.write_text(text)
    for who, why in silent.items():
        console.print(
            f"[yellow]![/yellow] {who} has not answered: {why}. Mend that and ask again; asking twice does no harm."
        )
    warning = "It holds personal data: keep it as such, and delete it once it was given."
    console.print(f"The answer is in {folder}. {warning}", soft_wrap=True)
    return 1 if silent else 0
