"""Calls to other services: only for personal data at the moment of need, with a token of this service's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import time
from typing import Any

import httpx

from chassis.claims import ClaimNames
from chassis.problems import Unavailable
from chassis.settings import Settings
from chassis.tokens import TokenIssuer, Trust, keys_from

ISSUER = "urn:plumbline:services"
"""Whom service tokens come from: an issuer of its own, so that no identity provider can pass for a service."""
TOKEN_LIFETIME_S = 300
TIMEOUT_S = 5.0


_NAMES = ClaimNames(grantable=frozenset({"service"}))


def service_trust(settings: Settings) -> tuple[Trust, ...]:
    """The trust in other services' tokens, where the settings name a key of theirs."""
    if settings.service_token_jwks or settings.service_token_jwks_file:
        keys = keys_from(settings.service_token_jwks, settings.service_token_jwks_file)
        return (Trust(ISSUER, settings.oidc_audience, keys, _NAMES.read),)
    if settings.service_token_key_file:
        own = TokenIssuer.load(settings.service_token_key_file, ISSUER, settings.oidc_audience)
        return (own.trust(_NAMES.read),)
    return ()


@dataclass
class Clients:
    """Finds and calls the other services of this deployment."""

    upstreams: dict[str, str]
    issuer: TokenIssuer | None
    _http: httpx.AsyncClient | None = field(default=None)
    _token: str = field(default="")
    _token_until: float = field(default=0.0)

    @classmethod
    def of(cls, settings: Settings) -> Clients:
        """The clients that ``settings`` describe; without a key, no call can be made."""
        issuer = None
        if settings.service_token_key_file:
            issuer = TokenIssuer.load(settings.service_token_key_file, ISSUER, settings.oidc_audience)
        return cls(dict(settings.upstreams), issuer)

    async def get(self, service: str, path: str) -> Any:
        """The JSON answer of ``GET path`` of a service; None when there is nothing; Unavailable when it cannot be asked."""
        base = self.upstreams.get(service)
        if base is None or self.issuer is None:
            raise Unavailable("service-not-configured", f"Name the URL of {service} and a service key in the settings.")
        try:
            answer = await self._client().get(base + path, headers={"Authorization": f"Bearer {self._bearer()}"})
        except httpx.HTTPError as failure:
            raise Unavailable("service-unavailable", f"{service} does not answer: {failure!r}.") from failure
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise Unavailable("service-unavailable", f"{service} answered {answer.status_code}.")
        return answer.json()

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=TIMEOUT_S)
        return self._http

    def _bearer(self) -> str:
        if self.issuer is not None and time() > self._token_until:
            self._token = self.issuer.issue(["service"], subject="service", lifetime_s=TOKEN_LIFETIME_S)
            self._token_until = time() + TOKEN_LIFETIME_S / 2
        return self._token

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()
