"""``make bench``: every figure, one after the other, so that none is measured beside another."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from importlib import import_module

from benchmarks.report import Measured
from tests.proof import record
from tests.proof.results import slug

NAMES = (
    "gateway",
    "command",
    "pgbench",
    "relay",
    "consumer",
    "latency",
    "ingest",
    "rebuild",
    "fan_out",
    "recommendation",
    "growth",
    "memory_and_start",
)


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def asked() -> argparse.Namespace:
    """Which figures, and whether they are kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}; all when left out")
    parser.add_argument("--record", action="store_true", help="keep each figure under docs/proof")
    return parser.parse_args()


def measured(name: str) -> list[Measured]:
    """The figures of one benchmark."""
    found: list[Measured] = asyncio.run(import_module(f"benchmarks.{name}").measure())
    return found


def keep(area: str, figure: Measured, command: str) -> None:
    """Keep a figure as a result; what was not measured leaves what was kept before."""
    if outcome := figure.outcome():
        record(area, slug(figure.what), outcome, command=command)


def main() -> None:
    """Measure and print; a figure that cannot be measured here says so and the others go on."""
    wanted = asked()
    if wanted.record:
        os.environ["PROOF"] = "record"
    print(f"Measured on {machine()}. Ratios are medians of turns taken in one run.")
    for name in wanted.names or NAMES:
        try:
            for figure in measured(name):
                print(figure.line(), flush=True)
                keep("growth" if name == "growth" else "load", figure, f"python -m benchmarks {name} --record")
        except Exception as failure:
            print(f"{name}: not measured, because {failure!r}", flush=True)


if __name__ == "__main__":
    main()
