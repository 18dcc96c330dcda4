"""The end of the log in memory, read once a process however many clients follow the stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout

from chassis import telemetry
from chassis.database import Database, Row
from chassis.envelope import Envelope
from services.accountability.queries.log import get_head, list_log
from services.accountability.queries.units import map_paths

PAGE = 500
KEEP = 2000
POLL_S = 0.03
RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One event, ready to be sent to anyone who may see it; ``units`` is the org unit it lies in and all above."""

    position: int
    type: str
    units: Sequence[UUID]
    octets: bytes


@dataclass
class Tail:
    """The last events, kept while anyone follows; a client that falls further behind reads its own pages."""

    database: Database
    position: int = 0
    _frames: list[Frame] = field(default_factory=list)
    _paths: Mapping[UUID, Sequence[UUID]] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False
    """Whether the process stops: streams end, and clients resume them elsewhere."""
    _followers: int = 0
    _reader: asyncio.Task[None] | None = None

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Keep reading while the block runs; the first follower starts the reader and the last one ends it.

        Nothing is awaited on the way out: a stream may be dropped at any point.
        """
        self._followers += 1
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_on(), name="stream tail")
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                self._stop()

    def end(self) -> None:
        """Let every stream end now."""
        self.ended = True
        self._tell()

    def _stop(self) -> None:
        """Let the reader end by itself after what it is reading: a cancelled query would cost its connection."""
        self._reader = None
        self._frames.clear()

    async def _read_on(self) -> None:
        me = asyncio.current_task()
        started = False
        while self._reader is me:
            try:
                if not started:
                    started = await self._begin(me)
                    continue
                frames = await self.read(self.position)
                if self._reader is me:
                    self._keep(frames)
                if len(frames) < PAGE:
                    await asyncio.sleep(POLL_S)
            except (psycopg.OperationalError, PoolTimeout) as away:
                telemetry.log.warning("the stream waits for the database", reason=repr(away))
                await asyncio.sleep(RETRY_S)

    async def _begin(self, me: object) -> bool:
        """Begin at the head of the log, unless another reader took over meanwhile."""
        async with self.database.reading() as tx:
            head = await get_head(tx)
        if self._reader is me:
            self.position = head
            self._tell()
        return True

    def _keep(self, frames: Sequence[Frame]) -> None:
        if frames:
            self._frames += frames
            del self._frames[:-KEEP]
            self.position = frames[-1].position
            self._tell()

    def _tell(self) -> None:
        woken, self._wake = self._wake, asyncio.Event()
        woken.set()

    async def after(self, position: int) -> Sequence[Frame]:
        """Frames after ``position``: from memory when they are there, else a page of the log."""
        if self._frames and position + 1 >= self._frames[0].position:
            start = position + 1 - self._frames[0].position
            return self._frames[start : start + PAGE]
        return await self.read(position)

    async def beyond(self, position: int, timeout_s: float) -> bool:
        """Wait until there is anything after ``position``; False when nothing came in time, or the process stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.position <= position and not self.ended:
                    await self._wake.wait()
        return self.position > position

    async def read(self, position: int) -> list[Frame]:
        """A page of the log as frames."""
        async with self.database.reading() as tx:
            rows = await list_log(tx, position, PAGE)
            if any(row["org_unit_id"] not in self._paths for row in rows if row["org_unit_id"]):
                self._paths = await map_paths(tx)
        return [self._frame(row) for row in rows]

    def _frame(self, row: Row) -> Frame:
        units = self._paths.get(row["org_unit_id"], ()) if row["org_unit_id"] else ()
        return Frame(row["position"], row["type"], units, sse(row["position"], row["type"], structured(row)))


_ATTRIBUTES = (
    "source",
    "type",
    "subject",
    "time",
    "sequence",
    "dataschema",
    "traceparent",
    "correlationid",
    "causationid",
)


def structured(row: Row) -> str:
    """A row of the log as a CloudEvent in structured JSON, its data as it was published."""
    attributes: dict[str, Any] = Envelope(
        str(row["event_id"]), **{name: row[name] for name in _ATTRIBUTES}
    ).attributes()
    data = row["data"]
    if "\n" in data or "\r" in data:
        data = json.dumps(json.loads(data))
    return f'{json.dumps(attributes)[:-1]}, "data": {data}}}'


def sse(position: int, event: str, data: str) -> bytes:
    """One server-sent event."""
    return f"id: {position}\nevent: {event}\ndata: {data}\n\n".encode()
