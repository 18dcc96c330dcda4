"""Reads a subscription ahead of what is applied, and commits behind it, so that neither waits for the other."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from chassis import telemetry
from chassis.batches import first_offsets, next_offsets
from chassis.bus import LogWentBackwards, Received, Subscription
from chassis.consumer import Consumer
from chassis.service import Batch

FETCH_WAIT_S = 1.0
PIECE = 200
"""So many records are read before whoever else waits gets a turn."""


class Reader:
    """The batches of one subscription, one after the other. Use from one task: next, then either done or again."""

    def __init__(self, consumer: Consumer, subscription: Subscription, batch_size: int) -> None:
        self._consumer = consumer
        self._subscription = subscription
        self._batch_size = batch_size
        self._ahead: asyncio.Task[Batch] | None = None
        self._behind: asyncio.Task[None] | None = None

    async def next(self) -> Batch:
        """The next batch; empty when nothing came for a second."""
        ahead, self._ahead = self._ahead, None
        batch = await (ahead or self._read())
        if len(batch.records) >= self._batch_size:
            # More is waiting: it is taken in while the database is at work on this batch.
            self._ahead = asyncio.create_task(self._read())
        return batch

    async def done(self, batch: Batch) -> None:
        """It was applied: its offsets are committed while the next is on its way."""
        if self._behind is not None:
            await self._behind
        self._behind = asyncio.create_task(self._subscription.commit(next_offsets(batch.records)))

    async def again(self, batch: Batch) -> None:
        """It could not be applied: read it again, and what was fetched after it."""
        ahead, self._ahead = self._ahead, None
        records = list(batch.records)
        if ahead is not None:
            with suppress(Exception):
                records += (await ahead).records
        await self._subscription.rewind(first_offsets(records))

    async def close(self) -> None:
        """Commit what was applied, and end the subscription."""
        if self._ahead is not None:
            self._ahead.cancel()
        await asyncio.gather(*(task for task in (self._ahead, self._behind) if task), return_exceptions=True)
        await self._subscription.close()

    async def _read(self) -> Batch:
        records = await self._fetch()
        pieces = []
        for start in range(0, len(records), PIECE):
            pieces.append(self._consumer.read(records[start : start + PIECE]))
            await asyncio.sleep(0)
        return Batch(
            records, [e for piece in pieces for e in piece.events], [f for piece in pieces for f in piece.foreign]
        )

    async def _fetch(self) -> list[Received]:
        try:
            return await self._subscription.fetch(self._batch_size, FETCH_WAIT_S)
        except LogWentBackwards as loss:
            # The relays publish again what the log lost; the inbox knows the rest of what is read again.
            telemetry.log.error("reading the log from its beginning", service=self._consumer.group, reason=str(loss))
            await self._subscription.rewind(dict.fromkeys(loss.ends, 0))
            return []
