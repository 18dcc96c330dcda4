"""Whose tokens count at the door: the keys from the settings, or the demonstration's own where there are no others."""

from __future__ import annotations

from chassis.claims import Claims
from chassis.keys import Keys
from chassis.problems import Unauthorized
from chassis.tokens import TokenIssuer
from gateway.settings import GatewaySettings


def keys_of(settings: GatewaySettings, demo: TokenIssuer | None) -> Keys:
    """The keys that the settings name; ValueError when they name none and there is no demonstration."""
    configured = settings.oidc_jwks or settings.oidc_jwks_file or settings.oidc_jwks_url
    return Keys(settings, None if configured or demo is None else demo.verifier())


async def claims_of(keys: Keys, authorization: bytes) -> Claims:
    """The claims in an Authorization header; Unauthorized with the reason when it is refused."""
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer":
        raise Unauthorized("invalid-token", "Send an Authorization header that reads `Bearer <token>`.")
    try:
        return await keys.claims(token.decode("ascii"))
    except UnicodeDecodeError:
        raise Unauthorized("invalid-token", "The token has characters that no token has. Send it as issued.") from None
