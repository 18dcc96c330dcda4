"""Everything that must hold of a deployment once a fault is over, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import LiteralString, TypeAlias

import psycopg
from psycopg import sql

from chassis import directory
from chassis.clock import Clock
from chassis.database import Database
from chassis.service import Service
from plumbline.rebuilding import rebuild_service
from plumbline.services import SERVICES, load
from services.accountability.queries.log import verify_chain
from tests.faults import watch
from tests.faults.bounds import i15_bounded
from tests.faults.cluster import Cluster
from tests.faults.evidence import collect
from tests.faults.invariants import i1_state_and_outbox, violations
from tests.faults.journal import Journal

Made: TypeAlias = tuple[str, LiteralString, LiteralString, str]
CREATED: tuple[Made, ...] = (
    ("workforce", "org_units", "org_unit_id", "/v1/workforce/org-units"),
    ("workforce", "workers", "worker_id", "/v1/workforce/workers"),
    ("allocation", "allocations", "allocation_id", "/v1/allocation/cases/.+/allocations"),
    ("allocation", "responsibilities", "responsibility_id", "/v1/allocation/workers/[^/]+/responsibilities"),
    ("supervision", "sessions", "session_id", "/v1/supervision/sessions"),
)
"""Tables whose rows only callers make, each with the path that makes them: the journal must name every row."""


async def everything_that_is_wrong(
    cluster: Cluster,
    journal: Journal,
    quiet_within_s: float = watch.QUIET_DEADLINE_S,
    when_quiet: Callable[[], None] = lambda: None,
) -> list[str]:
    """Every violated invariant, in sentences; waits until the deployment is quiet, which is an invariant itself."""
    services = [load(name) for name in SERVICES]
    wrong = await watch.until_quiet(services, cluster.databases, quiet_within_s)
    if not wrong:
        when_quiet()
    wrong += i1_state_and_outbox(cluster.databases)
    wrong += i2_acknowledged_and_no_more(cluster.databases, journal)
    wrong += journal.contradictions()
    wrong += await i6_projections_equal_the_log(cluster.databases, services)
    wrong += i15_bounded(cluster.pids, cluster.server_url)
    wrong += i16_left_by_themselves({name: part.left for name, part in cluster.parts.items()})
    wrong += await i20_the_chain_holds(cluster.databases["accountability"])
    bus = cluster.bus()
    wrong += violations(await collect(services, cluster.databases, bus))
    await bus.close()
    return wrong


def i2_acknowledged_and_no_more(
    databases: Mapping[str, str], journal: Journal, created: Sequence[Made] = CREATED
) -> list[str]:
    """I2 and I9: what was acknowledged is there, and nothing is there that no caller was told of."""
    wrong = []
    for service, table, column, path in created:
        told = journal.acknowledged(path, column)
        with psycopg.connect(databases[service]) as connection:
            statement = sql.SQL("select {}::text from {}").format(sql.Identifier(column), sql.Identifier(table))
            kept = {row[0] for row in connection.execute(statement).fetchall()}
        if told - kept:
            wrong.append(f"I2: {service}.{table} lost {sorted(told - kept)}")
        if kept - told:
            wrong.append(f"I9: {service}.{table} has rows that nobody was told of: {sorted(kept - told)}")
    return wrong


async def i6_projections_equal_the_log(databases: Mapping[str, str], services: Sequence[Service]) -> list[str]:
    """I6: each projection that can be folded afresh from the log, and each directory, equals that fold."""
    wrong = []
    async with AsyncExitStack() as stack:
        log = await _opened(stack, databases["accountability"], "accountability")
        for service in services:
            database = await _opened(stack, databases[service.name], service.name)
            rebuilt = await rebuild_service(service, database, log, keep=False)
            foldable = (*directory.TABLES, *(service.projections if service.projectors else ()))
            differing = [table for table, same in rebuilt.same.items() if table in foldable and not same]
            wrong += [f"I6: {service.name}.{table} is not what the log says" for table in differing]
    return wrong


def i16_left_by_themselves(left: Mapping[str, Sequence[int]]) -> list[str]:
    """I16: every process that was asked to leave ended in order before its deadline; what it lost, I2 and I3 would tell."""
    return [
        f"I16: {name} did not leave by itself, status {status}"
        for name, ended in left.items()
        for status in ended
        if status != 0
    ]


async def i20_the_chain_holds(url: str) -> list[str]:
    """I20: no row of the log was edited, deleted, moved or cut off."""
    async with AsyncExitStack() as stack:
        log = await _opened(stack, url, "accountability")
        async with log.reading() as tx:
            _, broken = await verify_chain(tx)
    return [f"I20: the log is not as it was written from position {broken} on"] if broken is not None else []


async def _opened(stack: AsyncExitStack, url: str, name: str) -> Database:
    database = Database(url, name, Clock())
    await database.open()
    stack.push_async_callback(database.close)
    return database
