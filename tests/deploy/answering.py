"""Which paths a part answers: its own application is asked."""

from __future__ import annotations

import httpx
from starlette.routing import Match

from chassis.app import create_app
from chassis.testing import settings_for
from gateway.app import create_gateway
from gateway.settings import GatewaySettings
from plumbline import serving
from plumbline.services import load

NOWHERE = "postgresql://nobody@127.0.0.1:9/nowhere"
_answered: dict[tuple[str, str, str], bool] = {}


async def answers(part: str, role: str, path: str) -> bool:
    """Whether a part answers a path, whatever its state: its own application is asked, once for all overlays."""
    asked = (part, role, path)
    if asked not in _answered:
        _answered[asked] = await _gateway_answers(path) if part == "gateway" else _service_answers(*asked)
    return _answered[asked]


def _service_answers(part: str, role: str, path: str) -> bool:
    app = create_app(load(part), settings_for(NOWHERE), role="api" if role == "api" else "worker")
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "root_path": ""}
    return any(route.matches(scope)[0] is Match.FULL for route in app.router.routes)


async def _gateway_answers(path: str) -> bool:
    settings = GatewaySettings(upstreams={}, oidc_jwks=settings_for(NOWHERE).oidc_jwks)
    listener = serving.listen("127.0.0.1", 0)
    running = await serving.start(create_gateway(settings), listener)
    async with httpx.AsyncClient(base_url=serving.address(listener)) as client:
        answer = await client.get(path)
    await serving.stop([running])
    return answer.status_code != 404
