"""Finds a person's name, address and numbers in words that stand in nobody's record or in someone else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql
from sqlalchemy import MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import Tx
from plumbline.subject.redaction import SHORTEST_NAME

MOST_KEYS = 20


@dataclass(frozen=True, slots=True)
class Mention:
    """Records of one table whose words mention the person, by their keys, for someone to read."""

    table: str
    records: int
    keys: Sequence[str]


async def mentions(tx: Tx, tables: MetaData, marks: Sequence[str], worker_id: object) -> list[Mention]:
    """Where words mention any of ``marks``, in rows that are not the person's own."""
    patterns = [f"%{_plain(mark)}%" for mark in marks if len(mark) >= SHORTEST_NAME]
    found = []
    for table in tables.tables.values() if patterns else ():
        statement = _search(table)
        if statement is None:
            continue
        rows = await (await tx.connection.execute(statement, {"patterns": patterns, "worker": worker_id})).fetchall()
        if rows:
            found.append(Mention(table.name, len(rows), [row["key"] for row in rows[:MOST_KEYS]]))
    return found


def _plain(mark: str) -> str:
    return mark.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _search(table: Table) -> sql.Composed | None:
    worded = [column.name for column in table.columns if isinstance(column.type, Text | ARRAY | JSONB)]
    if not worded:
        return None
    key = sql.SQL(" || ' ' || ").join(
        sql.SQL("{}::text").format(sql.Identifier(c.name)) for c in table.primary_key.columns
    )
    matches = sql.SQL(" or ").join(
        sql.SQL("{}::text ilike any(%(patterns)s)").format(sql.Identifier(n)) for n in worded
    )
    not_own = sql.SQL("worker_id is distinct from %(worker)s::uuid" if "worker_id" in table.columns else "true")
    statement = sql.SQL("select {key} as key from {table} where ({matches}) and {not_own}")
    return statement.format(key=key, table=sql.Identifier(table.name), matches=matches, not_own=not_own)
