"""Places where a fault test may kill the process: ``FAILPOINT=name`` names one, and nothing happens anywhere else."""

from __future__ import annotations

import os
import signal

ARMED = os.environ.get("FAILPOINT", "")
"""The armed failpoint as ``name`` or ``name:n`` (the n-th passage), read once at start."""

_NAME, _, _COUNT = ARMED.partition(":")
_passages = 0


def failpoint(name: str) -> None:
    """Kill this process as SIGKILL would, if ``name`` is the armed failpoint and this is its passage."""
    if name != _NAME:
        return
    global _passages  # noqa: PLW0603 - one counter a process, only ever used by fault tests
    _passages += 1
    if _passages >= int(_COUNT or 1):
        os.kill(os.getpid(), signal.SIGKILL)
