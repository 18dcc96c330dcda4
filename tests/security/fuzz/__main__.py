"""Search for bytes that a reader falls over: ``python -m tests.security.fuzz worker-csv --seconds 60``.

Needs atheris (``pip install --require-hashes -r tests/security/fuzz/requirements.txt``), which knows what code an input reached.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["services", "chassis", "contracts", "json", "csv"]):
    from tests.security.fuzz.targets import CORPUS, TARGETS


def arguments() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.security.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20260302)
    parser.add_argument(
        "--found", type=Path, help="where inputs that reach new code are put; a temporary folder otherwise"
    )
    return parser.parse_args()


def main() -> None:
    given = arguments()
    found = given.found or Path(tempfile.mkdtemp(prefix=f"fuzz-{given.target}-"))
    found.mkdir(parents=True, exist_ok=True)
    seeds = CORPUS / given.target
    words = found.with_suffix(".words")
    known = {word for seed in seeds.iterdir() for word in re.findall(rb"[A-Za-z_.:/0-9-]{2,40}", seed.read_bytes())}
    words.write_text("".join(f'"{word.decode()}"\n' for word in sorted(known)))
    options = [
        f"-max_total_time={given.seconds}",
        f"-seed={given.seed}",
        f"-artifact_prefix={seeds}/failed-",
        f"-dict={words}",
        "-max_len=4096",
        "-timeout=10",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(found), str(seeds)], TARGETS[given.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
