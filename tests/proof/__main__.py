"""``python -m tests.proof`` writes docs/proof.md; ``--check`` fails when it is not what the results give."""

from __future__ import annotations

import argparse
import sys

from tests.proof.page import render
from tests.proof.results import FOLDER, kept

PAGE = FOLDER.with_suffix(".md")


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description="Write docs/proof.md from docs/proof/*/*.json.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when the page is out of date")
    page = render(kept())
    if not parser.parse_args().check:
        PAGE.write_text(page)
        return 0
    if PAGE.exists() and PAGE.read_text() == page:
        return 0
    sys.stderr.write("docs/proof.md is not what its results give: run `python -m tests.proof`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
