"""Where the time of each path goes: one benchmark under py-spy, and its three largest costs.

``python -m benchmarks.profile [command gateway relay consumer ingest rebuild] [--record]``. Only ours is run, not what it is
measured beside. A cost is the innermost function of ours that was at work, with the library it was in; whoever waits costs
nothing, and neither does what comes before the measurement.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.__main__ import keep

PATHS: Mapping[str, str] = {
    "command": "serve supervision",
    "gateway": "serve gateway",
    "relay": "--run relay",
    "consumer": "multiprocessing.spawn",
    "ingest": "serve allocation",
    "rebuild": "--run rebuild",
}
"""The benchmark of each path, and what the command line of the process at work in it holds."""
BEFORE = frozenset(
    {
        *("_find_and_load", "fill", "migrate", "messages", "receive", "publish_all", "events_of_a_year", "cases"),
        *("spare_the_collector", "rmtree"),
    }
)
"""Functions whose work is no part of the path: imports, making what is measured with, and clearing up."""
RATE = "200"
DEADLINE_S = 300
LARGEST = 3
OURS = ("chassis/", "services/", "gateway/", "plumbline/", "contracts/")
_PROCESS = "process "
_FRAME = re.compile(r"(?P<function>.+) \((?P<file>[^():]+):?\d*\)$")
_LIBRARY = re.compile(r"(?:.*site-packages/|^)(?P<package>[A-Za-z0-9_]+)(?:/|\.)")


@dataclass(frozen=True, slots=True)
class Costs:
    """The largest costs of a path, as parts of all samples in which it was at work."""

    path: str
    samples: int
    largest: Sequence[tuple[str, float]]

    @property
    def what(self) -> str:
        """What was measured."""
        return f"largest costs of the {self.path} path"

    def line(self) -> str:
        """The costs as one line of text."""
        return f"{self.what}: {self._shown()} ({self.samples} samples)"

    def outcome(self) -> Mapping[str, Any]:
        """The costs as plain values."""
        return {"path": self.path, "costs": self._shown(), "samples": self.samples}

    def _shown(self) -> str:
        return "; ".join([f"{share:.0%} {name}" for name, share in self.largest])


def costs_of(path: str, collapsed: Iterable[str]) -> Costs:
    """The costs in what py-spy wrote: one line a stack, outermost frame first, with how often it was seen."""
    seen: Counter[str] = Counter()
    for line in collapsed:
        stack, _, times = line.rpartition(" ")
        process, *frames = stack.rpartition(_PROCESS)[2].split(";")
        if PATHS[path] in process and (name := cost_of(frames)):
            seen[name] += int(times)
    total = seen.total()
    return Costs(path, total, [(name, count / total) for name, count in seen.most_common(LARGEST)])


def cost_of(frames: Sequence[str]) -> str | None:
    """The innermost function of ours and the library below it; the library alone where none of ours is above."""
    named = [(found["function"], found["file"]) for found in map(_FRAME.match, frames) if found]
    if not named or BEFORE.intersection(function for function, _ in named):
        return None
    own = next(((function, file) for function, file in reversed(named) if is_ours(file)), None)
    library = library_of(named[-1][1])
    if own is None:
        return library
    where = f"{own[0]} ({own[1]})"
    return where if is_ours(named[-1][1]) else f"{where}, in {library}"


def is_ours(file: str) -> bool:
    """Whether a file is of this project, as py-spy shortens its name."""
    return file.startswith(OURS)


def library_of(file: str) -> str:
    """The package that a file belongs to."""
    found = _LIBRARY.search(file)
    return found["package"] if found else "Python itself"


async def only_ours(
    ours: Callable[[], Awaitable[float]], theirs: Callable[[], Awaitable[float]], rounds: int = 3
) -> tuple[float, float]:
    """Instead of taking turns: ours alone, as often."""
    del theirs
    rates = [await ours() for _ in range(rounds)]
    return rates[-1], rates[-1]


def run(path: str) -> None:
    """A benchmark with nothing beside it: what py-spy looks at."""
    module: Any = import_module(f"benchmarks.{path}")
    module.in_turns = only_ours
    asyncio.run(module.measure())


def profiled(path: str) -> Costs:
    """Run a path under py-spy."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stacks"
        py_spy = str(Path(sys.executable).with_name("py-spy"))
        watch = [py_spy, "record", "--rate", RATE, "--format", "raw", "--output", str(file), "--subprocesses", "--"]
        watched = [sys.executable, "-m", "benchmarks.profile", "--run", path]
        ended = subprocess.run([*watch, *watched], capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        if not file.exists():
            raise RuntimeError(ended.stderr[-500:])
        return costs_of(path, file.read_text().splitlines())


def asked() -> argparse.Namespace:
    """Which paths, and whether their costs are kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile")
    parser.add_argument("paths", nargs="*", help=f"of {', '.join(PATHS)}; all when left out")
    parser.add_argument("--record", action="store_true", help="keep the costs under docs/proof/profiles")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    return parser.parse_args()


def all_of(paths: Sequence[str]) -> Iterator[Costs]:
    """The costs of each path in turn."""
    for path in paths or list(PATHS):
        yield profiled(path)


def main() -> None:
    """Profile and print."""
    wanted = asked()
    if wanted.run:
        run(wanted.run)
        return
    if wanted.record:
        os.environ["PROOF"] = "record"
    for costs in all_of(wanted.paths):
        print(costs.line(), flush=True)
        keep("profiles", costs, "python -m benchmarks.profile --record")


if __name__ == "__main__":
    main()
