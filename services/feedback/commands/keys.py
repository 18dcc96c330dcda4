"""Keys that open one's own answers: by chance, told once, kept as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets

# Without letters and digits that are mistaken for one another on paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 16
_DOMAIN = b"plumbline feedback key "


def fresh_key() -> str:
    """A key of sixteen letters and digits by chance."""
    return "".join(secrets.choice(_LETTERS) for _ in range(LENGTH))


def hash_of(key: str) -> bytes:
    """What is kept of a key; spaces, dashes and capitals in it do not matter."""
    return hashlib.sha256(_DOMAIN + re.sub(r"[\s-]", "", key).lower().encode()).digest()


def hash_of_reference(channel: str, reference: str) -> bytes:
    """What is kept of a sheet's number or of a tool's own id, so that each is stored once."""
    return hashlib.sha256(_DOMAIN + f"{channel}:{reference}".encode()).digest()


def in_fours(key: str) -> str:
    """A key as people read it."""
    return "-".join(key[place : place + 4] for place in range(0, len(key), 4))
