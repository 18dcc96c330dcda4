"""Tokens that are refused, each with its reason, and the one that is not."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry, serialize_compact

from chassis.claims import InvalidToken, UnknownKey
from chassis.tokens import NoKeySet, TokenIssuer, TokenVerifier, signing_keys

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


@pytest.fixture(autouse=True)
def soon_after_the_tokens_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are made when tests are collected, which may be half an hour before these run."""
    monkeypatch.setattr(time, "time", lambda: NOW + 5.0)


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    said = {name: value for name, value in {**HEADER, **header}.items() if value is not None}
    return jwt.encode(said, claims, key, algorithms=["ES256", "HS256"])


def signed_text(payload: str, **header: Any) -> str:
    """A good signature under whatever stands in the place of claims."""
    return serialize_compact({**HEADER, **header}, payload.encode(), KEY, registry=Anything())


class Anything(JWSRegistry):
    def check_header(self, header: dict[str, Any], check_more: bool = False) -> None:
        pass


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def octets(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unsigned(alg: str = "none") -> str:
    return f"{octets(json.dumps({**HEADER, 'alg': alg}).encode())}.{octets(json.dumps(GOOD).encode())}."


def hashed(secret: bytes) -> str:
    """HS256 with what everybody knows as the secret."""
    said = unsigned("HS256").rstrip(".")
    return f"{said}.{octets(hmac.digest(secret, said.encode(), 'sha256'))}"


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
        ("no signature, oddly written", unsigned("nOnE")),
        ("an empty signature", unsigned("ES256")),
        ("HS256 with the public key as secret", hashed(ISSUER.jwks().encode())),
        ("expired", signed({**GOOD, "exp": NOW - 60})),
        ("not valid yet", signed({**GOOD, "nbf": NOW + 600})),
        ("another audience", signed({**GOOD, "aud": "other"})),
        ("another issuer", signed({**GOOD, "iss": "https://other.invalid"})),
        ("an id token by its type", signed(GOOD, typ="id+jwt")),
        ("an id token by its nonce", signed({**GOOD, "nonce": "n"})),
        ("no type", signed(GOOD, typ="")),
        ("a refresh token by its claim", signed({**GOOD, "typ": "Refresh"})),
        ("a logout token by its claim", signed({**GOOD, "typ": "Logout"})),
        ("bound to a key of the bearer", signed({**GOOD, "cnf": {"jkt": "thumbprint"}})),
        ("no audience", signed(without("aud"))),
        ("an audience that is an object", signed({**GOOD, "aud": {"plumbline": True}})),
        ("no issuer", signed(without("iss"))),
        ("an issuer that is a list", signed({**GOOD, "iss": ["https://issuer.invalid"]})),
        ("an issuer that only begins like ours", signed({**GOOD, "iss": "https://issuer.invalid.evil.example"})),
        ("a subject of 300 characters", signed({**GOOD, "sub": "x" * 300})),
        ("a subject with a line break", signed({**GOOD, "sub": "some\none"})),
        ("a subject with a NUL", signed({**GOOD, "sub": "some\0one"})),
        ("no subject", signed(without("sub"))),
        ("no expiry", signed(without("exp"))),
        ("an expiry that is no number", signed({**GOOD, "exp": "tomorrow"})),
        ("no roles", signed(without("roles"))),
        ("roles that are one text", signed({**GOOD, "roles": "practitioner"})),
        ("roles that are an object", signed({**GOOD, "roles": {"practitioner": True}})),
        ("roles in which one is no text", signed({**GOOD, "roles": ["practitioner", {"a": 1}]})),
        ("a worker_id that is an object", signed({**GOOD, "worker_id": {"id": "x"}})),
        ("two org units", signed({**GOOD, "org_unit_id": ["a", "b"]})),
        ("an expiry without end", signed_text('{"exp": 1e999, "iss": "https://issuer.invalid", "aud": "plumbline"}')),
        ("an expiry that is not a number", signed_text('{"exp": NaN, "iss": "https://issuer.invalid"}')),
        ("claims that are a list", signed_text("[]")),
        ("claims nested beyond reason", signed_text('{"iss": ' + "[" * 2500 + "]" * 2500 + "}")),
        (
            "HS256 with the public key's PEM as secret",
            hashed(KEY.as_pem(private=False)),
        ),
        ("no key named", signed(GOOD, kid=None)),
        ("an empty key id", signed(GOOD, kid="")),
        ("a key id that is a path", signed(GOOD, kid="../../../../dev/null")),
        ("a key id that is SQL", signed(GOOD, kid="' or '1'='1")),
        ("an extension that must be understood", signed_text(json.dumps(GOOD), crit=["exp"], exp=NOW)),
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


def test_the_corpus_is_refused_for_the_reason_that_each_names() -> None:
    """A token that is wrong in one way only shows that this one check is there."""
    reasons = {
        "expired": signed({**GOOD, "exp": NOW - 60}),
        "not valid yet": signed({**GOOD, "nbf": NOW + 600}),
        "another audience": signed({**GOOD, "aud": "other"}),
        "another issuer": signed({**GOOD, "iss": "https://other.invalid"}),
        "an id token": signed({**GOOD, "nonce": "n"}),
        "bound to a key": signed({**GOOD, "cnf": {}}),
        "no list of texts": signed({**GOOD, "roles": "practitioner"}),
        "does not name its key": signed(GOOD, kid=None),
        "its own key": signed(GOOD, jwk=KEY.as_dict(private=False)),
        "too long": signed({**GOOD, "padding": "x" * 16000}),
    }
    for reason, token in reasons.items():
        with pytest.raises(InvalidToken, match=reason):
            verifier().verify(token)


def test_the_key_of_one_issuer_does_not_sign_for_another() -> None:
    other = TokenIssuer.generate("https://other.invalid", "plumbline")
    both = TokenVerifier(ISSUER.trust(), other.trust())
    assert both.verify(signed(GOOD)).subject == "someone"
    assert both.verify(other.issue(["reporting"])).roles == {"reporting"}
    with pytest.raises(UnknownKey):
        both.verify(signed({**GOOD, "iss": "https://other.invalid"}))


@pytest.mark.parametrize(
    "document",
    [[], {}, {"keys": "none"}, {"keys": []}, {"keys": [1, None]}, {"keys": [{"kty": "EC"}]}, {"keys": [{"kty": "??"}]}],
    ids=str,
)
def test_what_is_no_key_set_is_refused_as_such(document: Any) -> None:
    with pytest.raises(NoKeySet):
        signing_keys(document)


def test_keys_for_encryption_and_keys_of_unknown_kinds_are_left_out() -> None:
    public = KEY.as_dict(private=False)
    nameless = {name: value for name, value in public.items() if name != "kid"}
    encrypting = {**public, "kid": "enc", "use": "enc"}
    assert signing_keys({"keys": [public, encrypting, nameless, {"kty": "AKP", "kid": "new"}]}).keys() == {KEY.kid}


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
