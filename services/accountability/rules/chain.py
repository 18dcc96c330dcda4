"""The audit chain: each row of the log carries a hash over itself and the row before, so that no row can change unseen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

GENESIS = bytes(32)
"""What stands before the first row."""
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the log as it is hashed: its place, every attribute as text, its data byte for byte, and its hash."""

    position: int
    content: str
    hash: bytes


def canonical(*attributes: str) -> str:
    """The text of a row. No two rows share one: where an attribute holds the separator, each is told by its length."""
    joined = _SEPARATOR.join(attributes)
    if joined.count(_SEPARATOR) == len(attributes) - 1:
        return f"s{joined}"
    return "l" + _SEPARATOR.join([f"{len(attribute)}:{attribute}" for attribute in attributes])


def next_hash(before: bytes, position: int, content: str) -> bytes:
    """The hash of the row at ``position`` with ``content``, after the row whose hash is ``before``."""
    return sha256(b"%b%d%b" % (before, position, content.encode())).digest()


def first_break(links: Iterable[Link], before: bytes, position: int) -> int | None:
    """The first position at which the chain does not hold; None while it does.

    ``before`` and ``position`` are the hash and place of the row that precedes ``links``. A row that was edited or moved has
    another hash; a row that was deleted leaves a gap in the positions.
    """
    for link in links:
        position += 1
        if link.position != position or link.hash != next_hash(before, position, link.content):
            return position
        before = link.hash
    return None
