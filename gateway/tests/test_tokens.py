"""Who gets in: nobody without a valid token, except where an operation is public."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from chassis.tokens import TokenIssuer
from gateway.tests.conftest import AUDIENCE, ISSUER, Served, Stage, eventually, served_app, wait_until_ready

PATH = "/v1/allocation/echo/x"


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {"iss": ISSUER, "aud": AUDIENCE, "sub": "someone", "iat": now, "exp": now + 60, "roles": ["reporting"]}
    return {key: value for key, value in {**given, **changes}.items() if value is not None}


def signed(issuer: TokenIssuer, header: dict[str, Any] | None = None, **changes: Any) -> str:
    key = ECKey.import_key(json.loads(issuer.private_jwk()))
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid, **(header or {})}, claims(**changes), key)


def unsigned(issuer: TokenIssuer) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "at+jwt"}, claims())]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])


def with_public_key_as_secret(issuer: TokenIssuer) -> str:
    public = json.loads(issuer.jwks())["keys"][0]
    key = OctKey.import_key(json.dumps(public))
    return jwt.encode({"alg": "HS256", "typ": "at+jwt", "kid": public["kid"]}, claims(), key)


def tampered(issuer: TokenIssuer) -> str:
    head, _, signature = signed(issuer).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(roles=["platform_admin"])).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


REFUSED: list[tuple[str, Callable[[TokenIssuer], str]]] = [
    ("unsigned", unsigned),
    ("signed with the public key as a secret", with_public_key_as_secret),
    ("changed after signing", tampered),
    ("expired", lambda issuer: signed(issuer, exp=int(time.time()) - 60)),
    ("not valid yet", lambda issuer: signed(issuer, nbf=int(time.time()) + 3600)),
    ("without an end", lambda issuer: signed(issuer, exp=None)),
    ("for another audience", lambda issuer: signed(issuer, aud="other")),
    ("without an audience", lambda issuer: signed(issuer, aud=None)),
    ("from another issuer", lambda issuer: signed(issuer, iss="https://other.example")),
    ("without a subject", lambda issuer: signed(issuer, sub=None)),
    ("an id token", lambda issuer: signed(issuer, {"typ": "id+jwt"})),
    ("an id token by its nonce", lambda issuer: signed(issuer, nonce="n")),
    ("with a key of its own", lambda issuer: signed(issuer, {"jwk": {"kty": "EC"}})),
    ("with an address of keys of its own", lambda issuer: signed(issuer, {"jku": "http://127.0.0.1:1/keys"})),
    ("with an unknown key", lambda issuer: TokenIssuer.generate(ISSUER, AUDIENCE).issue(["reporting"])),
    ("of 20 kB", lambda issuer: signed(issuer, filler="x" * 20_000)),
    ("no token at all", lambda issuer: "nonsense"),
    ("one dot", lambda issuer: "."),
]


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in REFUSED])
def test_a_token_is_refused(gateway: Served, stage: Stage, make: Callable[[TokenIssuer], str]) -> None:
    before = len(stage.states["allocation"]["calls"])
    answer = httpx.get(gateway.url + PATH, headers={"Authorization": f"Bearer {make(stage.issuer)}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["status"] == 401
    assert len(stage.states["allocation"]["calls"]) == before


@pytest.mark.parametrize("value", [None, "Basic YTpi", "Bearer", "bearer\tx", "Bearer \xe9".encode("latin-1")])
def test_without_a_bearer_token_nobody_gets_in(gateway: Served, value: Any) -> None:
    answer = httpx.get(gateway.url + PATH, headers={} if value is None else {"Authorization": value})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_stream_needs_a_token(gateway: Served) -> None:
    assert httpx.get(gateway.url + "/v1/events").status_code == 401


def test_a_public_operation_needs_no_token_and_says_nothing_about_the_caller(gateway: Served, stage: Stage) -> None:
    answer = httpx.post(
        gateway.url + "/v1/accountability/concerns/conduct",
        headers={**stage.bearer(), "X-Request-Id": "order-12345", "User-Agent": "spy", "X-Forwarded-For": "10.0.0.1"},
        json={},
    )
    assert answer.status_code == 200
    assert set(answer.json()["headers"]) == {"host", "accept", "content-type", "content-length"}
    assert "x-request-id" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/accountability/concerns/conduct"),
        ("POST", "/v1/accountability/concerns/conduct/more"),
        ("POST", "/v1/accountability/concerns"),
        ("POST", "/v1/allocation/concerns/conduct"),
    ],
)
def test_beside_a_public_operation_a_token_is_needed(gateway: Served, method: str, path: str) -> None:
    assert httpx.request(method, gateway.url + path).status_code == 401


def test_keys_from_an_address_are_fetched_again_for_an_unknown_key(stage: Stage) -> None:
    first, second = (TokenIssuer.generate(ISSUER, AUDIENCE) for _ in range(2))
    current: dict[str, Any] = {"keys": first.jwks(), "asked": 0}
    provider = FastAPI()

    @provider.get("/keys")
    async def keys() -> Any:
        current["asked"] += 1
        return json.loads(current["keys"])

    with (
        served_app(provider) as served,
        stage.gateway(oidc_jwks="", oidc_jwks_url=f"{served.url}/keys", jwks_refetch_s=0.05) as gw,
    ):
        wait_until_ready(gw)

        def ask(issuer: TokenIssuer) -> int:
            return httpx.get(
                gw.url + PATH, headers={"Authorization": f"Bearer {issuer.issue(['reporting'])}"}
            ).status_code

        assert ask(first) == 200
        assert ask(second) == 401
        current["keys"] = second.jwks()
        ends = time.monotonic() + 10
        while ask(second) != 200:
            assert time.monotonic() < ends
        assert ask(first) == 401


def test_a_key_that_was_withdrawn_stops_counting(stage: Stage) -> None:
    withdrawn, current = TokenIssuer.generate(ISSUER, AUDIENCE), {"keys": ""}
    current["keys"] = withdrawn.jwks()
    provider = FastAPI()

    @provider.get("/keys")
    async def keys() -> Any:
        return json.loads(current["keys"])

    patience = {"jwks_refetch_s": 0.01, "jwks_max_age_s": 0.05}
    with (
        served_app(provider) as served,
        stage.gateway(oidc_jwks="", oidc_jwks_url=f"{served.url}/keys", **patience) as gw,
    ):
        headers = {"Authorization": f"Bearer {withdrawn.issue(['reporting'])}"}
        assert httpx.get(gw.url + PATH, headers=headers).status_code == 200
        current["keys"] = TokenIssuer.generate(ISSUER, AUDIENCE).jwks()
        eventually(lambda: httpx.get(gw.url + PATH, headers=headers).status_code == 401, "the key still counts")


def test_unknown_keys_do_not_flood_the_identity_provider(stage: Stage) -> None:
    asked = []
    provider = FastAPI()

    @provider.get("/keys")
    async def keys() -> Any:
        asked.append(1)
        return json.loads(stage.issuer.jwks())

    with served_app(provider) as served, stage.gateway(oidc_jwks="", oidc_jwks_url=f"{served.url}/keys") as gw:
        for _ in range(20):
            stranger = TokenIssuer.generate(ISSUER, AUDIENCE).issue(["reporting"])
            assert httpx.get(gw.url + PATH, headers={"Authorization": f"Bearer {stranger}"}).status_code == 401
    assert len(asked) == 1


def test_without_the_provider_the_gateway_says_so(stage: Stage) -> None:
    with stage.gateway(oidc_jwks="", oidc_jwks_url="http://127.0.0.1:1/keys") as gw:
        answer = httpx.get(gw.url + PATH, headers=stage.bearer())
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/keys-unavailable"
