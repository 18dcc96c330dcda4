"""A door for programs that ask for demonstration tokens: it gets them from Keycloak, and passes everything else on.

    python -m tests.oidc.front --port 8240

runs Keycloak, a Plumbline that trusts it and nobody else, and this door, so that a program written for demonstration tokens
can be tried with an identity provider's.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from tests.e2e.deployment import Deployment
from tests.oidc.signing_in import Browser, machine_token
from tests.support.keycloak.server import HOST, Keycloak

MACHINES = ("integration", "reporting")
_HOP_BY_HOP = frozenset({"connection", "content-length", "host", "transfer-encoding"})


def token_for(keycloak: Keycloak, roles: list[str], worker_id: str | None, org_unit_id: str | None) -> str:
    """A token of Keycloak's: of a machine client, or of a person who is recorded there and signs in with a browser."""
    if len(roles) == 1 and roles[0] in MACHINES and worker_id is None and org_unit_id is None:
        return machine_token(keycloak, roles[0])
    known = {"worker_id": worker_id, "org_unit_id": org_unit_id}
    username = f"person-{uuid.uuid4().hex[:12]}"
    password = keycloak.person(username, roles, **{name: value for name, value in known.items() if value is not None})
    return Browser(keycloak, username, password).token


class Front:
    """The door."""

    def __init__(self, keycloak: Keycloak, target: str) -> None:
        self._keycloak = keycloak
        self._target = target
        self._session: aiohttp.ClientSession

    def application(self) -> web.Application:
        """The door as an application."""
        app = web.Application()
        app.router.add_post("/auth/demo/tokens", self._token)
        app.router.add_route("*", "/{rest:.*}", self._pass_on)
        app.cleanup_ctx.append(self._connected)
        return app

    async def _connected(self, _: web.Application) -> AsyncIterator[None]:
        # A connection for each call: over a kept one the client would by itself repeat what broke off.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(auto_decompress=False, connector=connector) as self._session:
            yield

    async def _token(self, request: web.Request) -> web.Response:
        wanted: dict[str, Any] = await request.json()
        asked = wanted["roles"], wanted.get("worker_id"), wanted.get("org_unit_id")
        token = await asyncio.to_thread(token_for, self._keycloak, *asked)
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": 300})

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        kept = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        url = URL(self._target + request.raw_path, encoded=True)
        body = await request.read()
        async with self._session.request(request.method, url, headers=kept, data=body or None) as answer:
            back = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
            response = web.StreamResponse(status=answer.status, headers=back)
            await response.prepare(request)
            async for piece in answer.content.iter_any():
                await response.write(piece)
            await response.write_eof()
            return response


@asynccontextmanager
async def opened(keycloak: Keycloak, target: str, port: int = 0) -> AsyncIterator[str]:
    """The address of an open door."""
    runner = web.AppRunner(Front(keycloak, target).application(), handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextmanager
def opened_beside(keycloak: Keycloak, target: str) -> Iterator[str]:
    """The address of a door that is open while the caller waits for what it asks there: it has a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    door = opened(keycloak, target)
    try:
        yield asyncio.run_coroutine_threadsafe(door.__aenter__(), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(door.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def trusting(keycloak: Keycloak) -> dict[str, str]:
    """The settings of a Plumbline that trusts a Keycloak."""
    return {"OIDC_ISSUER": keycloak.issuer, "OIDC_JWKS_URL": keycloak.jwks_url, "OIDC_AUDIENCE": "plumbline"}


async def until_stopped(keycloak: Keycloak, target: str, port: int) -> None:
    """An open door, until SIGTERM or an interrupt."""
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    async with opened(keycloak, target, port) as url:
        # Keycloak takes many seconds for its first page, and callers of a token have little patience.
        await asyncio.to_thread(token_for, keycloak, ["senior_leader"], None, None)
        sys.stdout.write(f"The door is open at {url}; Keycloak is at {keycloak.url}.\n")
        sys.stdout.flush()
        await stopped.wait()


def main() -> None:
    """Run all three until interrupted."""
    parser = argparse.ArgumentParser(description="Try programs with an identity provider's tokens.")
    parser.add_argument("--port", type=int, default=8240)
    parser.add_argument("--keycloak-port", type=int, default=8241)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plumbline-oidc-") as folder:
        keycloak = Keycloak(Path(folder) / "keycloak", chosen.keycloak_port)
        keycloak.start()
        try:
            deployment = Deployment(Path(folder) / "home", environment=trusting(keycloak))
            try:
                asyncio.run(until_stopped(keycloak, deployment.url, chosen.port))
            finally:
                deployment.stop()
        finally:
            keycloak.stop()


if __name__ == "__main__":
    main()
