"""The HTTP interface of each service, as its own application describes it, without a database behind it."""

from __future__ import annotations

from typing import Any

from chassis.app import create_app
from chassis.service import Service
from chassis.settings import Settings
from chassis.tokens import TokenIssuer

NOWHERE = "postgresql://nobody@localhost/nowhere"


def openapi(service: Service) -> dict[str, Any]:
    """The OpenAPI document of a service."""
    issuer = TokenIssuer.generate("https://plumbline.invalid", "plumbline")
    settings = Settings(database_url=NOWHERE, oidc_jwks=issuer.jwks(), log_level="ERROR")
    return create_app(service, settings, verifier=issuer.verifier(), role="api").openapi()
