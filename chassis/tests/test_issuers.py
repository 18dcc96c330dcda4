"""The identity provider and the services: each signs for itself, and gives only what it may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from chassis.clients import ISSUER as SERVICES
from chassis.clients import Clients, service_trust
from chassis.keys import Keys
from chassis.problems import Unauthorized
from chassis.settings import Settings
from chassis.tokens import TokenIssuer

PROVIDER = TokenIssuer.generate("https://issuer.invalid", "plumbline")
OWN = TokenIssuer.generate(SERVICES, "plumbline")


def settings(**more: Any) -> Settings:
    return Settings(database_url="", oidc_issuer="https://issuer.invalid", oidc_jwks=PROVIDER.jwks(), **more)


def keys(**more: Any) -> Keys:
    given = settings(**more)
    return Keys(given, None, service_trust(given))


def signed_by(key_of: TokenIssuer, issuer: str) -> TokenIssuer:
    return TokenIssuer(ECKey.import_key(json.loads(key_of.private_jwk())), issuer, "plumbline")


async def test_a_service_is_known_by_its_public_key(tmp_path: Path) -> None:
    private = tmp_path / "service.jwk"
    private.write_text(OWN.private_jwk())
    calls = Clients.of(settings(service_token_key_file=str(private)))._bearer()
    (tmp_path / "public.json").write_text(OWN.jwks())
    for known in (
        {"service_token_jwks": OWN.jwks()},
        {"service_token_jwks_file": str(tmp_path / "public.json")},
        {"service_token_key_file": str(private)},
    ):
        assert (await keys(**known).claims(calls)).roles == {"service"}


async def test_a_service_can_say_that_it_is_one_and_nothing_else() -> None:
    found = await keys(service_token_jwks=OWN.jwks()).claims(OWN.issue(["service", "workforce_admin"]))
    assert found.roles == {"service"}


async def test_the_identity_provider_cannot_make_a_service() -> None:
    known = keys(service_token_jwks=OWN.jwks())
    assert (await known.claims(PROVIDER.issue(["service", "reporting"]))).roles == {"reporting"}
    with pytest.raises(Unauthorized, match="not in the key set"):
        await known.claims(signed_by(PROVIDER, SERVICES).issue(["service"]))
    with pytest.raises(Unauthorized, match="not in the key set"):
        await known.claims(signed_by(OWN, "https://issuer.invalid").issue(["workforce_admin"]))


async def test_without_a_key_for_services_their_tokens_are_a_strangers() -> None:
    with pytest.raises(Unauthorized, match="another issuer"):
        await keys().claims(OWN.issue(["service"]))
