"""Rebuilding a service's projections: emptied, folded afresh from the log, and compared with what they were."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from pydantic import ValidationError

from chassis import directory
from chassis.database import Database, Row, Tx
from chassis.envelope import Envelope
from chassis.service import Reaction, Service
from contracts import Event

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: how many events it folded, and which tables came out the same.

    ``left_out`` are the ids of events that are not what their schema says: no consumer can have taken them either.
    """

    events: int
    same: Mapping[str, bool]
    left_out: Sequence[str] = ()


class _ComparedOnly(Exception):
    """Ends the transaction of a comparison, so that nothing of it remains."""


def rebuildable(service: Service) -> bool:
    """Whether something folds every projection that the service names."""
    return not service.projections or bool(service.projectors) or service.rebuild is not None


async def rebuild_service(service: Service, database: Database, log: Database, *, keep: bool) -> Rebuilt:
    """Fold the log into emptied projections in one transaction; without ``keep`` everything stays as it was."""
    result = Rebuilt(0, {})
    try:
        async with database.transaction() as tx:
            tx.silent = True
            result = await _rebuild_in(tx, service, log)
            if not keep:
                raise _ComparedOnly
    except _ComparedOnly:
        pass
    return result


async def _rebuild_in(tx: Tx, service: Service, log: Database) -> Rebuilt:
    tables = [*(directory.TABLES if service.keeps_directory else ()), *service.projections]
    for table in tables:
        await tx.connection.execute(sql.SQL("lock table {} in exclusive mode").format(sql.Identifier(table)))
    before = {table: await _digest(tx, table) for table in tables}
    for table in tables:
        await tx.connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
    events, left_out = await _fold(tx, service, log)
    if service.rebuild is not None:
        events = await service.rebuild(tx)
    return Rebuilt(events, {table: before[table] == await _digest(tx, table) for table in tables}, left_out)


async def _digest(tx: Tx, table: str) -> str | None:
    """A digest of a table's rows, whatever their order."""
    statement = sql.SQL("select md5(string_agg(t::text, E'\\n' order by t::text)) as digest from {} t")
    row = await (await tx.connection.execute(statement.format(sql.Identifier(table)))).fetchone()
    return row["digest"] if row else None


async def _fold(tx: Tx, service: Service, log: Database) -> tuple[int, list[str]]:
    """Fold every event that is what its schema says; how many were folded, and the ids of the others."""
    folds: list[Mapping[type[Event], Reaction]] = [service.projectors]
    if service.keeps_directory:
        folds.insert(0, directory.REACTIONS)
    known = {model.TYPE: model for fold in folds for model in fold}
    folded, left_out = 0, []
    async for row in _events(log, [f"/services/{name}" for name in service.listens_to], list(known)):
        model = known[row["type"]]
        about = _envelope(row)
        try:
            fact = model.model_validate_json(_as_json(row["data"]))
        except ValidationError:
            left_out.append(about.id)
            continue
        for fold in folds:
            if model in fold:
                await fold[model](tx, fact, about)
        folded += 1
    return folded, left_out


async def _events(log: Database, sources: Sequence[str], types: Sequence[str]) -> AsyncIterator[Row]:
    position = -1
    while True:
        async with log.reading() as tx:
            rows = await tx.fetch_all(
                """select * from log where position > %(after)s and source = any(%(sources)s) and type = any(%(types)s)
                order by position limit %(limit)s""",
                {"after": position, "sources": sources, "types": types, "limit": BATCH},
            )
        if not rows:
            return
        for row in rows:
            yield row
        position = rows[-1]["position"]


def _as_json(data: Any) -> str | bytes:
    return data if isinstance(data, (str, bytes)) else json.dumps(data)


def _envelope(row: Row) -> Envelope:
    return Envelope(str(row["event_id"]), row["source"], row["type"], row["subject"], row["time"], row["sequence"])
