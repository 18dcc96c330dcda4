"""The process that atheris searches in: it imports the readers itself, so that atheris sees which lines are reached."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["services", "chassis", "contracts", "json", "csv"]):
    from tests.security.fuzz.targets import TARGETS

if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()
