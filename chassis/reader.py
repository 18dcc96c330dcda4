"""Reads a subscription batch by batch: what was fetched as events, and its offsets committed once it is applied."""

from __future__ import annotations

import asyncio

from chassis import telemetry
from chassis.batches import first_offsets, next_offsets
from chassis.bus import LogWentBackwards, Received, Subscription
from chassis.consumer import Consumer
from chassis.service import Batch

FETCH_WAIT_S = 1.0
PIECE = 200
"""So many records are read before whoever else is in this process gets a turn."""


class Reader:
    """The batches of one subscription, one after the other. Use from one task: next, then either done or again."""

    def __init__(self, consumer: Consumer, subscription: Subscription, batch_size: int) -> None:
        self._consumer = consumer
        self._subscription = subscription
        self._batch_size = batch_size

    async def next(self) -> Batch:
        """The next batch; empty when nothing came for a second."""
        records = await self._fetch()
        pieces = []
        for start in range(0, len(records), PIECE):
            pieces.append(self._consumer.read(records[start : start + PIECE]))
            await asyncio.sleep(0)
        return Batch(
            records, [e for piece in pieces for e in piece.events], [f for piece in pieces for f in piece.foreign]
        )

    async def done(self, batch: Batch) -> None:
        """It was applied."""
        # Nothing is fetched meanwhile: a fetch may find that the log began anew, and an older offset, committed after that,
        # would hide records of the new log.
        await self._subscription.commit(next_offsets(batch.records))

    async def again(self, batch: Batch) -> None:
        """It could not be applied: read it again."""
        await self._subscription.rewind(first_offsets(batch.records))

    async def close(self) -> None:
        """End the subscription."""
        await self._subscription.close()

    async def _fetch(self) -> list[Received]:
        try:
            return await self._subscription.fetch(self._batch_size, FETCH_WAIT_S)
        except LogWentBackwards as loss:
            # The relays publish again what the log lost; the inbox knows the rest of what is read again.
            telemetry.log.error("reading the log from its beginning", service=self._consumer.group, reason=str(loss))
            await self._subscription.rewind(dict.fromkeys(loss.ends, 0))
            return []
