"""Keys from an identity provider's address, on a real HTTP server: fetched, rotated, and away."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from chassis import keys as module
from chassis.keys import Keys
from chassis.problems import Unauthorized, Unavailable
from chassis.settings import Settings
from chassis.tokens import TokenIssuer

ISSUER = "https://issuer.invalid"


class Provider:
    """An identity provider's key address."""

    def __init__(self) -> None:
        self.jwks = ""
        self.status = 200
        self.fetches = 0
        self.url = ""

    async def answer(self, _: web.Request) -> web.Response:
        self.fetches += 1
        return web.Response(text=self.jwks, status=self.status)

    def settings(self) -> Settings:
        return Settings(database_url="", oidc_issuer=ISSUER, oidc_jwks_url=self.url)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_get("/keys", provider.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys"
    yield provider
    await runner.cleanup()


def issuer() -> TokenIssuer:
    return TokenIssuer.generate(ISSUER, "plumbline")


async def test_a_rotated_key_is_fetched_and_a_flood_of_unknown_keys_is_not(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, stranger = issuer(), issuer(), issuer()
    provider.jwks = old.jwks()
    keys = Keys(provider.settings())
    await keys.start()
    assert (await keys.claims(old.issue(["reporting"]))).roles == {"reporting"}
    provider.jwks = new.jwks()
    monkeypatch.setattr(keys, "_next_fetch", 0.0)
    assert (await keys.claims(new.issue(["reporting"]))).roles == {"reporting"}
    for _ in range(20):
        with pytest.raises(Unauthorized):
            await keys.claims(stranger.issue(["reporting"]))
    assert provider.fetches == 2
    await keys.close()


async def test_while_the_provider_is_away_the_answer_is_to_try_again(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.0)
    provider.status = 500
    mine = issuer()
    keys = Keys(provider.settings())
    await keys.start()
    with pytest.raises(Unavailable):
        await keys.claims(mine.issue(["reporting"]))
    provider.status, provider.jwks = 200, mine.jwks()
    assert (await keys.claims(mine.issue(["reporting"]))).roles == {"reporting"}
    await keys.close()


def test_without_any_keys_nothing_starts() -> None:
    with pytest.raises(ValueError, match="OIDC_JWKS"):
        Keys(Settings(database_url=""))
