"""How long the all-in-one takes to be ready, and how much memory it holds once the demonstration authority is loaded.

Resident memory is that of the process which runs the gateway and every service; PostgreSQL is left out. The first start
makes the databases, a later one finds them.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console

from plumbline.simulate import simulate
from tests.e2e.deployment import Deployment

MOST_MB = 400
MOST_SECONDS = 10
SEED = 1


@dataclass(frozen=True, slots=True)
class Bound:
    """One measured figure that is wanted to be no more than ``most``."""

    what: str
    measured: float
    unit: str
    most: float

    def outcome(self) -> Mapping[str, Any]:
        """The figure as plain values."""
        kept = {"what": self.what, "beside": "what we allow it", "wanted": f"at most {self.most:g}"}
        return {
            **kept,
            "passed": self.measured <= self.most,
            "ours": self.measured,
            "theirs": self.most,
            "unit": self.unit,
        }

    def line(self) -> str:
        """The figure as one line of text."""
        verdict = "reached" if self.measured <= self.most else "not reached"
        return f"{self.what}: {self.measured:,.1f} {self.unit} (wanted at most {self.most:g}, {verdict})"


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in megabytes of a million bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) * 1024 / 1e6


def started(home: Path) -> tuple[Deployment, float]:
    """A deployment that is ready, and the seconds that took."""
    began = perf_counter()
    deployment = Deployment(home)
    return deployment, perf_counter() - began


async def measure(size: str = "small") -> list[Bound]:
    """Start, load, weigh; stop, and start again."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        deployment, first_s = started(home)
        try:
            idle = resident_mb(deployment.pid)
            loading = await simulate(deployment.url, size, SEED, Console(stderr=True))
            loaded = resident_mb(deployment.pid)
        finally:
            deployment.stop()
        deployment, again_s = started(home)
        deployment.stop()
    if not loading.complete:
        raise RuntimeError(f"the demonstration authority was not taken whole: {loading.refused[0]}")
    return [
        Bound("plumbline up to ready, first time", first_s, "s", MOST_SECONDS),
        Bound("plumbline up to ready, again", again_s, "s", MOST_SECONDS),
        Bound("resident memory when ready", idle, "MB", MOST_MB),
        Bound(f"resident memory after the {size} demonstration load", loaded, "MB", MOST_MB),
    ]


if __name__ == "__main__":
    for bound in asyncio.run(measure(*sys.argv[1:2])):
        print(bound.line())
