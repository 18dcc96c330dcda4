"""Which theme a text may belong to, by the words that it shares with texts that people put there (clause 1.3).

A suggestion only: rare words weigh more than common ones (TF-IDF), and likeness is the cosine of the weights. People assign.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, sqrt
from typing import TypeAlias

Weights: TypeAlias = Mapping[str, float]

WORD = re.compile(r"[^\W\d_]{3,}")
COMMON = frozenset(
    """the and for that was with are but not you they have had has her his she him our their them this from were when what who
    will would could should can been being about very there which into just more all any out one also than then too did does
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
LEAST_LIKENESS = 0.1
MOST_SUGGESTIONS = 3


def words_of(text: str) -> Counter[str]:
    """The words of a text that say something, in their plainest form."""
    return Counter(_plain(word) for word in WORD.findall(text.lower()) if word not in COMMON)


def _plain(word: str) -> str:
    """Without the endings that plurals and verbs put on."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def suggest(text: str, themes: Mapping[str, Sequence[str]]) -> list[tuple[str, float]]:
    """The themes most like a text with their likeness, best first; each theme is its name and the texts that are in it."""
    counted = {theme: sum((words_of(one) for one in texts), Counter[str]()) for theme, texts in themes.items()}
    rarity = _rarity([*counted.values(), words_of(text)])
    wanted = _weights(words_of(text), rarity)
    likeness = ((theme, _cosine(wanted, _weights(words, rarity))) for theme, words in counted.items())
    found = sorted(
        ((theme, like) for theme, like in likeness if like >= LEAST_LIKENESS), key=lambda one: (-one[1], one[0])
    )
    return [(theme, round(like, 2)) for theme, like in found[:MOST_SUGGESTIONS]]


def _rarity(texts: Sequence[Counter[str]]) -> dict[str, float]:
    spread = Counter(word for words in texts for word in words)
    return {word: 1 + log((1 + len(texts)) / (1 + times)) for word, times in spread.items()}


def _weights(words: Counter[str], rarity: Mapping[str, float]) -> Weights:
    return {word: (1 + log(times)) * rarity[word] for word, times in words.items()}


def _cosine(one: Weights, other: Weights) -> float:
    lengths = sqrt(sum(w * w for w in one.values())) * sqrt(sum(w * w for w in other.values()))
    return sum(weight * other[word] for word, weight in one.items() if word in other) / lengths if lengths else 0.0
