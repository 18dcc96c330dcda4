"""Random identifiers, taken from the system in blocks: asking it once for each request costs a system call."""

from __future__ import annotations

import os

_BLOCK = 16 * 1024


class Reserve:
    """Random bytes in store, each given out once."""

    def __init__(self) -> None:
        self._left = b""
        self._at = 0

    def fresh_hex(self, size: int) -> str:
        """`size` random bytes as hex."""
        if self._at + size > len(self._left):
            self._left, self._at = os.urandom(_BLOCK), 0
        taken = self._left[self._at : self._at + size]
        self._at += size
        return taken.hex()


fresh_hex = Reserve().fresh_hex
