"""``python -m plumbline.contracts`` writes the generated contracts; ``--check`` fails on drift, ``--publish`` makes promises."""

from __future__ import annotations

import argparse
import sys

from plumbline.contracts import generation


def main() -> int:
    """Generate, check or publish; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m plumbline.contracts", description=generation.__doc__)
    wish = parser.add_mutually_exclusive_group()
    wish.add_argument("--check", action="store_true", help="change nothing; fail when a file differs from the code")
    wish.add_argument("--publish", action="store_true", help="promise every type as it is now to those who read it")
    asked = parser.parse_args()
    if asked.check:
        problems = [*generation.example_problems(), *generation.drift(), *generation.broken_promises()]
    else:
        written = generation.write()
        print(f"{len(written)} of {len(generation.render())} generated files changed")
        problems = [*generation.example_problems(), *generation.broken_promises()]
        if asked.publish and not problems:
            print(f"{len(generation.publish())} types published")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
