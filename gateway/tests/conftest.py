"""A gateway and two services behind it, each a real server on a real socket."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response, StreamingResponse

from chassis.tokens import TokenIssuer
from gateway.app import create_gateway
from gateway.protocol import bounded_protocol
from gateway.settings import GatewaySettings

ISSUER, AUDIENCE = "https://issuer.example", "plumbline"
ANYTHING = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
DEADLINE_S = 10.0


class Served:
    """A uvicorn server in a thread of its own, on a free port of loopback."""

    def __init__(self, config: Callable[[int], uvicorn.Config], port: int = 0) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.port: int = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = uvicorn.Server(config(self.port))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)

    def __enter__(self) -> Served:
        self.thread.start()
        eventually(lambda: self.server.started, "the server has not started")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(DEADLINE_S)
        self.socket.close()
        assert not self.thread.is_alive()


def eventually(holds: Callable[[], Any], message: str) -> Any:
    """What `holds` returns as soon as it is true; fails at the deadline."""
    ends = time.monotonic() + DEADLINE_S
    while time.monotonic() < ends:
        if found := holds():
            return found
        threading.Event().wait(0.01)
    raise AssertionError(message)


def served_app(app: Any, **options: Any) -> Served:
    """An ordinary application, served."""
    return Served(
        lambda _: uvicorn.Config(
            app, log_level="critical", loop="uvloop", ws="none", timeout_graceful_shutdown=1, **options
        )
    )


class Workload(BaseModel):
    """A shape that two services both have, with different fields."""

    points: float


class Measure(BaseModel):
    workload: Workload


def make_service(name: str, state: dict[str, Any]) -> FastAPI:
    """A service that tells what reached it."""
    app = FastAPI(title=name)
    state.update(ready=True, calls=[], streams_closed=0, seen_bodies=[])

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> Response:
        return Response(status_code=200 if state["ready"] else 503)

    @app.api_route(f"/v1/{name}/echo/{{rest:path}}", methods=ANYTHING, include_in_schema=False)
    async def echo(request: Request) -> Response:
        body = await request.body()
        told = {
            "method": request.method,
            "raw_path": request.scope["raw_path"].decode(),
            "query": request.scope["query_string"].decode(),
            "headers": [[key.decode(), value.decode("latin-1")] for key, value in request.scope["headers"]],
            "size": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        state["calls"].append(told)
        extra = {
            "x-internal": "secret",
            "server": "hidden",
            "etag": '"7"',
            "set-cookie": "a=b",
            "connection": "x-secret",
        }
        return JSONResponse(told, headers=extra)

    @app.get(f"/v1/{name}/status/{{code}}", include_in_schema=False)
    async def status(code: int) -> Response:
        return Response(status_code=code, headers={"location": f"/v1/{name}/elsewhere"})

    add_trouble(app, name)
    return app


def add_trouble(app: FastAPI, name: str) -> None:
    """Answers that are slow, large, or never finished."""

    @app.get(f"/v1/{name}/slow", include_in_schema=False)
    async def slow() -> Response:
        await asyncio.sleep(30)
        return Response()

    @app.get(f"/v1/{name}/big", include_in_schema=False)
    async def big(size: int) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(size // 65536):
                yield b"x" * 65536

        return StreamingResponse(pieces(), media_type="application/octet-stream")

    @app.get(f"/v1/{name}/breaks-off", include_in_schema=False)
    async def breaks_off() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"the beginning"
            await asyncio.sleep(0.05)
            raise ConnectionResetError

        return StreamingResponse(pieces(), media_type="text/plain")


def make_allocation(state: dict[str, Any]) -> FastAPI:
    """A service with an operation of its own shape."""
    app = make_service("allocation", state)

    @app.get("/v1/allocation/workload", operation_id="get_workload")
    async def workload() -> Workload:
        """What a worker carries."""
        return Workload(points=95)

    @app.post("/v1/workforce/imports", include_in_schema=False)
    async def unrelated() -> None: ...

    return app


def make_accountability(state: dict[str, Any]) -> FastAPI:
    """A service with the stream, a public operation, and a shape whose name another service has too."""
    app = make_service("accountability", state)

    class Workload(BaseModel):  # the same name on purpose
        percent: int

    class Measure(BaseModel):
        workload: Workload

    @app.get("/v1/accountability/workload", operation_id="get_workload")
    async def workload() -> Measure:
        return Measure(workload=Workload(percent=5))

    @app.post("/v1/accountability/concerns/{kind}", openapi_extra={"security": []})
    async def concern(kind: str, request: Request) -> dict[str, Any]:
        return {"kind": kind, "headers": sorted(request.headers.keys())}

    @app.get("/v1/events")
    async def events(request: Request) -> Response:
        async def stream() -> AsyncIterator[str]:
            try:
                first = int(request.headers.get("last-event-id", "0"))
                for position in range(first + 1, first + 4):
                    yield f"id: {position}\nevent: worker\ndata: {{}}\n\n"
                while True:
                    await asyncio.sleep(0.05)
                    yield ": still here\n\n"
            finally:
                state["streams_closed"] += 1

        return StreamingResponse(stream(), media_type="text/event-stream", headers={"cache-control": "no-cache"})

    return app


class Stage:
    """The gateway under test with its services and its issuer of tokens."""

    def __init__(self, issuer: TokenIssuer, services: dict[str, Served], states: dict[str, dict[str, Any]]) -> None:
        self.issuer = issuer
        self.services = services
        self.states = states

    def settings(self, **changes: Any) -> GatewaySettings:
        """Settings that point at the services."""
        given: dict[str, Any] = {
            "upstreams": {name: served.url for name, served in self.services.items()},
            "oidc_issuer": ISSUER,
            "oidc_audience": AUDIENCE,
            "oidc_jwks": self.issuer.jwks(),
            "health_max_age_s": 0.0,
            "health_interval_s": 0.2,
            "address_rate_per_second": 0,
            "log_level": "CRITICAL",
            **changes,
        }
        return GatewaySettings(**given)

    @contextmanager
    def gateway(self, **changes: Any) -> Iterator[Served]:
        """A running gateway."""
        settings = self.settings(**changes)
        app = create_gateway(settings)
        with served_app(app, http=bounded_protocol(settings), access_log=False, server_header=False) as served:
            yield served

    def bearer(self, *roles: str, subject: str | None = None) -> dict[str, str]:
        """The headers of a caller."""
        token = self.issuer.issue(list(roles) or ["reporting"], subject=subject)
        return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    states: dict[str, dict[str, Any]] = {"allocation": {}, "accountability": {}}
    allocation = served_app(make_allocation(states["allocation"]))
    accountability = served_app(make_accountability(states["accountability"]))
    with allocation, accountability:
        yield Stage(
            TokenIssuer.generate(ISSUER, AUDIENCE), {"allocation": allocation, "accountability": accountability}, states
        )


@pytest.fixture(scope="session")
def gateway(stage: Stage) -> Iterator[Served]:
    """The gateway most tests share."""
    with stage.gateway() as served:
        wait_until_ready(served)
        yield served


@pytest.fixture
def http(gateway: Served, stage: Stage) -> Iterator[httpx.Client]:
    """A caller with a valid token."""
    with httpx.Client(base_url=gateway.url, headers=stage.bearer(), timeout=DEADLINE_S) as client:
        yield client


@pytest.fixture
def demo_key(tmp_path: Path) -> str:
    """A file with a private key for demonstration tokens."""
    file = tmp_path / "demo.jwk"
    file.write_text(TokenIssuer.generate(ISSUER, AUDIENCE).private_jwk())
    return str(file)


def wait_until_ready(served: Served) -> None:
    eventually(lambda: httpx.get(f"{served.url}/health/ready").status_code == 200, "the gateway does not become ready")


def raw(served: Served, request: bytes, *, timeout_s: float = 5.0) -> bytes:
    """Everything that comes back on one connection for these bytes, until it closes or falls silent."""
    with closing(socket.create_connection(("127.0.0.1", served.port), timeout=timeout_s)) as connection:
        connection.sendall(request)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """What a connection says until it closes or falls silent."""
    answer = b""
    try:
        while piece := connection.recv(65536):
            answer += piece
            connection.settimeout(0.3)
    except (TimeoutError, ConnectionResetError):
        pass
    return answer
