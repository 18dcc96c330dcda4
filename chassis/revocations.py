"""Tokens that stop counting before they expire: a list in a file, read again while the process runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from chassis import telemetry

MAX_BYTES: Final = 4 * 1024 * 1024
_NAMED: Final = ("jti", "sid", "sub", "azp")


class NoList(ValueError):
    """What should be a list of revocations is none; nothing is revoked by halves."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """Tokens with all of these claims, issued before an instant if one is given."""

    jti: str | None = None
    """One token."""
    sid: str | None = None
    """One session at the identity provider."""
    sub: str | None = None
    """One person or system."""
    azp: str | None = None
    """One application, whoever uses it."""
    before: float | None = None
    """Only tokens issued before this, in seconds since 1970; one that does not say when counts as issued before."""

    def covers(self, claims: Mapping[str, Any]) -> bool:
        """Whether a token with these claims is revoked by this."""
        for name in _NAMED:
            wanted = getattr(self, name)
            if wanted is not None and claims.get(name) != wanted:
                return False
        issued = claims.get("iat")
        return self.before is None or not isinstance(issued, (int, float)) or issued < self.before


def parse(text: str) -> tuple[Revocation, ...]:
    """The revocations of a list; :class:`NoList` says what is wrong with it."""
    document = json.loads(text)
    entries = document.get("revoked") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise NoList('a list of revocations reads {"revoked": [...]}')
    return tuple(_entry(entry) for entry in entries)


def _entry(entry: Any) -> Revocation:
    known = {field.name for field in fields(Revocation)}
    if not isinstance(entry, dict) or not entry or not entry.keys() <= known:
        raise NoList(f"an entry has one or more of {', '.join(sorted(known))}, and this has others: {entry!r}")
    if not all(isinstance(value, str) and value for value in entry.values()):
        raise NoList(f"every value of an entry is a text, and here one is not: {entry!r}")
    before = entry.get("before")
    instant = None if before is None else datetime.fromisoformat(before)
    if instant is not None and instant.tzinfo is None:
        raise NoList(f"`before` needs an offset such as Z: {before}")
    return Revocation(
        **{name: entry.get(name) for name in _NAMED}, before=None if instant is None else instant.timestamp()
    )


def revokes(revocations: Iterable[Revocation], claims: Mapping[str, Any]) -> bool:
    """Whether any of them covers a token."""
    return any(revocation.covers(claims) for revocation in revocations)


class RevocationFile:
    """The list as its file has it now. A list that cannot be read any more changes nothing, and is said loudly."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.revoked = parse(self._text())
        self._stamp = self._seen()

    def look(self) -> bool:
        """Read the file again if it changed; whether another list is in force now."""
        try:
            stamp = self._seen()
            if stamp == self._stamp:
                return False
            revoked = parse(self._text())
        except (OSError, ValueError) as failure:
            telemetry.log.error("the list of revoked tokens cannot be read; the last one stays", reason=repr(failure))
            return False
        changed, self.revoked, self._stamp = revoked != self.revoked, revoked, stamp
        return changed

    def _seen(self) -> tuple[int, int, int]:
        found = self._file.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns

    def _text(self) -> str:
        if self._file.stat().st_size > MAX_BYTES:
            raise NoList(f"a list of revocations has at most {MAX_BYTES} bytes")
        return self._file.read_text()
