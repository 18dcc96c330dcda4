"""Building one part, a service or the gateway, from the environment: what ``plumbline serve`` runs."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any, Literal

from chassis.app import create_app
from chassis.settings import Settings
from gateway.app import create_gateway
from gateway.settings import GatewaySettings
from plumbline import serving
from plumbline.buses import bus_of
from plumbline.services import load

Role = Literal["api", "worker", "all"]


def gateway_part() -> tuple[Any, str, int]:
    """The gateway and where it listens, from the environment."""
    settings = GatewaySettings()
    return create_gateway(settings), settings.host, settings.port


def service_part(name: str, role: Role) -> tuple[Any, str, int]:
    """A service and where it listens, from the environment."""
    settings = Settings()  # type: ignore[call-arg] # required fields come from the environment
    bus = bus_of(settings) if role != "api" else None
    return create_app(load(name), settings, bus=bus, role=role), settings.host, settings.port


async def serve(name: str, role: Role) -> None:
    """Run one part in this process until SIGTERM."""
    told = serving.until_told_to_stop()
    app, host, port = gateway_part() if name == "gateway" else service_part(name, role)
    inherited = os.environ.get("LISTEN_FD")
    listener = socket.socket(fileno=int(inherited)) if inherited else serving.listen(host, port)
    running = await serving.start(app, listener)
    stopped = asyncio.create_task(told.wait())
    await asyncio.wait([stopped, running[1]], return_when=asyncio.FIRST_COMPLETED)
    await serving.stop([running])
    stopped.cancel()
