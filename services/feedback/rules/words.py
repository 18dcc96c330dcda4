"""What people write: plain words, never a program (clause 1.2)."""

from __future__ import annotations

import re

_MARKUP = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|svg|img|style|link|meta|base|form)\b|javascript:", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def words_problem(words: str) -> str | None:
    """Why a text is not taken; None when it is. A lone < or > is part of ordinary writing and stays."""
    if _CONTROL.search(words):
        return "Leave out control characters."
    if _MARKUP.search(words):
        return "Write plain words: scripts and other markup are not taken."
    return None
