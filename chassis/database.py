"""PostgreSQL for one service: a pool, transactions that carry their events, and plain rows out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, LiteralString, TypeAlias, TypeVar, overload

from psycopg.errors import FeatureNotSupported
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from chassis.clock import Clock, london_date
from chassis.envelope import Cause
from chassis.failpoints import failpoint
from chassis.gathering import GatheringConnection, GatheringPipeline, gathered_transaction
from chassis.outbox import write_events
from contracts import Event

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
Row: TypeAlias = dict[str, Any]
Params: TypeAlias = Mapping[str, Any] | Sequence[Any] | None
Connection: TypeAlias = GatheringConnection[DictRow]


@dataclass(frozen=True, slots=True)
class Asked(Generic[A]):
    """A statement whose rows are wanted, and what they mean."""

    sql: LiteralString
    params: Params
    read: Callable[[list[Row]], A]


class Tx:
    """One open transaction: SQL in, rows out, and the events that will be committed with it.

    ``now`` and ``today`` are the business clock at the moment the transaction began, so that every rule in it sees one time.
    """

    def __init__(self, connection: Connection, service: str, now: datetime, cause: Cause) -> None:
        self.connection = connection
        self.service = service
        self.now = now
        self.cause = cause
        self.emitted: list[Event] = []
        self.causes: dict[int, Cause] = {}
        """The causes of single events, by their place in :attr:`emitted`; the others have the transaction's."""
        self.silent = False
        self.pipeline: GatheringPipeline | None = None

    @property
    def today(self) -> date:
        """The date in Europe/London at :attr:`now`."""
        return london_date(self.now)

    @property
    def actor(self) -> str:
        """Who does this: the subject of the token, or ``system:<service>``."""
        return self.cause.actor

    async def fetch_all(self, sql: LiteralString, params: Params = None) -> list[Row]:
        """All rows as dictionaries."""
        try:
            return await (await self.connection.execute(sql, params)).fetchall()
        except StalePlan:
            if not await self._plans_anew():
                raise
            return await (await self.connection.execute(sql, params)).fetchall()

    async def fetch_one(self, sql: LiteralString, params: Params = None) -> Row | None:
        """The first row, or None."""
        try:
            return await (await self.connection.again(sql, params)).fetchone()
        except StalePlan:
            if not await self._plans_anew():
                raise
            return await (await self.connection.again(sql, params)).fetchone()

    @overload
    async def answers(self, one: Asked[A], /) -> tuple[A]: ...
    @overload
    async def answers(self, one: Asked[A], two: Asked[B], /) -> tuple[A, B]: ...
    @overload
    async def answers(self, one: Asked[A], two: Asked[B], three: Asked[C], /) -> tuple[A, B, C]: ...
    async def answers(self, *asked: Asked[Any]) -> tuple[Any, ...]:
        """What each of several different statements finds; in a transaction they travel together."""
        if len({one.sql for one in asked}) < len(asked):
            raise ValueError("Ask a statement once: its answer is there only until it is run again.")
        cursors = [await self.connection.again(one.sql, one.params) for one in asked]
        return tuple([one.read(await cursor.fetchall()) for one, cursor in zip(asked, cursors, strict=True)])

    async def _plans_anew(self) -> bool:
        """Whether a statement can be sent again: a read can; a transaction is lost, and who began it begins it again."""
        if self.pipeline is not None or self.connection.info.transaction_status != TransactionStatus.IDLE:
            return False
        await self.connection.execute("deallocate all")
        return True

    async def fetch_value(self, sql: LiteralString, params: Params = None) -> Any:
        """The first column of the first row, or None."""
        row = await self.fetch_one(sql, params)
        return None if row is None else next(iter(row.values()))

    async def execute(self, sql: LiteralString, params: Params = None) -> int:
        """Run a statement; the number of rows it touched."""
        cursor = await self.connection.again(sql, params)
        await self.settle()
        return cursor.rowcount

    async def queue(self, sql: LiteralString, params: Params = None) -> None:
        """Run a statement without waiting for it; its failure shows at the next statement or at the commit."""
        await self.connection.again(sql, params)

    def send(self) -> None:
        """Send what was queued so far, and wait for nothing: the database is at work on it while the next is made here."""
        if self.pipeline is not None:
            self.pipeline.send()

    async def settle(self) -> None:
        """Wait until every statement so far has been run; the failure of one that was not waited for shows here."""
        if self.pipeline is not None:
            await self.pipeline.sync()

    async def execute_many(self, sql: LiteralString, rows: Sequence[Params]) -> None:
        """Run a statement once for each of ``rows``, in one exchange with the database."""
        if not rows:
            return
        async with self.connection.cursor() as cursor:
            await cursor.executemany(sql, [row for row in rows if row is not None])

    async def copy(self, sql: LiteralString, rows: bytes) -> None:
        """Send rows in PostgreSQL's text format through a COPY statement; needs a transaction opened for copying."""
        async with self.connection.cursor() as cursor, cursor.copy(sql) as copy:
            await copy.write(rows)

    def emit(self, event: Event) -> None:
        """Publish ``event`` if and only if this transaction commits."""
        if not self.silent:
            self.emitted.append(event)

    async def flush(self) -> None:
        """Write the events emitted so far to the outbox; the transaction does this itself before it commits."""
        if self.emitted:
            pending, self.emitted = self.emitted, []
            causes, self.causes = self.causes, {}
            await write_events(self.connection, self.service, pending, self.now, self.cause, causes)


