"""The gateway's own routes: pages, documentation, health, metrics, demonstration tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import parse_qs

from chassis.problems import Forbidden
from chassis.tokens import TokenIssuer
from gateway import demo
from gateway.answers import send_bytes, send_json, send_page, unknown_path
from gateway.bodies import Body, declared_length
from gateway.exchange import Exchange, not_allowed
from gateway.fleet import Fleet
from gateway.headers import NO_STORE, SECURITY
from gateway.home import home
from gateway.metrics import Metrics
from gateway.problems import NotJson
from gateway.reference import reference
from gateway.rendering import style
from gateway.schemas import find_schema
from gateway.settings import GatewaySettings

Handler: TypeAlias = Callable[[Exchange], Awaitable[None]]


class Site:
    """Answers what no service answers."""

    def __init__(self, settings: GatewaySettings, fleet: Fleet, metrics: Metrics, issuer: TokenIssuer | None) -> None:
        self._settings = settings
        self._fleet = fleet
        self._metrics = metrics
        self._issuer = issuer
        self._reads: dict[bytes, Handler] = {
            b"/": self._home,
            b"/reference": self._reference,
            b"/docs": self._docs,
            b"/docs/style.css": self._style,
            b"/openapi.json": self._openapi,
            b"/health/live": self._live,
            b"/health/ready": self._ready,
            b"/metrics": self._metrics_text,
        }
        self._writes: dict[bytes, Handler] = {b"/auth/demo/tokens": self._token} if issuer else {}

    async def answer(self, exchange: Exchange) -> None:
        """Answer one request, or say that nothing is here."""
        if exchange.path in self._reads:
            if exchange.method not in {"GET", "HEAD"}:
                raise not_allowed("GET", "HEAD")
            await self._reads[exchange.path](exchange)
        elif exchange.path in self._writes:
            if exchange.method != "POST":
                raise not_allowed("POST")
            await self._writes[exchange.path](exchange)
        elif (schema := find_schema(exchange.path)) is not None:
            await self._schema(exchange, schema)
        else:
            raise unknown_path()

    async def _schema(self, exchange: Exchange, schema: bytes) -> None:
        if exchange.method not in {"GET", "HEAD"}:
            raise not_allowed("GET", "HEAD")
        headers = [(b"content-type", b"application/schema+json"), *SECURITY, (b"cache-control", b"public, max-age=300")]
        await send_bytes(exchange.send, 200, headers, schema, request_id=exchange.request_id)

    async def _home(self, exchange: Exchange) -> None:
        await self._fleet.look(self._settings.health_max_age_s)
        await send_page(exchange.send, home(self._settings, self._fleet, exchange, demo=self._issuer is not None))

    async def _reference(self, exchange: Exchange) -> None:
        query = parse_qs(exchange.query.decode("ascii"), max_num_fields=10).get("q", [""])[0][:200]
        await send_page(exchange.send, reference(self._fleet.document, query))

    async def _docs(self, exchange: Exchange) -> None:
        await send_bytes(exchange.send, 307, [(b"location", b"/reference"), *SECURITY, NO_STORE], b"")

    async def _style(self, exchange: Exchange) -> None:
        await send_page(exchange.send, style(), content_type=b"text/css; charset=utf-8")

    async def _openapi(self, exchange: Exchange) -> None:
        await send_json(exchange.send, 200, self._fleet.document, exchange.request_id)

    async def _live(self, exchange: Exchange) -> None:
        await send_json(exchange.send, 200, {"alive": True}, exchange.request_id)

    async def _ready(self, exchange: Exchange) -> None:
        readiness = await self._fleet.readiness()
        await send_json(exchange.send, 200 if readiness["ready"] else 503, readiness, exchange.request_id)

    async def _metrics_text(self, exchange: Exchange) -> None:
        if not self._may_watch(exchange.address):
            raise Forbidden("not-local", "Metrics are read from the networks that METRICS_NETWORKS names.")
        await send_page(exchange.send, self._metrics.text(), content_type=b"text/plain; version=0.0.4; charset=utf-8")

    def _may_watch(self, address: str) -> bool:
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self._settings.metrics_networks)

    async def _token(self, exchange: Exchange) -> None:
        demo.check_local(exchange.scope, exchange.headers)
        if not demo.is_json(exchange.headers):
            raise NotJson("not-json", "Send the body with Content-Type: application/json.")
        declared_length(exchange.headers, demo.MAX_BODY_BYTES)
        exchange.body = Body(
            exchange.receive, demo.MAX_BODY_BYTES, self._settings.body_idle_s, self._settings.body_total_s
        )
        wanted = await exchange.body.whole()
        if self._issuer is None:
            raise unknown_path()
        document = demo.issue(self._issuer, wanted, self._settings.demo_token_lifetime_s)
        await send_json(exchange.send, 200, document, exchange.request_id)
