"""Batches of the bus: records as the events that they are, and where reading goes on after them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from chassis.bus import Received
from chassis.envelope import Undecodable, envelope_of
from chassis.numbers import exact_json
from chassis.service import Batch, Incoming


def read_batch(records: Sequence[Received], *, exactly: bool) -> Batch:
    """What records say; with ``exactly``, their data as plain values as well."""
    events: list[Incoming] = []
    foreign: list[tuple[Received, str]] = []
    for record in records:
        try:
            events.append(Incoming.of(envelope_of(record.headers), record, _data(record) if exactly else None))
        except Undecodable as reason:
            foreign.append((record, str(reason)))
    return Batch(records, events, foreign)


def _data(record: Received) -> Any:
    """None where it cannot be read: who reacts to it will find that out, and the record be parked."""
    with suppress(ValueError, RecursionError):
        return exact_json(record.value.decode())
    return None


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
