"""Tokens that are refused, each with its reason, and the one that is not."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from chassis.tokens import InvalidToken, TokenIssuer, TokenVerifier, UnknownKey

ISSUER = TokenIssuer.generate("https://issuer.invalid", "plumbline")
KEY = ECKey.import_key(json.loads(ISSUER.private_jwk()))
NOW = int(time.time())
GOOD: dict[str, Any] = {
    "iss": "https://issuer.invalid",
    "aud": "plumbline",
    "sub": "someone",
    "exp": NOW + 600,
    "nbf": NOW - 10,
    "roles": ["practitioner"],
}
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    return jwt.encode({**HEADER, **header}, claims, key, algorithms=["ES256", "HS256"])


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def unsigned() -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({**HEADER, 'alg': 'none'})}.{part(GOOD)}."


def verifier() -> TokenVerifier:
    return ISSUER.verifier()


def test_a_good_token_is_accepted_and_remembered() -> None:
    check = verifier()
    claims = check.verify(signed(GOOD))
    assert (claims.subject, claims.roles) == ("someone", frozenset({"practitioner"}))
    assert check.verify(signed({**GOOD, "aud": ["other", "plumbline"]})).subject == "someone"


@pytest.mark.parametrize(
    ("why", "token"),
    [
        ("no signature", unsigned()),
        ("HS256 with the public key as secret", signed(GOOD, OctKey.import_key(ISSUER.jwks()), alg="HS256")),
        ("expired", signed({**GOOD, "exp": NOW - 60})),
        ("not valid yet", signed({**GOOD, "nbf": NOW + 600})),
        ("another audience", signed({**GOOD, "aud": "other"})),
        ("another issuer", signed({**GOOD, "iss": "https://other.invalid"})),
        ("an id token by its type", signed(GOOD, typ="id+jwt")),
        ("an id token by its nonce", signed({**GOOD, "nonce": "n"})),
        ("no type", signed(GOOD, typ="")),
        ("no subject", signed(without("sub"))),
        ("no expiry", signed(without("exp"))),
        ("an expiry that is no number", signed({**GOOD, "exp": "tomorrow"})),
        ("no roles", signed(without("roles"))),
        ("roles that are no list", signed({**GOOD, "roles": "practitioner"})),
        ("its own key in the header", signed(GOOD, jwk=KEY.as_dict(private=False))),
        ("a key address in the header", signed(GOOD, jku="https://evil.invalid/keys")),
        ("16 kilobytes", signed({**GOOD, "padding": "x" * 16000})),
        ("nothing", ""),
        ("three dots", "..."),
        ("no JSON", "e30.e30.e30"),
    ],
)
def test_a_token_is_refused(why: str, token: str) -> None:
    with pytest.raises(InvalidToken):
        verifier().verify(token)


def test_an_unknown_key_is_told_apart_because_keys_rotate() -> None:
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    with pytest.raises(UnknownKey):
        verifier().verify(signed(GOOD, stranger, kid=stranger.kid))


def test_a_remembered_token_is_forgotten_when_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    check = verifier()
    token = signed(GOOD)
    check.verify(token)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    with pytest.raises(InvalidToken, match="expired"):
        check.verify(token)
