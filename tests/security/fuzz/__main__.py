"""Search for bytes that a reader falls over: ``make fuzz``, or ``python -m tests.security.fuzz worker-csv --seconds 60``.

Needs atheris (``tests/security/fuzz/requirements.txt``), which knows what code an input reached. The search is a process of its
own, because libFuzzer ends the one it runs in. An input that fails is put beside the stored ones, where a test finds it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.proof.results import record
from tests.security.fuzz.targets import CORPUS, TARGETS, stored

EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.security.fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20260302)
    parser.add_argument("--found", type=Path, help="where inputs that reach new code are put; else they are forgotten")
    return parser.parse_args()


def words_of(target: str) -> str:
    """The words of the stored inputs as libFuzzer's dictionary."""
    known = {word for file in stored(target) for word in re.findall(rb"[A-Za-z_.:/0-9-]{2,40}", file.read_bytes())}
    return "".join(f'"{word.decode()}"\n' for word in sorted(known))


def search(target: str, seconds: int, seed: int, found: Path) -> subprocess.CompletedProcess[str]:
    words = found / "words"
    found.joinpath("inputs").mkdir(parents=True, exist_ok=True)
    words.write_text(words_of(target))
    options = {"max_total_time": seconds, "seed": seed, "dict": words, "max_len": 4096, "timeout": 10}
    given = [f"-{name}={value}" for name, value in options.items()]
    seeds = CORPUS / target
    folders = [f"-artifact_prefix={seeds}/failed-", "-print_final_stats=1", str(found / "inputs"), str(seeds)]
    command = [sys.executable, "-m", "tests.security.fuzz.search", target, *given, *folders]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)


def main() -> int:
    given = arguments()
    with tempfile.TemporaryDirectory() as folder:
        done = search(given.target, given.seconds, given.seed, given.found or Path(folder))
    executed = sum(map(int, EXECUTED.findall(done.stderr)))
    ending = "\n".join(done.stderr.splitlines()[-12:])
    sys.stdout.write((ending if done.returncode else f"{given.target}: {executed} inputs, none fails") + "\n")
    record(
        "security",
        f"fuzz-{given.target}",
        {
            "what": f"inputs of coverage-guided fuzzing: {TARGETS[given.target].__doc__}",
            "tried": executed,
            "passed": done.returncode == 0 and executed > 0,
            "seconds": given.seconds,
        },
        command="make fuzz",
        seed=given.seed,
        libraries=["atheris"],
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
