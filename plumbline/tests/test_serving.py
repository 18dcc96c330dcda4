"""Stopping a process: what it does for the requests that it has."""

from __future__ import annotations

import asyncio

import httpx

from chassis.app import create_app
from chassis.clock import Clock, monotonic
from chassis.testing import ISSUER, fresh_database, load, settings_for, token
from plumbline import serving

FAR_BELOW_THE_GRACE_S = serving.GRACE_S / 3


async def test_an_open_stream_does_not_hold_up_a_stop(postgres: str) -> None:
    service = load("accountability")
    settings = settings_for(fresh_database(postgres, service))
    app = create_app(service, settings, clock=Clock(), verifier=ISSUER.verifier(), role="api")
    listener = serving.listen("127.0.0.1", 0)
    running = await serving.start(app, listener)
    url = f"{serving.address(listener)}/v1/events"
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("GET", url, headers=token(roles=["reporting"])) as stream,
    ):
        chunks = stream.aiter_text()
        assert "following" in await anext(chunks)
        began = monotonic()
        stopping = asyncio.create_task(serving.stop([running]))
        assert all(chunk.startswith(":") for chunk in [chunk async for chunk in chunks])
        await stopping
    assert monotonic() - began < FAR_BELOW_THE_GRACE_S
