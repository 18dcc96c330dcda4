"""The name under which a case travels: a hash under the deployment's secret; the reference itself is not kept."""

from __future__ import annotations

import hashlib
import hmac

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from chassis.problems import RuleBroken


class CaseKeySettings(BaseSettings):
    """``CASE_KEY_SECRET``: the secret of the hash, the same for every service that speaks of cases."""

    case_key_secret: SecretStr = SecretStr("")


def key_of(secret: str, source: str, reference: str) -> str:
    """The hex HMAC-SHA256 of source and reference."""
    if not secret:
        raise RuleBroken("case-keys-not-configured", "Set CASE_KEY_SECRET, or leave the case out.", field="case")
    return hmac.new(secret.encode(), f"{source}\0{reference}".encode(), hashlib.sha256).hexdigest()
