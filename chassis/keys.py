"""Whose tokens count: the keys from the settings, fetched again when a token names one that is not known."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Protocol

import aiohttp
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from chassis import telemetry
from chassis.clock import monotonic
from chassis.problems import Unauthorized, Unavailable
from chassis.tokens import Claims, InvalidToken, TokenVerifier, UnknownKey, key_set

FETCH_TIMEOUT_S = 5.0
MAX_KEY_SET_BYTES = 1024 * 1024
FIRST_RETRY_S = 1.0
"""How soon keys are asked for again while there are none at all."""


class KeySettings(Protocol):
    """The settings that say where the keys are and which tokens they vouch for."""

    oidc_issuer: str
    oidc_audience: str
    oidc_jwks: str
    oidc_jwks_file: str
    oidc_jwks_url: str
    jwks_refetch_s: float
    """An unknown key causes no more than one fetch in this time, however many tokens name one."""
    jwks_max_age_s: float
    """How long a key counts after the provider withdrew it."""


class Keys:
    """Verifies bearer tokens against the key set that is in force."""

    def __init__(self, settings: KeySettings, verifier: TokenVerifier | None = None) -> None:
        self._settings = settings
        self._next_fetch = 0.0
        self._fetching = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._watching: asyncio.Task[None] | None = None
        self._verifier = verifier or self._configured()

    def _configured(self) -> TokenVerifier | None:
        settings = self._settings
        if settings.oidc_jwks or settings.oidc_jwks_file:
            return self._verifier_of(key_set(settings.oidc_jwks, settings.oidc_jwks_file))
        if settings.oidc_jwks_url:
            return None
        raise ValueError("set OIDC_JWKS, OIDC_JWKS_FILE or OIDC_JWKS_URL: without keys no token can be checked")

    def _verifier_of(self, keys: KeySet) -> TokenVerifier:
        return TokenVerifier(keys, self._settings.oidc_issuer, self._settings.oidc_audience)

    async def start(self) -> None:
        """Fetch the keys when they come from an address; a failure is tried again with the next token."""
        if self._settings.oidc_jwks_url:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S))
            if self._verifier is None:
                await self._fetch()
            self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop watching and close the connections."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _watch(self) -> None:
        """Fetch the keys again from time to time, so that one which was withdrawn stops counting."""
        while True:
            await asyncio.sleep(self._settings.jwks_max_age_s)
            await self._fetch()

    def known(self, token: str) -> Claims:
        """The claims of a token, without waiting for anything; InvalidToken when it is refused."""
        if self._verifier is None:
            raise UnknownKey("the keys have not been fetched yet")
        return self._verifier.verify(token)

    async def claims(self, token: str) -> Claims:
        """The claims of a token; Unauthorized with the reason when it is refused."""
        try:
            try:
                return self.known(token)
            except UnknownKey:
                if self._session is None:
                    raise
                await self._fetch()
                return self.known(token)
        except InvalidToken as refused:
            if self._verifier is None:
                raise Unavailable(
                    "keys-unavailable",
                    "The keys of the identity provider cannot be fetched. Try again shortly.",
                    headers={"Retry-After": "5"},
                ) from refused
            raise Unauthorized("invalid-token", f"Send a valid access token: {refused}.") from refused

    async def _fetch(self) -> None:
        async with self._fetching:
            if self._session is None or monotonic() < self._next_fetch:
                return
            self._next_fetch = monotonic() + self._settings.jwks_refetch_s
            try:
                self._verifier = self._verifier_of(KeySet.import_key_set(await self._download(self._session)))
            except (aiohttp.ClientError, TimeoutError, ValueError, JoseError) as failure:
                telemetry.log.warning("the key set cannot be fetched", reason=repr(failure))
                if self._verifier is None:
                    self._next_fetch = monotonic() + min(FIRST_RETRY_S, self._settings.jwks_refetch_s)

    async def _download(self, session: aiohttp.ClientSession) -> Any:
        async with session.get(self._settings.oidc_jwks_url, allow_redirects=False) as answer:
            answer.raise_for_status()
            return json.loads(await answer.content.read(MAX_KEY_SET_BYTES))
