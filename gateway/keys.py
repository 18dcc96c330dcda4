"""Whose tokens count: the keys from the settings, fetched again when a token names one that is not known."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis import telemetry
from chassis.problems import Unauthorized, Unavailable
from chassis.tokens import Claims, InvalidToken, TokenIssuer, TokenVerifier, UnknownKey, key_set
from gateway.settings import GatewaySettings

FETCH_TIMEOUT_S = 5.0
MAX_KEY_SET_BYTES = 1024 * 1024


class Keys:
    """Verifies bearer tokens against the key set that is in force."""

    def __init__(self, settings: GatewaySettings, demo: TokenIssuer | None) -> None:
        self._settings = settings
        self._fetched_at = -float("inf")
        self._fetching = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._verifier = self._configured(demo)

    def _configured(self, demo: TokenIssuer | None) -> TokenVerifier | None:
        settings = self._settings
        if settings.oidc_jwks or settings.oidc_jwks_file:
            return self._verifier_of(key_set(settings.oidc_jwks, settings.oidc_jwks_file))
        if settings.oidc_jwks_url:
            return None
        if demo is not None:
            return demo.verifier()
        raise ValueError("set OIDC_JWKS, OIDC_JWKS_FILE or OIDC_JWKS_URL: without keys no token can be checked")

    def _verifier_of(self, keys: KeySet) -> TokenVerifier:
        return TokenVerifier(keys, self._settings.oidc_issuer, self._settings.oidc_audience)

    async def start(self, session: aiohttp.ClientSession) -> None:
        """Fetch the keys when they come from an address; a failure is tried again with the next token."""
        self._session = session
        if self._verifier is None:
            await self._fetch()

    async def watch(self) -> None:
        """Fetch the keys again from time to time, so that one which was withdrawn stops counting."""
        while self._settings.oidc_jwks_url:
            await asyncio.sleep(self._settings.jwks_max_age_s)
            await self._fetch()

    def known(self, authorization: bytes) -> Claims:
        """The claims of a bearer token, without waiting for anything; InvalidToken when it is refused."""
        if self._verifier is None:
            raise UnknownKey("the keys have not been fetched yet")
        return self._verifier.verify(_bearer(authorization))

    async def claims(self, authorization: bytes) -> Claims:
        """The claims of a bearer token; Unauthorized with the reason when it is refused."""
        try:
            try:
                return self.known(authorization)
            except UnknownKey:
                if not self._settings.oidc_jwks_url:
                    raise
                await self._fetch()
                return self.known(authorization)
        except InvalidToken as refused:
            if self._verifier is None:
                raise Unavailable(
                    "keys-unavailable",
                    "The keys of the identity provider cannot be fetched; try again shortly.",
                    headers={"Retry-After": "5"},
                ) from refused
            raise Unauthorized("invalid-token", f"Send a valid access token: {refused}.") from refused

    async def _fetch(self) -> None:
        async with self._fetching:
            now = time.monotonic()
            if self._session is None or now - self._fetched_at < self._settings.jwks_refetch_s:
                return
            self._fetched_at = now
            try:
                self._verifier = self._verifier_of(KeySet.import_key_set(await self._download(self._session)))
            except (aiohttp.ClientError, TimeoutError, ValueError, JoseError) as failure:
                telemetry.log.warning("the key set cannot be fetched", reason=repr(failure))
                if self._verifier is None:
                    self._fetched_at = now - self._settings.jwks_refetch_s + min(1.0, self._settings.jwks_refetch_s)

    async def _download(self, session: aiohttp.ClientSession) -> Any:
        timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S)
        async with session.get(self._settings.oidc_jwks_url, timeout=timeout, allow_redirects=False) as answer:
            answer.raise_for_status()
            return json.loads(await answer.content.read(MAX_KEY_SET_BYTES))


def _bearer(authorization: bytes) -> str:
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer":
        raise InvalidToken("the Authorization header must read `Bearer <token>`")
    try:
        return token.decode("ascii")
    except UnicodeDecodeError:
        raise InvalidToken("the token has characters that no token has") from None
