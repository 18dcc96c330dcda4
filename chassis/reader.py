"""Reads a subscription batch by batch: offsets are committed once a batch is applied, and a log begun anew is read anew."""

from __future__ import annotations

from collections.abc import Sequence

from chassis import telemetry
from chassis.batches import first_offsets, next_offsets
from chassis.bus import LogWentBackwards, Received, Subscription

FETCH_WAIT_S = 1.0


class Reader:
    """The batches of one subscription, one after the other. Use from one task: next, then either done or again."""

    def __init__(self, group: str, subscription: Subscription, batch_size: int) -> None:
        self._group = group
        self._subscription = subscription
        self._batch_size = batch_size

    async def next(self) -> list[Received]:
        """The next batch; empty when nothing came for a second."""
        try:
            return await self._subscription.fetch(self._batch_size, FETCH_WAIT_S)
        except LogWentBackwards as loss:
            # The relays publish again what the log lost; the inbox knows the rest of what is read again. All of it: a partition
            # that has grown again past the place read to may hold other records before it.
            telemetry.log.error("reading the log from its beginning", service=self._group, reason=str(loss))
            await self._subscription.rewind(dict.fromkeys(loss.reached, 0))
            return []

    async def done(self, records: Sequence[Received]) -> None:
        """These were applied."""
        # Nothing is fetched meanwhile: a fetch may find that the log began anew, and an older offset, committed after that,
        # would hide records of the new log.
        await self._subscription.commit(next_offsets(records))

    async def again(self, records: Sequence[Received]) -> None:
        """These could not be applied: read them again."""
        await self._subscription.rewind(first_offsets(records))

    async def close(self) -> None:
        """End the subscription."""
        await self._subscription.close()
