"""A transaction whose statements travel together: begin with the first that is waited for, commit with the last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, LiteralString, Self

from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline
from psycopg.abc import Params, PQGen
from psycopg.generators import send
from psycopg.pq import TransactionStatus
from psycopg.rows import Row

AT_MOST = 500
"""So many answers may be outstanding before statements are sent one by one, and their answers taken in between."""


class TransactionLost(Exception):
    """A failed statement was passed over: PostgreSQL would answer the commit with a rollback."""


class GatheringPipeline(AsyncPipeline):
    """A pipeline that sends what was asked for once an answer is waited for, and in one piece.

    psycopg's own sends every statement by itself, and looks at the socket twice for each: on the way of a small command
    that costs more than everything else that the service does.
    """

    _conn: GatheringConnection[Any]

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._conn.gathers(self)
        return self

    def _exit(self, exc: BaseException | None) -> None:
        super()._exit(exc)
        if self.level == 0:
            self._conn.gathers(None)

    def say(self, command: bytes) -> None:
        """Add a command without values, whose answer says no more than that it was done."""
        self.pgconn.send_query_params(command, None)
        self.result_queue.append(None)

    def send(self) -> None:
        """Send as much of what was asked for so far as the database takes at once; the rest goes with what follows."""
        self.pgconn.flush()

    def _communicate_gen(self) -> PQGen[None]:
        if len(self.result_queue) > AT_MOST:
            yield from super()._communicate_gen()
        while self.command_queue:
            self.command_queue.popleft()()

    def _sync_gen(self) -> PQGen[None]:
        self._enqueue_sync()
        yield from self._communicate_gen()
        yield from send(self.pgconn)
        yield from self._fetch_gen(flush=False)

    _exit_gen = _sync_gen


class GatheringConnection(AsyncConnection[Row]):
    """A connection whose pipelines gather."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors: dict[str, AsyncCursor[Row]] = {}

    async def again(self, statement: LiteralString, params: Params | None = None) -> AsyncCursor[Row]:
        """Run a statement with the cursor that ran it before, which has learned how its values are written.

        Its answer is there until the statement is run again.
        """
        if statement not in self._cursors:
            self._cursors[statement] = self.cursor()
        return await self._cursors[statement].execute(statement, params)

    def gathers(self, pipeline: GatheringPipeline | None) -> None:
        """From now on statements go through ``pipeline``, sent with the next one whose answer is waited for; None: alone."""
        self._pipeline = pipeline


@asynccontextmanager
async def gathered_transaction(connection: GatheringConnection[Any]) -> AsyncIterator[GatheringPipeline]:
    """A transaction in a pipeline; it commits when the block ends and rolls back when it raises.

    ``AsyncConnection.transaction`` would wait for the answer to its begin, and once more before its commit.
    """
    try:
        async with GatheringPipeline(connection) as pipeline:
            pipeline.say(b"begin")
            yield pipeline
            if connection.info.transaction_status is TransactionStatus.INERROR:
                raise TransactionLost("A statement failed and its failure was passed over, so nothing was kept.")
            pipeline.say(b"commit")
    except BaseException:
        if connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
            await connection.rollback()
        raise
