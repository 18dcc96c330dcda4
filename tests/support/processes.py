"""Server processes on sockets of ours, for tests and benchmarks that want a real one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from plumbline.serving import address, listen

STOP_TIMEOUT_S = 30


@contextmanager
def serving(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """A server process on a socket of ours; its base URL."""
    listener = listen("127.0.0.1", 0)
    fd = listener.fileno()
    process = subprocess.Popen(
        [sys.executable, "-m", *command, *(["--fd", str(fd)] if command[0] == "uvicorn" else [])],
        env={**os.environ, **environment, "LISTEN_FD": str(fd), "LOG_LEVEL": "WARNING"},
        pass_fds=(fd,),
    )
    try:
        yield address(listener)
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)
        listener.close()
