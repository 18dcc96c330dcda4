"""The name under which a case travels: a keyed hash, so that nobody outside can tell which case is meant."""

from __future__ import annotations

import hashlib
import secrets
from typing import LiteralString

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from chassis.database import Tx

_KEEP: LiteralString = "insert into case_key_secrets (secret) values (%(secret)s) on conflict do nothing"
_KEPT: LiteralString = "select secret from case_key_secrets"


_BLOCK = 64


class CaseKeySettings(BaseSettings):
    """``CASE_KEY_SECRET``: the secret of the hash. Without one the service makes its own and keeps it in its database."""

    case_key_secret: SecretStr = SecretStr("")


class CaseKeys:
    """Makes case keys under one secret."""

    def __init__(self, secret: str) -> None:
        block = _sha256(secret.encode()) if len(secret.encode()) > _BLOCK else secret.encode()
        padded = block.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def key_of(self, source: str, reference: str) -> str:
        """The hex HMAC-SHA256 (RFC 2104) of source and reference; both halves begin where the secret left off."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{source}\0{reference}".encode())
        outer.update(inner.digest())
        return outer.hexdigest()


def _sha256(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()


async def load_case_keys(tx: Tx, given: str) -> CaseKeys:
    """The keys under the secret given, or under the one that this database keeps, made at the first need."""
    if given:
        return CaseKeys(given)
    await tx.execute(_KEEP, {"secret": secrets.token_hex(32)})
    return CaseKeys(await tx.fetch_value(_KEPT))
