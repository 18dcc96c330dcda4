"""Where reading a batch of the bus begins and goes on after it."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.bus import Received


def next_offsets(records: Sequence[Received]) -> dict[tuple[str, int], int]:
    """The offset after the last record of each partition."""
    ends: dict[tuple[str, int], int] = {}
    for record in records:
        # Records of a partition come in its order.
        ends[record.topic, record.partition] = record.offset + 1
    return ends


def first_offsets(records: Sequence[Received]) -> dict[tuple[str, int], int]:
    """The offset of the first record of each partition: where to read again after a failure."""
    starts: dict[tuple[str, int], int] = {}
    for record in records:
        place = (record.topic, record.partition)
        starts[place] = min(starts.get(place, record.offset), record.offset)
    return starts
