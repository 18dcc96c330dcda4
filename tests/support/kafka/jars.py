"""The jars of the broker: fetched once per version by Maven into a folder of the tree that git ignores."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
CACHE = Path(__file__).resolve().parents[3] / ".plumbline" / "kafka"
FETCH_TIMEOUT_S = 900


@contextmanager
def one_at_a_time(lock_file: Path) -> Iterator[None]:
    """Let one process in after the other."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(into: Path) -> None:
    unfinished = into.with_name(into.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    command = ["mvn", "-B", "-q", "-f", str(POM), "dependency:copy-dependencies", "-DincludeScope=runtime"]
    done = subprocess.run(
        [*command, f"-DoutputDirectory={unfinished}"],
        check=False,
        capture_output=True,
        text=True,
        timeout=FETCH_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise RuntimeError(f"Maven could not fetch the broker: {(done.stdout + done.stderr)[-800:]}")
    unfinished.rename(into)


def classpath() -> str:
    """The class path of the pinned broker; the first call ever downloads it, two runs at once download it once."""
    jars = CACHE / f"jars-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    with one_at_a_time(CACHE / "lock"):
        if not jars.is_dir():
            _fetch(jars)
    return f"{jars}/*"
