"""What an all-in-one consists of: which process listens where and with which settings, worked out before anything starts."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chassis.tokens import TokenIssuer
from plumbline import serving
from plumbline.home import AUDIENCE, ISSUER, Home
from plumbline.services import SERVICES


@dataclass(frozen=True)
class Options:
    """What ``plumbline up`` was asked for."""

    host: str = "127.0.0.1"
    port: int = 8000
    home: Path = Path(".plumbline")
    kafka: str = ""
    processes: bool = False

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the gateway: the condition for demonstration tokens."""
        return self.host in ("127.0.0.1", "::1", "localhost")


@dataclass
class Plan:
    """Sockets and environments of every part; a part's environment is all that its process needs to know."""

    listeners: dict[str, socket.socket]
    environments: dict[str, dict[str, str]] = field(default_factory=dict)

    def url(self, part: str) -> str:
        """The base URL of a part."""
        return serving.address(self.listeners[part])


def make_plan(options: Options, home: Home, issuer: TokenIssuer, databases: dict[str, str]) -> Plan:
    """Bind every port now, so that nothing else can take one, and write down each part's environment."""
    listeners = {name: serving.listen("127.0.0.1", 0) for name in SERVICES}
    listeners["gateway"] = serving.listen(options.host, options.port)
    plan = Plan(listeners)
    common = _common(options, home, issuer, plan)
    for name in SERVICES:
        plan.environments[name] = {
            **common,
            **_place(plan.listeners[name]),
            "DATABASE_URL": databases[name],
            "BUS_URL": "" if options.kafka else databases["bus"],
        }
    demo = {"DEMO_KEY_FILE": str(home.key_file)} if options.loopback and not has_provider() else {}
    plan.environments["gateway"] = {**common, **_place(plan.listeners["gateway"]), **demo, "HOST": options.host}
    return plan


def _common(options: Options, home: Home, issuer: TokenIssuer, plan: Plan) -> dict[str, str]:
    common = {
        "KAFKA_BOOTSTRAP_SERVERS": options.kafka,
        **_whose_tokens_count(issuer),
        "SERVICE_TOKEN_KEY_FILE": str(home.key_file),
        "UPSTREAMS": json.dumps({name: plan.url(name) for name in SERVICES}),
        "CASE_KEY_SECRET": os.environ.get("CASE_KEY_SECRET") or home.case_key_secret(),
        "ATTACHMENTS_FOLDER": os.environ.get("ATTACHMENTS_FOLDER") or str(home.folder / "attachments"),
        "PUBLIC_URL": os.environ.get("PUBLIC_URL") or plan.url("gateway"),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }
    if os.environ.get("PLUMBLINE_CLOCK_START"):
        # One anchor for all processes: they agree on the business time however late each starts.
        anchor = os.environ.get("PLUMBLINE_CLOCK_ANCHOR") or datetime.now(UTC).isoformat()
        common |= {"PLUMBLINE_CLOCK_START": os.environ["PLUMBLINE_CLOCK_START"], "PLUMBLINE_CLOCK_ANCHOR": anchor}
    return common


def has_provider() -> bool:
    """Whether the environment names an identity provider's keys: then its tokens count, and there are no others."""
    return any(os.environ.get(name) for name in ("OIDC_JWKS", "OIDC_JWKS_FILE", "OIDC_JWKS_URL"))


def _whose_tokens_count(issuer: TokenIssuer) -> dict[str, str]:
    return {} if has_provider() else {"OIDC_ISSUER": ISSUER, "OIDC_AUDIENCE": AUDIENCE, "OIDC_JWKS": issuer.jwks()}


def _place(listener: socket.socket) -> dict[str, str]:
    host, port = listener.getsockname()[:2]
    return {"HOST": host, "PORT": str(port)}
