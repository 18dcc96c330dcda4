"""Random identifiers, taken from the system in blocks: asking it once for each request costs a system call."""

from __future__ import annotations

import os

_BLOCK = 16 * 1024
_block = memoryview(b"")


def fresh_hex(size: int) -> str:
    """`size` random bytes as hex, never given out before."""
    global _block  # noqa: PLW0603 - one reserve for the process
    if len(_block) < size:
        _block = memoryview(os.urandom(_BLOCK))
    taken, _block = _block[:size], _block[size:]
    return taken.hex()
