"""Tokens that open nothing, made with the issuer's own key where only one thing is wrong with them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from chassis.tokens import TokenIssuer


def b64(value: bytes | dict[str, Any]) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


ABSENT: Any = object()
"""Instead of a value: the claim or the parameter is left out."""
NOW = int(time.time())


@dataclass(frozen=True, slots=True)
class Forger:
    """Who knows how a good token looks, and for some of them has the key."""

    issuer: TokenIssuer
    iss: str
    aud: str

    @property
    def key(self) -> ECKey:
        return ECKey.import_key(json.loads(self.issuer.private_jwk()))

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + 600}
        usual = {"iss": self.iss, "aud": self.aud, "sub": "someone", "roles": ["platform_admin"], **times}
        return {name: value for name, value in {**usual, **changes}.items() if value is not ABSENT}

    def header(self, **changes: Any) -> dict[str, Any]:
        usual = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid}
        return {name: value for name, value in {**usual, **changes}.items() if value is not ABSENT}

    def signed(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token of ours with other claims or another header."""
        return self.raw(json.dumps(self.claims(**claims)).encode(), **(header or {}))

    def raw(self, payload: bytes, **header: Any) -> str:
        """A token of ours whose payload is any bytes: the signature over them is good."""
        signing = f"{b64(self.header(**header))}.{b64(payload)}"
        private = self.key.private_key
        assert private is not None
        r, s = decode_dss_signature(private.sign(signing.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signing}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def parts(self) -> list[str]:
        return self.signed().split(".")


def _hmac(forger: Forger, secret: str) -> str:
    return jwt.encode(forger.header(alg="HS256"), forger.claims(), OctKey.import_key(secret), algorithms=["HS256"])


def _stranger(forger: Forger, **header: Any) -> str:
    return jwt.encode(forger.header(**header), forger.claims(), ECKey.generate_key("P-256"))


def _rsa(forger: Forger) -> str:
    key = RSAKey.generate_key(2048)
    return jwt.encode(forger.header(alg="RS256"), forger.claims(), key, algorithms=["RS256"])


def _with_signature(forger: Forger, signature: bytes) -> str:
    return ".".join([*forger.parts()[:2], b64(signature)])


def _public(forger: Forger) -> str:
    return forger.issuer.jwks()


TOKENS: tuple[tuple[str, Callable[[Forger], str]], ...] = (
    ("alg none", lambda f: f"{b64(f.header(alg='none'))}.{b64(f.claims())}."),
    ("alg None in capitals", lambda f: f"{b64(f.header(alg='nOnE'))}.{b64(f.claims())}."),
    ("alg none with our signature", lambda f: f"{b64(f.header(alg='none'))}.{'.'.join(f.parts()[1:])}"),
    ("no alg", lambda f: f"{b64(f.header(alg=ABSENT))}.{'.'.join(f.parts()[1:])}"),
    ("alg that is a list", lambda f: f"{b64(f.header(alg=['ES256']))}.{'.'.join(f.parts()[1:])}"),
    ("HS256 with the public key set as the secret", lambda f: _hmac(f, _public(f))),
    ("HS256 with the public key as the secret", lambda f: _hmac(f, json.dumps(json.loads(_public(f))["keys"][0]))),
    ("RS256 with a key of one's own under our name", _rsa),
    ("ES256 with a key of one's own under our name", _stranger),
    ("no signature", lambda f: ".".join([*f.parts()[:2], ""])),
    ("a signature of noughts", lambda f: _with_signature(f, bytes(64))),
    ("a signature of ones", lambda f: _with_signature(f, b"\xff" * 64)),
    ("half a signature", lambda f: _with_signature(f, bytes(32))),
    ("a signature of another token", lambda f: ".".join([*f.parts()[:2], f.signed(sub="other").split(".")[2]])),
    ("claims of another token", lambda f: ".".join([f.parts()[0], b64(f.claims(sub="other")), f.parts()[2]])),
    ("its own key", lambda f: _stranger(f, jwk=f.key.as_dict(private=False))),
    ("our key brought along", lambda f: f.signed({"jwk": f.key.as_dict(private=False)})),
    ("the address of a key set", lambda f: f.signed({"jku": "http://127.0.0.1:9/keys"})),
    ("the address of a certificate", lambda f: f.signed({"x5u": "http://169.254.169.254/latest/meta-data"})),
    ("a certificate", lambda f: f.signed({"x5c": ["MIIB"]})),
    ("something critical that nobody knows", lambda f: f.signed({"crit": ["exp2"], "exp2": 1})),
    ("an unknown key", lambda f: _stranger(f, kid="unknown")),
    ("no key id", lambda f: f.signed({"kid": ABSENT})),
    ("a key id of nothing", lambda f: f.signed({"kid": None})),
    ("a key id that is a path", lambda f: f.signed({"kid": "../../../../dev/null"})),
    ("a key id that is SQL", lambda f: f.signed({"kid": "x' union select 'y"})),
    ("a key id that is a list", lambda f: f.signed({"kid": [f.key.kid]})),
    ("a key id that is an object", lambda f: f.signed({"kid": {"a": 1}})),
    ("an id token by its type", lambda f: f.signed({"typ": "id+jwt"})),
    ("no type", lambda f: f.signed({"typ": ABSENT})),
    ("a logout token", lambda f: f.signed({"typ": "logout+jwt"})),
    ("an id token by its nonce", lambda f: f.signed(nonce="n")),
    ("an id token by its hash", lambda f: f.signed(at_hash="h")),
    ("expired", lambda f: f.signed(exp=NOW - 600)),
    ("expired before there were computers", lambda f: f.signed(exp=-1)),
    ("no end", lambda f: f.signed(exp=ABSENT)),
    ("an end that is a text", lambda f: f.signed(exp=str(NOW + 600))),
    ("an end that is true", lambda f: f.signed(exp=True)),
    ("an end that is nothing", lambda f: f.signed(exp=None)),
    ("an end that is NaN", lambda f: f.raw(json.dumps(f.claims(exp=float("nan"))).encode())),
    ("an end that is infinite", lambda f: f.raw(json.dumps(f.claims(exp=float("inf"))).encode())),
    ("valid from tomorrow", lambda f: f.signed(nbf=NOW + 86400)),
    ("valid from a text", lambda f: f.signed(nbf="now")),
    ("another issuer", lambda f: f.signed(iss="https://evil.invalid")),
    ("an issuer that only begins like ours", lambda f: f.signed(iss=f.iss + ".evil.invalid")),
    ("an issuer with a slash more", lambda f: f.signed(iss=f.iss + "/")),
    ("no issuer", lambda f: f.signed(iss=ABSENT)),
    ("a list of issuers", lambda f: f.signed(iss=[f.iss])),
    ("another audience", lambda f: f.signed(aud="other")),
    ("other audiences", lambda f: f.signed(aud=["other", f.aud + "2"])),
    ("an audience that holds ours", lambda f: f.signed(aud=f"not-{f.aud}")),
    ("no audience", lambda f: f.signed(aud=ABSENT)),
    ("an audience that is an object", lambda f: f.signed(aud={f.aud: True})),
    ("nobody", lambda f: f.signed(sub=ABSENT)),
    ("nobody as a text of nothing", lambda f: f.signed(sub="")),
    ("a number for a person", lambda f: f.signed(sub=7)),
    ("roles that are a text", lambda f: f.signed(roles="platform_admin")),
    ("roles that are an object", lambda f: f.signed(roles={"platform_admin": True})),
    ("roles of roles", lambda f: f.signed(roles=[["platform_admin"]])),
    ("no roles", lambda f: f.signed(roles=ABSENT)),
    ("a worker that is a number", lambda f: f.signed(worker_id=1)),
    ("a unit that is a list", lambda f: f.signed(org_unit_id=[])),
    ("16 kilobytes", lambda f: f.signed(padding="x" * 16_000)),
    ("claims that are a list", lambda f: f.raw(b"[]")),
    ("claims that are a text", lambda f: f.raw(b'"x"')),
    ("claims that are no JSON", lambda f: f.raw(b"{")),
    ("claims that are no text", lambda f: f.raw(b"\xff\xfe")),
    ("claims a thousand deep", lambda f: f.raw(b"[" * 3000 + b"]" * 3000)),
    ("two parts", lambda f: ".".join(f.parts()[:2])),
    ("four parts", lambda f: f.signed() + ".x"),
    ("five parts, as if encrypted", lambda f: f.signed() + ".x.y"),
    ("letters of another alphabet", lambda f: f.signed().replace("e", "\u0435", 1)),
    ("a line break in it", lambda f: f.signed()[:40] + "%0d%0a" + f.signed()[40:]),
    ("dots alone", lambda f: ".."),
    ("nothing but a word", lambda f: "null"),
)
"""(what, the token): each is answered 401."""