StalePlan = FeatureNotSupported
"""What PostgreSQL says of a prepared statement once a migration gave a table that it reads another column."""


async def _prepare(connection: GatheringConnection[Any]) -> None:
    connection.row_factory = dict_row
    await connection.set_autocommit(True)


class Database:
    """The database of one service."""

    def __init__(self, url: str, service: str, clock: Clock, pool_size: int = 8) -> None:
        self.url = url
        self.service = service
        self.clock = clock
        self.on_events: Callable[[], None] = lambda: None
        """Called after a commit that wrote events: a hint to a relay in the same process, never the promise."""
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            connection_class=GatheringConnection,
            min_size=1,
            max_size=pool_size,
            open=False,
            configure=_prepare,
            kwargs={"row_factory": dict_row, "autocommit": True, "application_name": f"plumbline {service}"},
            name=service,
        )

    async def open(self) -> None:
        """Connect; returns once the first connection is there."""
        await self._pool.open(wait=True, timeout=30)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @property
    def waiting(self) -> int:
        """How many wait for a connection right now."""
        return self._pool.get_stats().get("requests_waiting", 0)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit mode, from the pool."""
        # The pool's own context would commit at its end, and find nothing to commit: who opens a transaction ends it.
        connection = await self._pool.getconn()
        try:
            yield connection
        finally:
            await self._pool.putconn(connection)

    def system(self, correlation_id: str = "", traceparent: str = "") -> Cause:
        """The cause of what the service does by itself."""
        return Cause(f"system:{self.service}", correlation_id, traceparent=traceparent)

    @asynccontextmanager
    async def transaction(self, cause: Cause | None = None, *, copying: bool = False) -> AsyncIterator[Tx]:
        """A transaction that commits, with its events, when the block ends, and leaves nothing behind when it raises.

        With ``copying`` its statements are not sent together, because COPY cannot be.
        """
        async with self.connection() as connection:
            tx = Tx(connection, self.service, self.clock.now(), cause or self.system())
            async with connection.transaction() if copying else gathered_transaction(connection) as together:
                tx.pipeline = together if isinstance(together, GatheringPipeline) else None
                yield tx
                failpoint("after-state-write")
                wrote = bool(tx.emitted)
                await tx.flush()
                failpoint("before-commit")
            failpoint("after-commit")
        if wrote:
            self.on_events()

    @asynccontextmanager
    async def reading(self, cause: Cause | None = None) -> AsyncIterator[Tx]:
        """A connection for reads; each statement sees what is committed when it runs."""
        async with self.connection() as connection:
            yield Tx(connection, self.service, self.clock.now(), cause or self.system())
