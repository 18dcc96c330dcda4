"""Everything in one process: services, their loops and the gateway on one event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from chassis.settings import Settings
from plumbline import serving
from plumbline.buses import bus_of
from plumbline.parts import start_gateway, start_service
from plumbline.plan import Plan
from plumbline.services import SERVICES


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Let settings be read from ``values`` as if this process had been started with them."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


async def run(plan: Plan, when_ready: Callable[[], Awaitable[None]]) -> None:
    """Serve everything until SIGTERM; ``when_ready`` runs beside it once the gateway accepts requests."""
    told = serving.until_told_to_stop()
    with environment(plan.environments[SERVICES[0]]):
        bus = bus_of(Settings())
    running = []
    try:
        for name in SERVICES:
            with environment(plan.environments[name]):
                running.append(await start_service(name, listener=plan.listeners[name], bus=bus))
        with environment(plan.environments["gateway"]):
            running.append(await start_gateway(plan.listeners["gateway"]))
        serving.spare_the_collector()
        beside = asyncio.ensure_future(when_ready())
        await told.wait()
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
    finally:
        await serving.stop(list(reversed(running)))
        await bus.close()
