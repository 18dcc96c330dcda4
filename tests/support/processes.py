"""Server processes on sockets of ours, for tests and benchmarks that want a real one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

from plumbline.serving import address, listen

STOP_TIMEOUT_S = 30


@contextmanager
def serving(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """``python -m`` a command that takes its socket from LISTEN_FD; its base URL."""
    with closing(listen("127.0.0.1", 0)) as listener:
        fd = listener.fileno()
        given = {**environment, "LISTEN_FD": str(fd), "LOG_LEVEL": "WARNING"}
        with _process(command, given, (fd,)):
            yield address(listener)


@contextmanager
def bare_server(app: str, environment: dict[str, str]) -> Iterator[str]:
    """uvicorn serving ``app`` on a port that it binds itself, which leaves Nagle's delay off; its base URL."""
    with closing(listen("127.0.0.1", 0)) as free:
        url = address(free)
    quiet = ["--no-access-log", "--log-level", "warning"]
    with _process(["uvicorn", app, "--port", url.rpartition(":")[2], *quiet], environment, ()):
        yield url


@contextmanager
def _process(command: list[str], environment: dict[str, str], fds: tuple[int, ...]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", *command], env={**os.environ, **environment}, pass_fds=fds)
    try:
        yield
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)
