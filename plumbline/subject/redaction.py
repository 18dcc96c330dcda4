"""Takes other people out of words that are shown to one person: names known here, addresses, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial
from typing import Any

from chassis.subjects import SOMEONE_ELSE

_MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_TELEPHONE = re.compile(r"(?:\+\d{2}|\b0)[\d ()-]{7,}\d")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
SHORTEST_NAME = 4


class Redactor:
    """Rewrites words for one person. What it cannot know, such as the names of families, is left for a person to read."""

    def __init__(self, others: Collection[str], own: Collection[str]) -> None:
        self._own = {mark.casefold() for mark in own}
        names = {name.strip() for name in others} - {""}
        strange = [name for name in names if name.casefold() not in self._own and len(name) >= SHORTEST_NAME]
        longest_first = sorted(strange, key=len, reverse=True)
        self._names = (
            re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE) if strange else None
        )

    def words(self, value: Any) -> Any:
        """A value as it may be shown, however deep its words stand."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.words(one) for one in value]
        if isinstance(value, dict):
            return {name: self.words(one) for name, one in value.items()}
        return value

    def _text(self, text: str) -> str:
        for pattern, shown in ((_MAIL, "[address]"), (_TELEPHONE, "[telephone]"), (_POSTCODE, "[postcode]")):
            text = pattern.sub(partial(self._unless_own, shown), text)
        return self._names.sub(f"[{SOMEONE_ELSE}]", text) if self._names else text

    def _unless_own(self, shown: str, found: re.Match[str]) -> str:
        return found.group() if found.group().casefold() in self._own else shown
