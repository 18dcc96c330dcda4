"""Load from wrk, and who runs on which cores: what is measured stands alone on one, everything else shares the others."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def wrk_is_here(what: str, *needed: str) -> bool:
    """Whether wrk, and what else is ``needed``, is installed; says how to get it where it is not."""
    if all(map(shutil.which, ("wrk", *needed))):
        return True
    packages = " ".join(("wrk", *("nginx-light" if one == "nginx" else one for one in needed)))
    print(f"{what}: not measured; on Debian: apt-get install {packages}")
    return False


def shared_out() -> tuple[set[int], set[int]]:
    """The core of what is measured, and the others; both the same where there is but one."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[-1]}, set(cores[:-1]) or {cores[-1]}


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """What is started here runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


async def wrk(url: str, connections: int, seconds: int, options: Sequence[str]) -> float:
    """Requests a second as wrk counts them; an answer other than 2xx, and none at all, are errors."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *options, url]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    said = (await process.communicate())[0].decode()
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{url}: {said}")
    return float(found[1])
