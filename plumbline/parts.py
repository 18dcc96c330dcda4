"""Building one part, a service or the gateway, from the environment: what ``plumbline serve`` runs."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Literal

from chassis.app import create_app
from chassis.bus import Bus
from chassis.settings import Settings
from gateway.app import create_gateway
from gateway.protocol import bounded_protocol
from gateway.settings import GatewaySettings
from plumbline import serving
from plumbline.buses import bus_of
from plumbline.certificates import Certificate
from plumbline.services import load

Role = Literal["api", "worker", "all"]
Running = tuple[serving.Server, asyncio.Task[None]]


async def start_gateway(listener: socket.socket | None = None) -> Running:
    """Serve the gateway as the environment describes it."""
    settings = GatewaySettings()
    listener = listener or serving.listen(settings.host, settings.port)
    return await serving.start(
        create_gateway(settings), listener, http=bounded_protocol(settings), certificate=Certificate.of(settings)
    )


async def start_service(
    name: str, role: Role = "all", listener: socket.socket | None = None, bus: Bus | None = None
) -> Running:
    """Serve a service as the environment describes it."""
    settings = Settings()
    listener = listener or serving.listen(settings.host, settings.port)
    if bus is None and role != "api":
        bus = bus_of(settings)
    app = create_app(load(name), settings, bus=bus, role=role)
    return await serving.start(app, listener, certificate=Certificate.of(settings))


async def serve(name: str, role: Role) -> None:
    """Run one part in this process until SIGTERM."""
    told = serving.until_told_to_stop()
    inherited = os.environ.get("LISTEN_FD")
    listener = socket.socket(fileno=int(inherited)) if inherited else None
    bus = None if name == "gateway" or role == "api" else bus_of(Settings())
    running = await (start_gateway(listener) if name == "gateway" else start_service(name, role, listener, bus))
    serving.spare_the_collector()
    stopped = asyncio.create_task(told.wait())
    await asyncio.wait([stopped, running[1]], return_when=asyncio.FIRST_COMPLETED)
    await serving.stop([running])
    stopped.cancel()
    if bus is not None:
        await bus.close()
