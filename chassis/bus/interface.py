"""What a bus adapter promises: ordered records per key, explicit offsets, and no record acknowledged before it is durable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from chassis.envelope import Envelope, Undecodable, envelope_of


@dataclass(frozen=True, slots=True)
class Message:
    """One record to publish: a CloudEvent in binary mode (attributes in headers, data in the value)."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: bytes


Placed: TypeAlias = Mapping[tuple[str, int], tuple[int, int]]
"""Per (topic, partition) of a publication: the offset of its first record, and the one after its last."""


class Received(NamedTuple):
    """One record as a consumer sees it, with the place it was read from and the event that it is.

    Where it is none, ``envelope`` is missing and ``why_none`` says what is wrong with its attributes.
    """

    topic: str
    partition: int
    offset: int
    key: str
    headers: Mapping[str, str]
    value: bytes
    envelope: Envelope | None
    why_none: str = ""

    @classmethod
    def of(
        cls, topic: str, partition: int, offset: int, key: str, headers: Mapping[str, str], value: bytes
    ) -> Received:
        """A record with its attributes read."""
        try:
            return cls(topic, partition, offset, key, headers, value, envelope_of(headers))
        except Undecodable as reason:
            return cls(topic, partition, offset, key, headers, value, None, str(reason))


class BusAway(Exception):
    """No broker answers for now. What is written meanwhile waits in the outbox; a restart would bring nothing back."""


class PublishFailed(Exception):
    """Some records of a batch could not be published; the others were, durably.

    ``failed`` holds the indexes of the records that are not known to be on the bus, ``placed`` where the others are. Publishing
    the failed again is safe: consumers recognise an event by its id.
    """

    def __init__(self, failed: frozenset[int], reason: str, placed: Placed | None = None) -> None:
        super().__init__(reason)
        self.failed = failed
        self.placed = placed or {}


class LogWentBackwards(Exception):
    """A topic ends before the place a consumer has already read to: the broker came back with an older or an empty log.

    ``ends`` holds the end of each such partition, ``reached`` the place read to in every partition of the consumer. What the log
    lost has to be published again from the retained outbox; :meth:`Subscription.rewind` to offsets that exist lets reading go on.
    """

    def __init__(self, ends: Mapping[tuple[str, int], int], reached: Mapping[tuple[str, int], int]) -> None:
        lost = ", ".join(
            f"{topic}/{part} ends at {end}, read to {reached[topic, part]}" for (topic, part), end in ends.items()
        )
        super().__init__(f"the log went backwards: {lost}")
        self.ends = ends
        self.reached = reached


class Subscription(Protocol):
    """One consumer's reading position over its topics."""

    async def fetch(self, limit: int, timeout_s: float) -> list[Received]:
        """The next records in order per partition, at most ``limit``; empty when none came within ``timeout_s``.

        Raises :class:`LogWentBackwards`, again and again until it is rewound, when the log ends before what was read.
        """

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Remember the next offset to read per (topic, partition); partitions no longer owned are left out silently."""

    async def rewind(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Read again from these positions: a batch that was fetched could not be applied."""

    async def lag(self) -> int:
        """How many records wait behind the reading position."""

    async def close(self) -> None:
        """Leave the group, committing nothing more."""


class Bus(Protocol):
    """A log of records per topic."""

    async def ensure_topics(self, topics: Sequence[str]) -> None:
        """Create the topics that do not exist yet."""

    async def publish(self, messages: Sequence[Message]) -> Placed:
        """Publish in order per key and return once all are durable, with their places, or raise :class:`PublishFailed`.

        When a record of a key fails, no later record of that key in the batch may be on the bus.
        """

    async def subscribe(self, group: str, topics: Sequence[str], member: str) -> Subscription:
        """Join ``group`` as the static member ``member``, starting at the committed offsets, else at the beginning."""

    async def end_offsets(self, topic: str) -> Mapping[int, int]:
        """The offset after the last record, per partition: how a log that went backwards is noticed."""

    async def close(self) -> None:
        """Close producers and connections."""
