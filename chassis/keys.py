"""Whose tokens count: the identity provider's keys, fetched again when a token names an unknown one, and what was revoked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from joserfc.jwk import Key

from chassis import breakglass, telemetry
from chassis.claims import PEOPLE_AND_SYSTEMS, ClaimNames, Claims, InvalidToken, UnknownKey
from chassis.clock import monotonic
from chassis.people import People
from chassis.problems import Unauthorized, Unavailable
from chassis.revocations import RevocationFile, revokes
from chassis.settings import IdentitySettings
from chassis.tokens import TokenVerifier, Trust, keys_from, signing_keys

FETCH_TIMEOUT_S = 5.0
MAX_KEY_SET_BYTES = 1024 * 1024
FIRST_RETRY_S = 1.0
"""How soon keys are asked for again while there are none at all."""


class Keys:
    """Verifies bearer tokens against the key set that is in force."""

    def __init__(
        self,
        settings: IdentitySettings,
        verifier: TokenVerifier | None = None,
        also: tuple[Trust, ...] = (),
        people: People | None = None,
    ) -> None:
        """``verifier`` stands for the identity provider where it is given; ``also`` are issuers besides it.

        ``people`` finds the worker behind a token that names an employee; without it such a token stays as it is.
        """
        self._settings = settings
        self._next_fetch = 0.0
        self._fetching = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self._watching: list[asyncio.Task[None]] = []
        self._people = people
        self._names = claim_names(settings)
        self._also = (*also, *_break_glass(settings))
        self._revocations = RevocationFile(Path(settings.revocations_file)) if settings.revocations_file else None
        self._provider = verifier.trusts if verifier is not None else self._configured()
        self._verifier = self._composed()

    def _configured(self) -> tuple[Trust, ...]:
        settings = self._settings
        if settings.oidc_jwks or settings.oidc_jwks_file:
            return (self._trust_in(keys_from(settings.oidc_jwks, settings.oidc_jwks_file)),)
        if settings.oidc_jwks_url:
            return (self._trust_in({}),)
        raise ValueError("set OIDC_JWKS, OIDC_JWKS_FILE or OIDC_JWKS_URL: without keys no token can be checked")

    @property
    def _without(self) -> bool:
        """Whether no key of the identity provider is known at all."""
        return not any(trust.keys for trust in self._provider)

    def _trust_in(self, keys: Mapping[str, Key]) -> Trust:
        return Trust(self._settings.oidc_issuer, self._settings.oidc_audience, keys, self._names.read)

    def _composed(self) -> TokenVerifier:
        """A verifier that remembers nothing yet, so that what changed holds for every token from now on."""
        revoked = self._revocations.revoked if self._revocations is not None else ()
        return TokenVerifier(*self._provider, *self._also, is_revoked=lambda claims: revokes(revoked, claims))

    async def start(self) -> None:
        """Fetch the keys when they come from an address; a failure is tried again with the next token."""
        if self._settings.oidc_jwks_url:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S))
            if self._without:
                await self._fetch()
            self._watching.append(asyncio.create_task(self._watch_keys()))
        if self._revocations is not None:
            self._watching.append(asyncio.create_task(self._watch_revocations(self._revocations)))

    async def close(self) -> None:
        """Stop watching and close the connections."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _watch_keys(self) -> None:
        """Fetch the keys again from time to time, so that one which was withdrawn stops counting."""
        while True:
            await asyncio.sleep(self._settings.jwks_max_age_s)
            await self._fetch()

    async def _watch_revocations(self, revocations: RevocationFile) -> None:
        while True:
            await asyncio.sleep(self._settings.revocations_check_s)
            if await asyncio.to_thread(revocations.look):
                self._verifier = self._composed()

    def known(self, token: str) -> Claims:
        """The claims of a token, without waiting for anything; InvalidToken when it is refused."""
        return self._verifier.verify(token)

    async def claims(self, token: str) -> Claims:
        """The claims of a token; Unauthorized with the reason when it is refused, Forbidden when it is nobody's."""
        claims = await self._verified(token)
        if self._people is None or claims.employee_ref is None:
            return claims
        return await self._people.complete(claims)

    async def _verified(self, token: str) -> Claims:
        try:
            try:
                return self.known(token)
            except UnknownKey:
                if self._session is None:
                    raise
                await self._fetch()
                return self.known(token)
        except InvalidToken as refused:
            if self._without:
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
                self._provider = (self._trust_in(signing_keys(await self._download(self._session))),)
                self._verifier = self._composed()
            except (aiohttp.ClientError, TimeoutError, ValueError) as failure:
                telemetry.log.warning("the key set cannot be fetched", reason=repr(failure))
                if self._without:
                    self._next_fetch = monotonic() + min(FIRST_RETRY_S, self._settings.jwks_refetch_s)

    async def _download(self, session: aiohttp.ClientSession) -> Any:
        async with session.get(self._settings.oidc_jwks_url, allow_redirects=False) as answer:
            answer.raise_for_status()
            return json.loads(await answer.content.read(MAX_KEY_SET_BYTES))


def claim_names(settings: IdentitySettings) -> ClaimNames:
    """Where the identity provider's tokens say what; ValueError when a group stands for a role that does not exist."""
    mapped = {name: frozenset(roles) for name, roles in settings.oidc_role_map.items()}
    unknown = sorted(frozenset().union(*mapped.values()) - PEOPLE_AND_SYSTEMS)
    if unknown:
        raise ValueError(f"OIDC_ROLE_MAP names roles that do not exist: {', '.join(unknown)}")
    return ClaimNames(
        roles=tuple(place.strip() for place in settings.oidc_roles_claim.split(",") if place.strip()),
        role_map=mapped,
        grantable=PEOPLE_AND_SYSTEMS,
        worker_id=settings.oidc_worker_id_claim,
        org_unit_id=settings.oidc_org_unit_id_claim,
        employee_ref=settings.oidc_employee_ref_claim,
    )


def _break_glass(settings: IdentitySettings) -> tuple[Trust, ...]:
    if not (settings.break_glass_jwks or settings.break_glass_jwks_file):
        return ()
    keys = keys_from(settings.break_glass_jwks, settings.break_glass_jwks_file)
    return (breakglass.trust_in(keys, settings.oidc_audience),)
