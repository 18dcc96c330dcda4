"""``make bench``: every figure, one after the other, so that none is measured beside another."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from importlib import import_module

NAMES = ("gateway", "command", "relay", "consumer", "latency", "ingest", "memory_and_start")


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def main(names: list[str]) -> None:
    """Measure and print; a figure that cannot be measured here says so and the others go on."""
    print(f"Measured on {machine()}. Ratios are medians of turns taken in one run.")
    for name in names or NAMES:
        try:
            for figure in asyncio.run(import_module(f"benchmarks.{name}").measure()):
                print(figure.line(), flush=True)
        except Exception as failure:
            print(f"{name}: not measured, because {failure!r}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
