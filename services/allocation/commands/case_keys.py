"""The name under which a case travels: a keyed hash, so that nobody outside can tell which case is meant."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import LiteralString

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from chassis.database import Tx

_KEEP: LiteralString = "insert into case_key_secrets (secret) values (%(secret)s) on conflict do nothing"
_KEPT: LiteralString = "select secret from case_key_secrets"


class CaseKeySettings(BaseSettings):
    """``CASE_KEY_SECRET``: the secret of the hash. Without one the service makes its own and keeps it in its database."""

    case_key_secret: SecretStr = SecretStr("")


class CaseKeys:
    """Makes case keys under one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def key_of(self, source: str, reference: str) -> str:
        """The hex HMAC-SHA256 of source and reference."""
        return hmac.digest(self._secret, f"{source}\0{reference}".encode(), hashlib.sha256).hex()


async def load_case_keys(tx: Tx, given: str) -> CaseKeys:
    """The keys under the secret given, or under the one that this database keeps, made at the first need."""
    if given:
        return CaseKeys(given)
    await tx.execute(_KEEP, {"secret": secrets.token_hex(32)})
    return CaseKeys(await tx.fetch_value(_KEPT))
