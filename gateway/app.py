"""The gateway as a bare ASGI application: its lifespan, and the boundary at which every failure becomes a problem."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress

import aiohttp

from chassis import telemetry
from chassis.failures import reason_of, where
from chassis.problems import Problem
from gateway.answers import Send
from gateway.bodies import ClientGone, Receive
from gateway.demo import demo_issuer
from gateway.exchange import Exchange, Scope
from gateway.fleet import Fleet
from gateway.forwarding import Forwarder
from gateway.keys import keys_of
from gateway.limits import Rate
from gateway.metrics import Metrics
from gateway.paths import RoutingTable
from gateway.settings import GatewaySettings
from gateway.site import Site
from gateway.upstream import Upstreams

_FAULT = Problem("internal-error", "Something went wrong on our side; it has been logged. Try again, then tell us.")


class Gateway:
    """The ASGI callable."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._demo = demo_issuer(settings)
        self._keys = keys_of(settings, self._demo)
        self._routing = RoutingTable(settings.upstreams)
        self._metrics = Metrics()
        self._strangers = Rate(settings.address_rate_per_second, settings.address_rate_burst)
        self._forwarder: Forwarder
        self._site: Site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] == "http":
            await self._http(Exchange(scope, receive, send))
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            await self._open(stack)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self, stack: AsyncExitStack) -> None:
        upstreams = Upstreams(self._settings.connect_timeout_s)
        stack.push_async_callback(upstreams.close)
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        await self._keys.start()
        stack.push_async_callback(self._keys.close)
        fleet = Fleet(self._settings, session, demo=self._demo is not None)
        self._forwarder = Forwarder(self._settings, self._keys, fleet, upstreams, self._metrics, self._strangers)
        self._site = Site(self._settings, fleet, self._metrics, self._demo)
        stack.push_async_callback(_stop, asyncio.create_task(fleet.watch()))

    async def _http(self, exchange: Exchange) -> None:
        try:
            exchange.check()
            service = self._routing.service_of(exchange.path)
            if service is None:
                if not exchange.path.startswith(b"/health/"):
                    self._strangers.take(exchange.address, time.monotonic())
                await self._site.answer(exchange)
            else:
                await self._forwarder.forward(exchange, service)
        except Problem as problem:
            self._metrics.refused(problem.code)
            await exchange.refuse(problem)
        except ClientGone:
            return
        except aiohttp.ClientError as broken:
            telemetry.log.warning("a service broke off its answer", place=exchange.place, reason=repr(broken))
        except Exception as failure:  # the boundary: whatever it is, the client gets a problem and the log the reason
            telemetry.log.error(
                "a request failed", place=exchange.place, reason=reason_of(failure), where=where(failure.__traceback__)
            )
            await exchange.refuse(_FAULT)
        finally:
            if exchange.span is not None:
                exchange.span.end()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def create_gateway(settings: GatewaySettings) -> Gateway:
    """The gateway; its lifespan opens the connections and watches the services.

    Serve it with `uvicorn.Config(gateway, http=bounded_protocol(settings))`.
    """
    telemetry.configure("gateway", settings.log_level, settings.otel_exporter_otlp_endpoint)
    return Gateway(settings)
