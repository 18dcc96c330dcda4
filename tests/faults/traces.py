"""Nothing of whoever reports without a name is anywhere: not in a table, on a topic, in a file or a log (I18)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from chassis.bus import Bus
from tests.faults.evidence import read_topic

SHOWN = 5


async def i18_nowhere(
    marks: Sequence[str], databases: Mapping[str, str], bus: Bus, topics: Sequence[str], folders: Sequence[Path]
) -> list[str]:
    """I18: the places where one of the marks stands."""
    found = await asyncio.to_thread(lambda: [*_in(marks, _rows(databases)), *_in(_bytes(marks), _files(folders))])
    for topic in topics:
        records = [f"{one.key} {dict(one.headers)} {_spelled(one.value)}" for one in await read_topic(bus, topic)]
        found += _in(marks, [(topic, record) for record in records])
    return [f"I18: {one}" for one in found[:SHOWN]]


def _in(marks: Sequence[Any], places: Iterable[tuple[str, Any]]) -> Iterator[str]:
    for where, text in places:
        yield from (f"{mark!r} stands in {where}" for mark in marks if mark in text)


def _bytes(marks: Sequence[str]) -> list[bytes]:
    return [mark.encode() for mark in marks]


def _rows(databases: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every row of every table as text, bytes as what they spell: files may hold them compressed."""
    for name, url in databases.items():
        with psycopg.connect(url) as connection:
            tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
            for (table,) in tables:
                for row in connection.execute(sql.SQL("select * from {}").format(sql.Identifier(table))):
                    yield f"{name}.{table}", " ".join(map(_spelled, row))


def _spelled(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    return json.dumps(value, default=str) if isinstance(value, dict | list) else str(value)


def _files(folders: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Tables, write-ahead log, logs of the broker and of every process."""
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            try:
                if file.is_file():
                    yield file.name, file.read_bytes()
            except FileNotFoundError:
                continue  # PostgreSQL recycles its files while it runs
