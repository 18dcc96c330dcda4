"""Reads a subscription ahead of what is applied, and commits behind it, so that neither waits for the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from chassis import telemetry
from chassis.bus import LogWentBackwards, Received, Subscription
from chassis.consumer import first_offsets, next_offsets

FETCH_WAIT_S = 1.0


class Reader:
    """The batches of one subscription, one after the other. Use from one task: next, then either done or again."""

    def __init__(self, group: str, subscription: Subscription, batch_size: int) -> None:
        self._group = group
        self._subscription = subscription
        self._batch_size = batch_size
        self._ahead: asyncio.Task[list[Received]] | None = None
        self._behind: asyncio.Task[None] | None = None

    async def next(self) -> list[Received]:
        """The next batch; empty when nothing came for a second."""
        ahead, self._ahead = self._ahead, None
        records = await (ahead or self._fetch())
        if len(records) >= self._batch_size:
            # More is waiting: it is taken in while the database is at work on this batch.
            self._ahead = asyncio.create_task(self._fetch())
        return records

    async def done(self, records: Sequence[Received]) -> None:
        """These were applied: their offsets are committed while the next are on their way."""
        if self._behind is not None:
            await self._behind
        self._behind = asyncio.create_task(self._subscription.commit(next_offsets(records)))

    async def again(self, records: Sequence[Received]) -> None:
        """These could not be applied: read them again, and what was fetched after them."""
        ahead, self._ahead = self._ahead, None
        fetched = list(records)
        if ahead is not None:
            with suppress(Exception):
                fetched += await ahead
        await self._subscription.rewind(first_offsets(fetched))

    async def close(self) -> None:
        """Commit what was applied, and end the subscription."""
        if self._ahead is not None:
            self._ahead.cancel()
        await asyncio.gather(*(task for task in (self._ahead, self._behind) if task), return_exceptions=True)
        await self._subscription.close()

    async def _fetch(self) -> list[Received]:
        try:
            return await self._subscription.fetch(self._batch_size, FETCH_WAIT_S)
        except LogWentBackwards as loss:
            # The relays publish again what the log lost; the inbox knows the rest of what is read again.
            telemetry.log.error("reading the log from its beginning", service=self._group, reason=str(loss))
            await self._subscription.rewind(dict.fromkeys(loss.ends, 0))
            return []
