"""Tokens: verifying JWTs from an allowlist of algorithms, and issuing them where Plumbline is its own issuer (demonstrations)."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from chassis.ids import new_id

ALGORITHMS = ("ES256", "ES384", "RS256", "PS256", "Ed25519")
ACCEPTED_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
MAX_TOKEN_BYTES = 8 * 1024
LEEWAY_S = 5
CACHE_SIZE = 4096


class InvalidToken(Exception):
    """The token is not accepted; the message says why, for the log and the caller."""


class UnknownKey(InvalidToken):
    """The token names a key that is not in the key set: the set may be out of date."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says about its bearer."""

    subject: str
    roles: frozenset[str]
    worker_id: str | None
    org_unit_id: str | None
    expires_at: int


class TokenVerifier:
    """Checks signature, issuer, audience, times and type; remembers what it verified until it expires."""

    def __init__(self, keys: KeySet, issuer: str, audience: str) -> None:
        self._keys = keys
        self._known = frozenset(key.kid for key in keys.keys if key.kid)
        self._issuer = issuer
        self._audience = audience
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def verify(self, token: str) -> Claims:
        """The claims of ``token``; :class:`InvalidToken` with the reason when it is not to be trusted."""
        known = self._verified.get(token)
        if known is not None:
            if known.expires_at > time.time():
                self._verified.move_to_end(token)
                return known
            del self._verified[token]
        claims = self._check(token)
        self._verified[token] = claims
        if len(self._verified) > CACHE_SIZE:
            self._verified.popitem(last=False)
        return claims

    def _check(self, token: str) -> Claims:
        if len(token) > MAX_TOKEN_BYTES:
            raise InvalidToken("the token is too long")
        try:
            decoded = jwt.decode(token, self._key_for, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError) as refused:
            raise InvalidToken(f"the token's signature is not accepted: {refused}") from refused
        if str(decoded.header.get("typ", "")).lower() not in ACCEPTED_TYPES:
            raise InvalidToken("the token is not an access token")
        return self._accept(decoded.claims)

    def _key_for(self, guest: Any) -> Any:
        header = guest.headers()
        if {"jwk", "jku", "x5u", "x5c"} & header.keys():
            raise InvalidToken("a token may not bring its own key")
        kid = header.get("kid")
        if kid not in self._known:
            raise UnknownKey("the token was signed with a key that is not in the key set")
        return self._keys.get_by_kid(kid)

    def _accept(self, claims: dict[str, Any]) -> Claims:
        now = time.time()
        audience = claims.get("aud")
        audiences = [audience] if isinstance(audience, str) else audience
        checks = (
            (claims.get("iss") == self._issuer, "the token comes from another issuer"),
            (isinstance(audiences, list) and self._audience in audiences, "the token is for another audience"),
            (_is_number(claims.get("exp")) and claims["exp"] > now - LEEWAY_S, "the token has expired"),
            (_is_number(claims.get("nbf", 0)) and claims.get("nbf", 0) <= now + LEEWAY_S, "the token is not valid yet"),
            (
                not {"nonce", "at_hash"} & claims.keys() and claims.get("typ") != "ID",
                "an id token is not an access token",
            ),
            (isinstance(claims.get("sub"), str) and bool(claims["sub"]), "the token has no subject"),
            (_is_list_of_text(claims.get("roles")), "the token names no roles"),
            (_is_text_or_none(claims.get("worker_id")), "the token's worker_id is no text"),
            (_is_text_or_none(claims.get("org_unit_id")), "the token's org_unit_id is no text"),
        )
        for holds, reason in checks:
            if not holds:
                raise InvalidToken(reason)
        return Claims(
            subject=claims["sub"],
            roles=frozenset(claims["roles"]),
            worker_id=claims.get("worker_id"),
            org_unit_id=claims.get("org_unit_id"),
            expires_at=int(claims["exp"]) + LEEWAY_S,
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def key_set(inline: str, file: str) -> KeySet:
    """The verification keys from an inline JSON Web Key Set or a file that holds one."""
    text = inline or Path(file).read_text()
    return KeySet.import_key_set(json.loads(text))


class TokenIssuer:
    """Signs tokens with a private key of our own: for demonstrations, tests and calls between services."""

    def __init__(self, key: ECKey, issuer: str, audience: str) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience

    @classmethod
    def generate(cls, issuer: str, audience: str) -> TokenIssuer:
        """An issuer with a key made now and known to nobody else."""
        return cls(ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True), issuer, audience)

    @classmethod
    def load(cls, path: str | Path, issuer: str, audience: str) -> TokenIssuer:
        """An issuer whose private JWK is in a file."""
        return cls(ECKey.import_key(json.loads(Path(path).read_text())), issuer, audience)

    def private_jwk(self) -> str:
        """The private key as JSON, to hand to a process of the same all-in-one."""
        return json.dumps(self._key.as_dict(private=True))

    def jwks(self) -> str:
        """The public key set as JSON, for verifiers."""
        return json.dumps({"keys": [self._key.as_dict(private=False)]})

    def verifier(self) -> TokenVerifier:
        """A verifier that accepts this issuer's tokens."""
        return TokenVerifier(KeySet.import_key_set(json.loads(self.jwks())), self._issuer, self._audience)

    def issue(
        self,
        roles: Sequence[str],
        *,
        subject: str | None = None,
        worker_id: str | None = None,
        org_unit_id: str | None = None,
        lifetime_s: int = 3600,
    ) -> str:
        """A signed access token (RFC 9068) for ``lifetime_s`` seconds of real time."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject or worker_id or f"{'-'.join(sorted(roles)) or 'nobody'}",
            "iat": now,
            "nbf": now,
            "exp": now + lifetime_s,
            "jti": str(new_id()),
            "roles": list(roles),
            "worker_id": worker_id,
            "org_unit_id": org_unit_id,
        }
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self._key.kid}, claims, self._key)
