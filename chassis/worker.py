"""The background work of a service: relay, consumer and scans, each a loop that shows progress and survives failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, LiteralString

from chassis import telemetry, tracing
from chassis.bus import Bus, BusAway, Received, Subscription
from chassis.clock import monotonic
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.failpoints import failpoint
from chassis.failures import reason_of
from chassis.reader import Reader
from chassis.relay import Relay
from chassis.service import Scan, Service
from chassis.settings import Settings
from contracts import topic_of

CHECK_EVERY_S = 10.0
MAX_BACKOFF_S = 10.0
STOP_WITHIN_S = 15.0

_SCAN_LOCK: LiteralString = "select pg_try_advisory_xact_lock(hashtext(%(name)s))"
_CONSUMER_LOCK: LiteralString = "select pg_try_advisory_lock(hashtext('plumbline consumer'))"
# The inbox is kept for good: topics are too, and whoever reads one from its beginning must recognise what was applied.
_PURGE: tuple[LiteralString, ...] = (
    """delete from outbox where id in (select id from outbox
        where published_at < clock_timestamp() - make_interval(days => %(days)s) limit 5000)""",
    """delete from idempotency_keys where (caller, key) in (select caller, key from idempotency_keys
        where created_at < clock_timestamp() - interval '2 days' limit 5000)""",
)


class Worker:
    """All loops of one service; :meth:`stalled` names those without progress."""

    def __init__(self, service: Service, database: Database, bus: Bus, settings: Settings) -> None:
        self._service = service
        self._database = database
        self._bus = bus
        self._settings = settings
        self._progress: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._hint = asyncio.Event()
        self._awaiting_records: asyncio.Task[Any] | None = None
        database.on_events = self._hint.set

    def start(self) -> None:
        """Start every loop this service needs."""
        loops: dict[str, Callable[[], Awaitable[None]]] = {"purge": self._purge, "observe": self._observe}
        if self._service.publishes:
            loops["relay"] = self._relay
        if self._service.listens_to:
            loops["consumer"] = self._consume
        for scan in self._service.scans:
            loops[f"scan {scan.name}"] = self._scanner(scan)
        for name, loop in loops.items():
            self._progress[name] = monotonic()
            self._tasks.append(asyncio.create_task(self._keep_running(name, loop), name=f"{self._service.name} {name}"))

    async def stop(self) -> None:
        """Let each loop finish the transaction it is in, then end it; whoever only waits for records waits no longer."""
        self._stopping.set()
        self._hint.set()
        if self._awaiting_records is not None:
            self._awaiting_records.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def stalled(self) -> list[str]:
        """Loops that made no progress within the deadline: alive is not enough."""
        oldest = monotonic() - self._settings.progress_deadline_s
        return sorted(name for name, at in self._progress.items() if at < oldest)

    def _progressed(self, name: str) -> None:
        self._progress[name] = monotonic()

    async def _keep_running(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run a loop for ever; a failure is logged and followed by a growing pause, because its cause may pass."""
        pause = 0.1
        while not self._stopping.is_set():
            began = monotonic()
            try:
                await loop()
            except Exception as failure:
                if isinstance(failure, BusAway):
                    # No stall: requests are answered meanwhile, and a restart would not bring the brokers back.
                    self._progressed(name)
                telemetry.log.error(
                    "a loop failed; it starts again", service=self._service.name, loop=name, reason=reason_of(failure)
                )
                pause = 0.1 if monotonic() - began > MAX_BACKOFF_S else min(pause * 2, MAX_BACKOFF_S)
                await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _relay(self) -> None:
        relay = Relay(self._database, self._bus, self._settings.batch_size)
        async with self._database.connection() as connection:
            if not await relay.acquire(connection):
                self._progressed("relay")
                await self._pause(1.0)
                return
            try:
                await relay.prepare()
                await self._relay_on(relay, connection)
            finally:
                if not connection.closed:
                    await connection.execute("select pg_advisory_unlock(hashtext('plumbline relay'))")

    async def _relay_on(self, relay: Relay, connection: object) -> None:
        checked = monotonic()
        while not self._stopping.is_set():
            self._hint.clear()
            published = await relay.publish_pending(connection)  # type: ignore[arg-type] # the pool's row type
            self._progressed("relay")
            if monotonic() - checked > CHECK_EVERY_S:
                await relay.check_bus()
                checked = monotonic()
            if not published:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hint.wait(), self._settings.poll_interval_s)

    async def _consume(self) -> None:
        """One consumer a service on the embedded bus; on Kafka the group shares the partitions out."""
        if self._settings.kafka_bootstrap_servers:
            await self._subscribe_and_consume()
            return
        async with self._database.connection() as connection:
            row = await (await connection.execute(_CONSUMER_LOCK)).fetchone()
            if not (row and row["pg_try_advisory_lock"]):
                self._progressed("consumer")
                await self._pause(1.0)
                return
            try:
                await self._subscribe_and_consume()
            finally:
                if not connection.closed:
                    await connection.execute("select pg_advisory_unlock(hashtext('plumbline consumer'))")

    async def _subscribe_and_consume(self) -> None:
        consumer = Consumer(self._database, self._service)
        topics = [topic_of(name) for name in self._service.listens_to]
        dead = [f"{topic}.dead.{self._service.name}" for topic in topics]
        await self._bus.ensure_topics(sorted({*topics, *dead, topic_of(self._service.name)}))
        subscription = await self._bus.subscribe(
            self._service.name, topics, f"{self._service.name}-{self._settings.member}"
        )
        reader = Reader(self._service.name, subscription, self._settings.batch_size)
        try:
            await self._consume_on(consumer, subscription, reader)
        finally:
            await reader.close()

    async def _consume_on(self, consumer: Consumer, subscription: Subscription, reader: Reader) -> None:
        observed = monotonic()
        while not self._stopping.is_set():
            records = await self._next(reader)
            failpoint("consumer-after-fetch")
            self._progressed("consumer")
            if monotonic() - observed > CHECK_EVERY_S:
                telemetry.LAG.labels(self._service.name).set(await subscription.lag())
                observed = monotonic()
            if not records:
                continue
            try:
                await consumer.apply(records)
            except BaseException:
                await reader.again(records)
                raise
            failpoint("consumer-after-commit")
            await reader.done(records)

    async def _next(self, reader: Reader) -> list[Received]:
        self._awaiting_records = asyncio.current_task()
        try:
            return await reader.next()
        finally:
            self._awaiting_records = None

    def _scanner(self, scan: Scan) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            while not self._stopping.is_set():
                done = await run_scan(self._database, scan)
                self._progressed(f"scan {scan.name}")
                if not done:
                    await self._rest(f"scan {scan.name}", scan.every_s)

        return run

    async def _rest(self, name: str, seconds: float) -> None:
        """Wait between two rounds, alive: a round that is due in ten minutes is no stall."""
        due = monotonic() + seconds
        while not self._stopping.is_set() and (left := due - monotonic()) > 0:
            self._progressed(name)
            await self._pause(min(left, self._settings.progress_deadline_s / 4))

    async def _observe(self) -> None:
        """Put into the metrics what waits: on every replica, and also while relay and consumer cannot go on."""
        relay = Relay(self._database, self._bus, self._settings.batch_size)
        consumer = Consumer(self._database, self._service)
        while not self._stopping.is_set():
            self._progressed("observe")
            for loop, at in self._progress.items():
                telemetry.IDLE.labels(self._service.name, loop).set(monotonic() - at)
            await relay.observe()
            await consumer.observe()
            await self._pause(CHECK_EVERY_S)

    async def _purge(self) -> None:
        """Drop what retention no longer asks for, a little at a time."""
        while not self._stopping.is_set():
            async with self._database.transaction() as tx:
                gone = sum([await tx.execute(sql, {"days": self._settings.outbox_retention_days}) for sql in _PURGE])
            self._progressed("purge")
            if not gone:
                await self._pause(30)


async def run_scan(database: Database, scan: Scan) -> int:
    """Run one batch of a scan, unless another replica is at it; how many items it did."""
    with tracing.span(f"scan {scan.name}", database.service, plumbline_scan=scan.name) as span:
        span.keep = False
        async with database.transaction(database.system(traceparent=span.header)) as tx:
            if not await tx.fetch_value(_SCAN_LOCK, {"name": f"plumbline scan {scan.name}"}):
                return 0
            done = await scan.run(tx)
        span.keep = done > 0
    if done:
        telemetry.SCANNED.labels(database.service, scan.name).inc(done)
    return done
