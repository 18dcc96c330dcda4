"""The break-glass account: tokens signed by hand when the identity provider is away, short-lived and never unnoticed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key
from prometheus_client import Counter

from chassis import telemetry
from chassis.claims import PEOPLE_AND_SYSTEMS, ClaimNames, Claims, InvalidToken
from chassis.ids import new_id
from chassis.tokens import Trust

ISSUER = "urn:plumbline:break-glass"
MAX_LIFETIME_S = 3600
MIN_REASON = 10
USED = Counter("break_glass_tokens", "Break-glass tokens that this process has met", registry=telemetry.REGISTRY)
_NAMES = ClaimNames(grantable=PEOPLE_AND_SYSTEMS)


def trust_in(keys: Mapping[str, Key], audience: str) -> Trust:
    """The trust in tokens that were signed with these keys."""
    return Trust(ISSUER, audience, keys, read)


def read(claims: Mapping[str, Any]) -> Claims:
    """The claims of a break-glass token, with an alarm; InvalidToken when it has no reason, no id, or too long a life."""
    reason, issued, token_id = claims.get("reason"), claims.get("iat"), claims.get("jti")
    if not isinstance(reason, str) or len(reason.strip()) < MIN_REASON:
        raise InvalidToken("a break-glass token needs a reason")
    if not isinstance(token_id, str) or claims.get("sub") != subject_of(token_id):
        raise InvalidToken("a break-glass token has an id, and its subject says so")
    if not isinstance(issued, int) or not issued <= claims["exp"] <= issued + MAX_LIFETIME_S:
        raise InvalidToken(f"a break-glass token lives no longer than {MAX_LIFETIME_S // 60} minutes")
    if issued > time.time() + MAX_LIFETIME_S:
        raise InvalidToken("the token is not valid yet")
    found = _NAMES.read(claims)
    USED.inc()
    telemetry.log.critical("a break-glass token is in use", token_id=token_id, roles=sorted(found.roles))
    return found


def subject_of(token_id: str) -> str:
    """Who the audit trail names: the token, so that its register says which person had it and why."""
    return f"break-glass:{token_id}"


def issue(
    key: ECKey, audience: str, roles: Sequence[str], reason: str, lifetime_s: int, org_unit_id: str | None = None
) -> tuple[str, dict[str, Any]]:
    """A break-glass token and its claims; ValueError when it would not be accepted."""
    unknown = sorted(set(roles) - PEOPLE_AND_SYSTEMS)
    if unknown or not roles:
        raise ValueError(f"name roles out of {', '.join(sorted(PEOPLE_AND_SYSTEMS))}")
    if len(reason.strip()) < MIN_REASON:
        raise ValueError(f"give a reason of at least {MIN_REASON} characters")
    if not 0 < lifetime_s <= MAX_LIFETIME_S:
        raise ValueError(f"choose a life of at most {MAX_LIFETIME_S // 60} minutes")
    now, token_id = int(time.time()), str(new_id())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": audience,
        "sub": subject_of(token_id),
        "iat": now,
        "nbf": now,
        "exp": now + lifetime_s,
        "jti": token_id,
        "roles": list(roles),
        "reason": reason.strip(),
    }
    if org_unit_id is not None:
        claims["org_unit_id"] = org_unit_id
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key), claims
