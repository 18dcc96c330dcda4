"""How alike two names are, so that a number typed wrongly is seen as somebody else's (clause 7.1)."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

LIKELY_THE_SAME = 80
"""From this score on a difference is taken for spelling; below it a person has to look."""
_WITHIN_THE_OTHER = 95
_WORD = re.compile(r"[^\W\d_]+")


def name_score(ours: str, theirs: str) -> int:
    """From 0 (nothing in common) to 100 (the same), whatever the order, accents, hyphens or middle names."""
    mine, other = _words(ours), _words(theirs)
    if not mine or not other:
        return 0
    if mine == other:
        return 100
    shorter, longer = sorted((set(mine), set(other)), key=len)
    if len(shorter) >= 2 and shorter < longer:
        return _WITHIN_THE_OTHER
    return round(100 * SequenceMatcher(None, " ".join(mine), " ".join(other)).ratio())


def _words(name: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return sorted(_WORD.findall(plain.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "").casefold()))
