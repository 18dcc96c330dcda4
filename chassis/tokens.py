"""Tokens: verifying JWTs from an allowlist of algorithms, and issuing them where Plumbline is its own issuer."""

from __future__ import annotations

import json
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet

from chassis.claims import ClaimNames, Claims, InvalidToken, UnknownKey
from chassis.ids import new_id

ALGORITHMS = ("ES256", "ES384", "RS256", "PS256", "Ed25519")
ACCEPTED_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
MAX_TOKEN_BYTES = 8 * 1024
LEEWAY_S = 5
CACHE_SIZE = 4096
_BRINGS_ITS_KEY = frozenset({"jwk", "jku", "x5u", "x5c"})
_OF_ID_TOKENS = frozenset({"nonce", "at_hash"})


class NoKeySet(ValueError):
    """What should be a JSON Web Key Set is none."""


@dataclass(frozen=True, slots=True)
class Trust:
    """One issuer whose tokens count: its keys by their ids, and how its claims are read."""

    issuer: str
    audience: str
    keys: Mapping[str, Key]
    read: Callable[[Mapping[str, Any]], Claims] = ClaimNames().read


def signing_keys(document: Any) -> dict[str, Key]:
    """The keys of a JSON Web Key Set that verify signatures, by id; :class:`NoKeySet` when it is none.

    A key for encryption, one without an id and one of a kind that is not known here are left out.
    """
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise NoKeySet("this is no JSON Web Key Set: it has no list `keys`")
    try:
        keys = KeySet.import_key_set({"keys": [key for key in document["keys"] if isinstance(key, dict)]})
    except (JoseError, KeyError, TypeError) as broken:
        raise NoKeySet(f"the JSON Web Key Set cannot be read: {broken!r}") from broken
    return {key.kid: key for key in keys.keys if key.kid and key.get("use", "sig") == "sig"}


def keys_from(inline: str, file: str) -> dict[str, Key]:
    """The verification keys from an inline JSON Web Key Set or a file that holds one."""
    return signing_keys(json.loads(inline or Path(file).read_text()))


class TokenVerifier:
    """Checks signature, issuer, audience, times and type; remembers what it verified until it expires."""

    def __init__(self, *trusts: Trust, is_revoked: Callable[[Mapping[str, Any]], bool] = lambda _: False) -> None:
        self.trusts = trusts
        self._by_issuer = {trust.issuer: trust for trust in trusts}
        self._is_revoked = is_revoked
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def verify(self, token: str) -> Claims:
        """The claims of ``token``; :class:`InvalidToken` with the reason when it is not to be trusted."""
        known = self._verified.get(token)
        if known is not None:
            if known.expires_at > time.time() - LEEWAY_S:
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
        except (JoseError, ValueError, RecursionError) as refused:
            raise InvalidToken(f"the token's signature is not accepted: {refused}") from refused
        if str(decoded.header.get("typ", "")).lower() not in ACCEPTED_TYPES:
            raise InvalidToken("the token is not an access token")
        trust = self._by_issuer[decoded.claims["iss"]]
        _check_envelope(decoded.claims, trust.audience)
        if self._is_revoked(decoded.claims):
            raise InvalidToken("the token was revoked")
        return trust.read(decoded.claims)

    def _key_for(self, guest: Any) -> Key:
        """The key that must have signed: of the issuer that the token names, and of no other."""
        header = guest.headers()
        if _BRINGS_ITS_KEY & header.keys():
            raise InvalidToken("a token may not bring its own key")
        claims = json.loads(guest.payload)
        issuer = claims.get("iss") if isinstance(claims, dict) else None
        trust = self._by_issuer.get(issuer) if isinstance(issuer, str) else None
        if trust is None:
            raise InvalidToken("the token comes from another issuer")
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise InvalidToken("the token does not name its key")
        if kid not in trust.keys:
            raise UnknownKey("the token was signed with a key that is not in the key set")
        return trust.keys[kid]


def _check_envelope(claims: Mapping[str, Any], audience: str) -> None:
    """Whom the token is for, when it holds, and that it is an access token which whoever has it may use."""
    now = time.time()
    named = claims.get("aud")
    audiences = [named] if isinstance(named, str) else named
    expiry: Any = claims.get("exp")
    start: Any = claims.get("nbf", 0)
    checks = (
        (isinstance(audiences, list) and audience in audiences, "the token is for another audience"),
        (_is_number(expiry) and expiry > now - LEEWAY_S, "the token has expired"),
        (_is_number(start) and start <= now + LEEWAY_S, "the token is not valid yet"),
        (not _OF_ID_TOKENS & claims.keys() and claims.get("typ") != "ID", "an id token is not an access token"),
        (claims.get("typ", "Bearer") == "Bearer", "the token is not an access token"),
        ("cnf" not in claims, "the token is bound to a key, and only bearer tokens are taken"),
    )
    for holds, reason in checks:
        if not holds:
            raise InvalidToken(reason)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


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
        return TokenVerifier(self.trust())

    def trust(self, read: Callable[[Mapping[str, Any]], Claims] = ClaimNames().read) -> Trust:
        """The trust in this issuer's tokens."""
        return Trust(self._issuer, self._audience, signing_keys(json.loads(self.jwks())), read)

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
