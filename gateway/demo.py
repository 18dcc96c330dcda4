"""Demonstration tokens: issued only by an all-in-one that is bound to loopback, with a key made at its start."""

from __future__ import annotations

import ipaddress
from collections.abc import MutableMapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.permissions import ROLES
from chassis.problems import FieldProblem, Forbidden, RuleBroken
from chassis.tokens import TokenIssuer
from gateway.settings import GatewaySettings

DEMO_ROLES = tuple(role for role in ROLES if role != "service")
MAX_BODY_BYTES = 16 * 1024


class DemoTokenIn(BaseModel):
    """Who the demonstration token is for."""

    model_config = ConfigDict(extra="forbid")

    roles: list[str] = Field(min_length=1, max_length=len(DEMO_ROLES))
    worker_id: str | None = Field(default=None, max_length=100)
    org_unit_id: str | None = Field(default=None, max_length=100)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def demo_issuer(settings: GatewaySettings) -> TokenIssuer | None:
    """The issuer of demonstration tokens, or None where there are none."""
    if not settings.demo_key_file:
        return None
    if not is_loopback(settings.host):
        raise ValueError(f"demonstration tokens need a gateway bound to loopback, not to {settings.host}")
    return TokenIssuer.load(settings.demo_key_file, settings.oidc_issuer, settings.oidc_audience)


def check_local(scope: MutableMapping[str, Any], seen: dict[bytes, bytes]) -> None:
    """Refuse everyone but a program or page of this machine: by address, by the name used, and by the calling page's origin."""
    client, server = scope.get("client"), scope.get("server")
    near = all(end is not None and is_loopback(end[0]) for end in (client, server))
    origin = seen.get(b"origin")
    if not (near and _names_loopback(seen) and (origin is None or origin == b"http://" + seen[b"host"])):
        raise Forbidden("not-local", "Demonstration tokens are given only to programs on this machine, at 127.0.0.1.")


def _names_loopback(seen: dict[bytes, bytes]) -> bool:
    host = seen.get(b"host", b"").decode("latin-1")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return is_loopback(name)


def issue(issuer: TokenIssuer, body: bytes, lifetime_s: int) -> dict[str, Any]:
    """The token document for a request body; RuleBroken names what is wrong with it."""
    wanted = _read(body)
    unknown = [role for role in wanted.roles if role not in DEMO_ROLES]
    if unknown:
        raise RuleBroken(
            "unknown-role",
            f"There is no role {', '.join(unknown)}. The roles are {', '.join(DEMO_ROLES)}.",
            field="roles",
        )
    token = issuer.issue(
        wanted.roles, worker_id=wanted.worker_id, org_unit_id=wanted.org_unit_id, lifetime_s=lifetime_s
    )
    return {"access_token": token, "token_type": "Bearer", "expires_in": lifetime_s}


def _read(body: bytes) -> DemoTokenIn:
    try:
        return DemoTokenIn.model_validate_json(body)
    except ValidationError as invalid:
        fields = [FieldProblem(".".join(map(str, error["loc"])) or "body", error["msg"]) for error in invalid.errors()]
        raise RuleBroken(
            "invalid-input",
            'Send JSON such as {"roles": ["reporting"], "worker_id": null, "org_unit_id": null}.',
            fields=fields,
        ) from None


def is_json(seen: dict[bytes, bytes]) -> bool:
    """Whether the body is declared as JSON, which no page of another origin can do without being allowed to."""
    return seen.get(b"content-type", b"").split(b";")[0].strip().lower() == b"application/json"
