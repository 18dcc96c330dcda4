"""Random identifiers, taken from the system in blocks: asking it once for each request costs a system call."""

from __future__ import annotations

import os

_BLOCK = 16 * 1024


class Reserve:
    """Random digits in store, each given out once."""

    def __init__(self) -> None:
        self._left = ""
        self._at = 0

    def fresh_hex(self, size: int) -> str:
        """`size` random bytes as hex."""
        begin, end = self._at, self._at + 2 * size
        if end > len(self._left):
            self._left, begin, end = os.urandom(_BLOCK).hex(), 0, 2 * size
        self._at = end
        return self._left[begin:end]


fresh_hex = Reserve().fresh_hex
